"""A discriminator that asks of drawings the lines of real ones."""

from __future__ import annotations

import torch
from torch import Tensor

from twingan import augment, losses
from twingan.data import Domain
from twingan.discriminators import PixelDiscriminator

RATE = 5e-4
"""Adam's learning rate."""


class Lines:
    """Learns to tell drawings from real ones while these learn from it.

    Args:
        drawings: real ones, in the colours that the others have (`twingan.dye`).
        device: "cpu" or "cuda".
        margin: pixels along the edges that it does not look at.
    """

    def __init__(self, drawings: Domain, device: str, margin: int = 0) -> None:
        self.drawings, self.margin = drawings, margin
        self.judge = PixelDiscriminator().to(device)
        self.optimizer = torch.optim.Adam(self.judge.parameters(), RATE, (0.0, 0.99))

    def lack(self, drawn: Tensor) -> Tensor:
        """One update with these drawings [N,3,S,S] in -1 .. 1, then what they lack to real ones: a scalar."""
        # Turning or scaling real drawings by fractions of pixels would soften what is to be learnt.
        real = augment.discriminated(self._within(_flipped(self.drawings.draw(len(drawn))[:, :3])))
        seen = augment.discriminated(self._within(drawn))
        self.judge.requires_grad_(True)
        lost = losses.hinge_discriminator(self.judge(real), self.judge(seen.detach()))
        self.optimizer.zero_grad(set_to_none=True)
        lost.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.judge.requires_grad_(False)
        return losses.hinge_generator(self.judge(seen))

    def _within(self, pictures: Tensor) -> Tensor:
        inside = slice(self.margin, pictures.shape[-1] - self.margin)
        return pictures[:, :, inside, inside]


def lines_of(drawings: str | None, size: int, device: str) -> Lines | None:
    """A judge with packed real drawings of this size, if any are named; raises as `Domain` does."""
    return Lines(Domain(drawings, size, device=device), device) if drawings else None


def _flipped(pictures: Tensor) -> Tensor:
    """Every second one on average."""
    chosen = torch.rand(len(pictures), 1, 1, 1, device=pictures.device) < 0.5
    return torch.where(chosen, pictures.flip(-1), pictures)
