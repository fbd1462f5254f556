"""Teach a trained network to draw at twice the size, from an upscaler's view of its own drawings.

    python -m twingan.sharpen runs/human2anime-lite/last.pt --config configs/human2anime-lite.toml --drawn 128 \\
        --drawings data/packed/dyed/anime-256 -o runs/human2anime-lite/sharp.pt

The last step of progressive growing is the most expensive one for adversarial training. Here the network draws at the
size it has grown to, a pretrained upscaler for anime doubles the drawing, and the generator's two finest resolutions
learn to draw that directly, with everything before them frozen. The encoder goes on looking at the smaller picture.

An upscaler leaves soft strokes soft. With `--drawings` of the larger size a discriminator compares with them, and only
what can be seen at half of the smaller size must be as it was drawn: lines become lines.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from twingan import augment, losses, upscaler
from twingan.config import load
from twingan.data import Domain
from twingan.export import averaged, calibrate, read_checkpoint
from twingan.lines import Lines, lines_of
from twingan.networks import TwinGAN
from twingan.schedule import along_cosine, run
from twingan.train import can_bf16, save

KEPT = 3.0
"""Weight of the drawing averaged down again, which must be what was drawn before: an upscaler alone costs colour."""
JUDGED, GRID = 0.08, 5.0
"""Weights of a discriminator's view, and of the stripes that it takes for lines."""


class Sharpener:
    """A frozen teacher (network and upscaler) and the network that learns from it.

    Args:
        network: trained up to `drawn`, its statistics frozen or calibrated; it is copied.
        drawn: side that the teacher draws at; the student learns twice that.
        device: "cpu" or "cuda".
        bf16: compute in bfloat16.
        rate: Adam's learning rate at the start; it falls to zero along a cosine.
        lines: what judges the drawings, if anything does.
    """

    def __init__(
        self, network: TwinGAN, drawn: int, device: str, bf16: bool, rate: float = 2e-3, lines: Lines | None = None
    ) -> None:
        self.teacher = copy.deepcopy(network).to(device).eval().requires_grad_(False)
        self.student = copy.deepcopy(self.teacher)
        self.upscaler = upscaler.load().to(device)
        self.drawn, self.device, self.bf16 = drawn, device, bf16
        self.source, self.target = network.config.domains
        self.learning = finest(self.student, 2 * drawn)
        self.learning.requires_grad_(True)
        self.optimizer = torch.optim.Adam(self.learning.parameters(), rate, (0.9, 0.99))
        self.rate, self.lines = rate, lines

    @torch.no_grad()
    def begin(self, person: Tensor) -> None:
        """Measure the statistics of the new layers once; from then on they are frozen."""
        self.learning.train()
        for module in self.learning.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = 1.0
        code = self.teacher.encode(augment.camera(person)[0], self.source)
        self.student.decode(code, self.target, 2 * self.drawn)
        self.student.eval()

    def go_on(self, earlier: TwinGAN) -> None:
        """Begin with the finest resolutions of an earlier result, their statistics included."""
        self.learning.load_state_dict(finest(earlier, 2 * self.drawn).state_dict())

    def step(self, person: Tensor, progress: float) -> float:
        """One update.

        Args:
            person: RGBA [N,4,S,S] in -1 .. 1 of side `drawn`.
            progress: 0 .. 1, how much of the run is done.

        Returns:
            The loss.
        """
        along_cosine(self.optimizer, self.rate, progress)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
            with torch.no_grad():
                code = self.teacher.encode(augment.camera(person)[0], self.source)
                small = self.teacher.decode(code, self.target, self.drawn)
                sharp = upscaler.doubled(self.upscaler, small)
            drawn = self.student.decode(code, self.target, 2 * self.drawn)
        loss = self._loss(drawn.float(), sharp, small)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return float(loss.item())

    def _loss(self, drawn: Tensor, sharp: Tensor, small: Tensor) -> Tensor:
        taught = losses.unlike(drawn, sharp)
        if self.lines is None:
            return taught + KEPT * losses.picture(functional.avg_pool2d(drawn, 2), small)
        kept = losses.picture(functional.avg_pool2d(drawn, 4), functional.avg_pool2d(small, 2))
        return taught + KEPT * kept + JUDGED * self.lines.lack(drawn) + GRID * losses.grid(drawn)


def finest(network: TwinGAN, size: int) -> nn.ModuleList:
    """The generator's layers of the two finest resolutions at a picture size."""
    generator, resolution = network.generator, size // network.config.patch
    parts: list[nn.Module] = [generator.exits[str(resolution)]]
    for r in (resolution // 2, resolution):
        parts += [generator.ups[str(r)], generator.convs[str(r)]]
    return nn.ModuleList(parts)


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    config = load(options.config)
    if options.drawn * 2 > config.architecture.size:
        most = config.architecture.size
        raise SystemExit(f"--drawn {options.drawn}: {config.network} draws at most {most}; take less")
    torch.manual_seed(config.seed)
    try:
        lines = lines_of(options.drawings, 2 * options.drawn, options.device)
        people = Domain(config.source, options.drawn, device=options.device)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    state = read_checkpoint(options.checkpoint)
    network = averaged(state, config)
    if not state.get("frozen"):
        calibrate(network, config, options.drawn)
    rate = 5e-4 if lines else 2e-3
    sharpener = Sharpener(network, options.drawn, options.device, can_bf16(options.device), rate, lines)
    if options.begin:
        sharpener.go_on(averaged(read_checkpoint(options.begin), config))
    else:
        sharpener.begin(people.draw(64))
    run(sharpener.step, people.draw, options.steps, options.batch, f"{2 * options.drawn} px")
    sharp = sharpener.student.eval()
    sharpened = {"ema": sharp.cpu().state_dict(), "step": state["step"], "encoded": options.drawn, "frozen": True}
    save(sharpened, options.output)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.sharpen", description="Double the size that is drawn.")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--config", type=Path, required=True, help="the run's TOML file")
    parser.add_argument("--drawn", type=int, required=True, help="side the network has grown to")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=["cpu", "cuda"])
    parser.add_argument("--begin", type=Path, help="an earlier result, where its run was trained a little further")
    parser.add_argument("--drawings", help="packed real drawings of twice --drawn, to judge lines by")
    parser.add_argument("-o", "--output", type=Path, required=True)
    return parser


if __name__ == "__main__":
    main()
