"""Discriminators that ask of drawings the lines, or the shapes, of real ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from twingan import augment, features, losses
from twingan.data import Domain
from twingan.discriminators import FeatureDiscriminator, PixelDiscriminator
from twingan.judges import detached

RATE = 5e-4
"""Adam's learning rate."""
SHAPES = 128
"""Side at which shapes are looked at."""


class Critic(ABC):
    """Learns to tell drawings from real ones while these learn from it.

    Args:
        drawings: real ones, in the colours that the others have (`twingan.dye`).
        judge: what learns.
        device: "cpu" or "cuda".
    """

    def __init__(self, drawings: Domain, judge: nn.Module, device: str) -> None:
        self.drawings, self.judge = drawings, judge.to(device)
        self.learning = [value for value in self.judge.parameters() if value.requires_grad]
        self.optimizer = torch.optim.Adam(self.learning, RATE, (0.0, 0.99))

    @abstractmethod
    def seen(self, pictures: Tensor) -> Any:
        """What it looks at of drawings [N,3,S,S] in -1 .. 1."""

    def lack(self, drawn: Tensor) -> Tensor:
        """One update with these drawings [N,3,S,S] in -1 .. 1, then what they lack to real ones: a scalar."""
        return self.lack_of(self.seen(drawn), len(drawn))

    def lack_of(self, seen: Any, count: int) -> Tensor:
        """The same, given what it looks at of so many drawings."""
        # Turning or scaling real drawings by fractions of pixels would soften what is to be learnt.
        real = self.seen(_flipped(self.drawings.draw(count)[:, :3]))
        self._learn(True)
        lost = losses.hinge_discriminator(self.judge(real), self.judge(detached(seen)))
        self.optimizer.zero_grad(set_to_none=True)
        lost.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self._learn(False)
        return losses.hinge_generator(self.judge(seen))

    def _learn(self, on: bool) -> None:
        for parameter in self.learning:
            parameter.requires_grad_(on)


class Lines(Critic):
    """Looks at pixels, but for `margin` of them along the edges."""

    def __init__(self, drawings: Domain, device: str, margin: int = 0) -> None:
        super().__init__(drawings, PixelDiscriminator(), device)
        self.margin = margin

    def seen(self, pictures: Tensor) -> Tensor:
        inside = slice(self.margin, pictures.shape[-1] - self.margin)
        return augment.discriminated(pictures[:, :, inside, inside])


class Shapes(Critic):
    """Looks through a pretrained network (`twingan.features`) at what is seen at `SHAPES` pixels."""

    def __init__(self, drawings: Domain, device: str) -> None:
        super().__init__(drawings, FeatureDiscriminator(features.LiteFeatures.channels, 0, SHAPES), device)
        self.network = features.load().to(device)

    def seen(self, pictures: Tensor) -> list[Tensor]:
        maps: list[Tensor] = self.network(functional.interpolate(pictures, size=SHAPES, mode="area"))
        return maps


def lines_of(drawings: str | None, size: int, device: str) -> Lines | None:
    """A judge with packed real drawings of this size, if any are named; raises as `Domain` does."""
    return Lines(Domain(drawings, size, device=device), device) if drawings else None


def _flipped(pictures: Tensor) -> Tensor:
    """Every second one on average."""
    chosen = torch.rand(len(pictures), 1, 1, 1, device=pictures.device) < 0.5
    return torch.where(chosen, pictures.flip(-1), pictures)
