"""Teach a released graph to draw what people were paired with: real drawings in their colours (`twingan.pairs`).

    python -m twingan.paired models/human2mine-lite.onnx --config configs/mine.toml --people data/packed/human \\
        --pairs data/packed/pairs/human -o runs/mine/paired.pt

All layers learn. What is seen at a quarter of the size must be the drawing; how lines and shapes look say two
discriminators that compare with the drawings of everybody. Told to be the drawing pixel by pixel, networks draw mist:
nobody's photo says where a drawing has a strand of hair. The graph is enough, no checkpoint is needed.
`python -m twingan.export runs/mine/paired.pt --drawn 256` makes a graph of the result.
"""

from __future__ import annotations

import argparse

import torch
from torch import Tensor
from torch.nn import functional

from twingan import augment, losses, warm
from twingan.config import load
from twingan.data import Domain
from twingan.lines import Lines, Shapes
from twingan.networks import TwinGAN
from twingan.pixels import on_white
from twingan.schedule import Averaged, run
from twingan.train import can_bf16, keep

COARSE, FINE, SEEN, RIM = 3.0, 0.3, 0.1, 1.0
"""Weights of the drawing at a quarter of the size, at its own, as the feature network sees it, and of its edges."""
SHAPES, LINES, GRID = 0.5, 1.0, 5.0
"""Weights of what the discriminators say, and of the stripes that one of them takes for lines."""
MARGIN, EDGE = 8, 10
"""Pixels along the edges whose lines are not judged, and that must be the drawing's instead."""
TURN, ZOOM, MOVE = 0.06, 0.05, 0.025
"""How much people and their drawings are moved, see `augment.warp`."""
EMA_STEPS = 100
"""Half-life of the averaged network, which is what is kept."""

Pair = tuple[Tensor, Tensor]
"""People as a camera sees them [N,3,E,E], and their drawings [N,3,D,D], in -1 .. 1."""


class Pairs:
    """People and their drawings.

    Args:
        people: at the side at which the network looks.
        drawings: of `twingan.pairs`, at the side at which it draws.

    Raises:
        ValueError: the drawings were made for other people.
    """

    def __init__(self, people: Domain, drawings: Domain) -> None:
        if people.files != drawings.files:
            raise ValueError("these drawings were made for other people: make them anew with `python -m twingan.pairs`")
        self.people, self.drawings = people, drawings

    def draw(self, count: int) -> Pair:
        """A batch, drawn by weight."""
        who = self.drawings.choose(count)
        by = augment.moves(count, self.people.pictures.device, TURN, ZOOM, MOVE)
        person, drawing = (augment.warped(domain.take(who), by) for domain in (self.people, self.drawings))
        return augment.in_place(person), on_white(drawing)


class Pupil:
    """A network that learns its pairs.

    Args:
        network: as `warm.fill` makes it of a graph; it is trained in place.
        drawn: side at which it draws.
        drawings: real ones that its own are compared with: all of the pairs.
        device: "cpu" or "cuda".
        bf16: compute in bfloat16.
        rate: Adam's learning rate at the start; it falls to zero along a cosine.
    """

    def __init__(
        self,
        network: TwinGAN,
        drawn: int,
        drawings: Domain,
        device: str = "cpu",
        bf16: bool = False,
        rate: float = 5e-4,
    ) -> None:
        self.network = network.to(device).eval()
        self.drawn, self.device, self.bf16 = drawn, device, bf16
        self.source, self.target = network.config.domains
        self.lines, self.shapes = Lines(drawings, device, MARGIN), Shapes(drawings, device)
        optimizer = torch.optim.Adam(self.network.parameters(), rate, (0.5, 0.99))
        self.learning = Averaged(self.network, optimizer, rate, EMA_STEPS)

    def step(self, pair: Pair, progress: float) -> float:
        """One update; `progress` 0 .. 1 is how much of the run is done. Returns the loss."""
        person, wanted = pair
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
            code = self.network.encode(person, self.source)
            drawn = self.network.decode(code, self.target, self.drawn).float()
            maps = self.shapes.seen(drawn)
            judged = SHAPES * self.shapes.lack_of(maps, len(drawn)) + LINES * self.lines.lack(drawn)
            seen = losses.alike(maps, self.shapes.seen(wanted))
        loss = judged + SEEN * seen + _told(drawn, wanted) + GRID * losses.grid(drawn)
        return self.learning.update(loss, progress)


def _told(drawn: Tensor, wanted: Tensor) -> Tensor:
    """How far pictures are from those that are wanted: above all in the coarse, and at their edges."""
    coarse = losses.picture(functional.avg_pool2d(drawn, 4), functional.avg_pool2d(wanted, 4))
    rim = torch.ones(drawn.shape[-2:], dtype=torch.bool, device=drawn.device)
    rim[EDGE:-EDGE, EDGE:-EDGE] = False
    edges = losses.picture(drawn[:, :, rim], wanted[:, :, rim])
    return COARSE * coarse + FINE * losses.unlike(drawn, wanted) + RIM * edges


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    config = load(options.config)
    torch.manual_seed(config.seed)
    network = TwinGAN(config.architecture)
    try:
        sides = warm.fill(network, options.graph)
        drawings = Domain(options.pairs, sides.drawn, device=options.device)
        pairs = Pairs(Domain(options.people, sides.encoded, device=options.device), drawings)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    pupil = Pupil(network, sides.drawn, drawings, options.device, can_bf16(options.device), options.rate)
    run(pupil.step, pairs.draw, options.steps, options.batch, "paired")
    keep(pupil.learning.learnt(), sides, options.output)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.paired", description="Learn to draw what is paired.")
    warm.add_arguments(parser, steps=4000)
    parser.add_argument("--people", required=True, help="packed, those of the pairs")
    parser.add_argument("--pairs", required=True, help="of `twingan.pairs`")
    return parser


if __name__ == "__main__":
    main()
