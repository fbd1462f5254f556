"""Teach a released graph to draw crisper lines, judged by real drawings.

    python -m twingan.crisp models/human2mine-lite.onnx --config configs/mine.toml \\
        --drawings data/packed/dyed/anime-256 -o runs/mine/crisp.pt

The generator's two finest resolutions learn to draw what the graph draws with its finest details twice as strong,
while a discriminator compares that with real drawings. The graph is enough, no checkpoint is needed; and what can be
seen at a quarter of the size must stay what it is: people keep their colours, eyes and hair.
`python -m twingan.export runs/mine/crisp.pt --drawn 256` makes a graph of the result.
"""

from __future__ import annotations

import argparse
import copy

import torch
from torch import Tensor
from torch.nn import functional

from twingan import augment, losses, warm
from twingan.config import load
from twingan.data import Domain
from twingan.lines import Lines
from twingan.networks import TwinGAN
from twingan.schedule import Averaged, run
from twingan.sharpen import finest
from twingan.train import can_bf16, keep

TAUGHT, KEPT, JUDGED, GRID, DOTS = 0.5, 3.0, 0.2, 5.0, 2.0
"""Weights of the picture with stronger details, of what stays at a quarter of the size, of the discriminator's view,
and of stripes and dots, which it takes for lines."""
MARGIN = 8
"""Pixels along the edges that are not judged: they got a colour of their own."""
FINE, REACH = 0.7, 2
"""Standard deviation in pixels, and reach, of the blur that takes away what is to be twice as strong: the finest
octave of these networks' drawings has half of the contrast that it has in real ones."""
EMA_STEPS = 70
"""Half-life of the averaged student, which is what is kept."""


class Crisper:
    """A frozen network, and its copy that learns.

    Args:
        network: as `warm.fill` makes it of a graph; it is copied.
        sides: at which it looks and draws.
        lines: what judges its drawings.
        device: "cpu" or "cuda".
        bf16: compute in bfloat16.
        rate: Adam's learning rate at the start; it falls to zero along a cosine.
    """

    def __init__(
        self,
        network: TwinGAN,
        sides: warm.Sides,
        lines: Lines,
        device: str = "cpu",
        bf16: bool = False,
        rate: float = 5e-4,
    ) -> None:
        self.teacher = copy.deepcopy(network).to(device).eval().requires_grad_(False)
        self.student = copy.deepcopy(self.teacher)
        self.sides, self.lines, self.device, self.bf16 = sides, lines, device, bf16
        self.source, self.target = network.config.domains
        learning = finest(self.student, sides.drawn).requires_grad_(True)
        optimizer = torch.optim.Adam(learning.parameters(), rate, (0.5, 0.99))
        self.learning = Averaged(self.student, optimizer, rate, EMA_STEPS)

    def step(self, person: Tensor, progress: float) -> float:
        """One update.

        Args:
            person: RGBA [N,4,S,S] in -1 .. 1 of the side at which the network looks.
            progress: 0 .. 1, how much of the run is done.

        Returns:
            The loss.
        """
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
            with torch.no_grad():
                code = self.teacher.encode(augment.camera(person)[0], self.source)
                before = self.teacher.decode(code, self.target, self.sides.drawn).float()
            drawn = self.student.decode(code, self.target, self.sides.drawn).float()
        return self.learning.update(self._loss(drawn, before), progress)

    def _loss(self, drawn: Tensor, before: Tensor) -> Tensor:
        wanted = strengthened(before)
        kept = losses.picture(functional.avg_pool2d(drawn, 4), functional.avg_pool2d(before, 4))
        told = TAUGHT * losses.unlike(drawn, wanted) + KEPT * kept
        return told + JUDGED * self.lines.lack(drawn) + GRID * losses.grid(drawn) + DOTS * losses.dots(drawn, wanted)


def strengthened(drawing: Tensor) -> Tensor:
    """Drawings [N,3,S,S] in -1 .. 1 with their finest details twice as strong."""
    places = torch.arange(-REACH, REACH + 1, device=drawing.device, dtype=drawing.dtype)
    row = torch.softmax(-places.square() / (2 * FINE**2), 0)
    kernel = (row[:, None] * row).expand(drawing.shape[1], 1, -1, -1)
    edged = functional.pad(drawing, (REACH,) * 4, mode="replicate")
    blurred = functional.conv2d(edged, kernel, groups=drawing.shape[1])
    return (2 * drawing - blurred).clamp(-1, 1)


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    config = load(options.config)
    torch.manual_seed(config.seed)
    network = TwinGAN(config.architecture)
    try:
        sides = warm.fill(network, options.graph)
        lines = Lines(Domain(options.drawings, sides.drawn, device=options.device), options.device, MARGIN)
        people = Domain(config.source, sides.encoded, device=options.device)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    crisper = Crisper(network, sides, lines, options.device, can_bf16(options.device), options.rate)
    run(crisper.step, people.draw, options.steps, options.batch, f"{sides.drawn} px")
    keep(crisper.learning.learnt(), sides, options.output)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.crisp", description="Draw crisper lines.")
    warm.add_arguments(parser, steps=600)
    parser.add_argument("--drawings", required=True, help="packed real drawings of the size that is drawn")
    return parser


if __name__ == "__main__":
    main()
