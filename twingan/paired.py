"""Teach a released graph to draw what people were paired with: real drawings in their colours (`twingan.pairs`).

    python -m twingan.paired models/human2mine-lite.onnx --config configs/mine.toml --people data/packed/human \\
        --pairs data/packed/pairs/human -o runs/mine/paired.pt

All layers learn, and are simply told what to draw: with a few drawings for everybody a network can learn each line of
them. People are moved a little, as they are in front of a camera, but their drawings are not: moving a picture by
fractions of a pixel would soften what is to be learnt. The graph is enough, no checkpoint is needed.
`python -m twingan.export runs/mine/paired.pt --drawn 256` makes a graph of the result.
"""

from __future__ import annotations

import argparse

import torch
from torch import Tensor
from torch.nn import functional

from twingan import augment, features, losses, warm
from twingan.config import load
from twingan.data import Domain
from twingan.networks import TwinGAN
from twingan.pixels import on_white
from twingan.schedule import Averaged, run
from twingan.train import can_bf16, keep

TOLD, SEEN, GRID = 2.0, 0.5, 5.0
"""Weights of the drawing, of it as the feature network sees it, and of stripes."""
SHAPES = 128
"""Side at which that looks."""
TURN, ZOOM, MOVE = 0.03, 0.03, 0.012
"""How much people are moved, see `augment.warp`."""
RATE = 8e-4
"""Adam's learning rate at the start."""
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
        person = augment.warp(self.people.take(who), TURN, ZOOM, MOVE, flip=False)
        return augment.in_place(person), on_white(self.drawings.take(who))


class Pupil:
    """A network that learns its pairs.

    Args:
        network: as `warm.fill` makes it of a graph; it is trained in place.
        drawn: side at which it draws.
        device: "cpu" or "cuda".
        bf16: compute in bfloat16.
        rate: Adam's learning rate at the start; it falls to zero along a cosine.
    """

    def __init__(
        self, network: TwinGAN, drawn: int, device: str = "cpu", bf16: bool = False, rate: float = RATE
    ) -> None:
        self.network = network.to(device).eval()
        self.drawn, self.device, self.bf16 = drawn, device, bf16
        self.source, self.target = network.config.domains
        self.features = features.load().to(device)
        optimizer = torch.optim.Adam(self.network.parameters(), rate, (0.5, 0.99))
        self.learning = Averaged(self.network, optimizer, rate, EMA_STEPS)

    def step(self, pair: Pair, progress: float) -> float:
        """One update; `progress` 0 .. 1 is how much of the run is done. Returns the loss."""
        person, wanted = pair
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
            code = self.network.encode(person, self.source)
            drawn = self.network.decode(code, self.target, self.drawn).float()
            seen = losses.alike(self._seen(drawn), self._seen(wanted))
        loss = TOLD * losses.unlike(drawn, wanted) + SEEN * seen + GRID * losses.grid(drawn)
        return self.learning.update(loss, progress)

    def _seen(self, pictures: Tensor) -> list[Tensor]:
        maps: list[Tensor] = self.features(functional.interpolate(pictures, size=SHAPES, mode="area"))
        return maps


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
    pupil = Pupil(network, sides.drawn, options.device, can_bf16(options.device), options.rate)
    run(pupil.step, pairs.draw, options.steps, options.batch, "paired")
    keep(pupil.learning.learnt(), sides, options.output)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.paired", description="Learn to draw what is paired.")
    warm.add_arguments(parser, steps=2400, rate=RATE)
    parser.add_argument("--people", required=True, help="packed, those of the pairs")
    parser.add_argument("--pairs", required=True, help="of `twingan.pairs`")
    return parser


if __name__ == "__main__":
    main()
