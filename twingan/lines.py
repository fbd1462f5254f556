"""Discriminators that ask of drawings the lines, or the eyes and mouths, of real ones."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from twingan import augment, components, losses
from twingan.data import Domain
from twingan.discriminators import PixelDiscriminator

RATE = 5e-4
"""Adam's learning rate."""


class Lines:
    """Learns to tell drawings from real ones while these learn from it.

    Args:
        drawings: real ones, in the colours that the others have (`twingan.dye`).
        device: "cpu" or "cuda".
    """

    def __init__(self, drawings: Domain, device: str) -> None:
        self.drawings = drawings
        self.judges = nn.ModuleDict(self._judges()).to(device)
        self.optimizer = torch.optim.Adam(self.judges.parameters(), RATE, (0.0, 0.99))

    def lack(self, drawn: Tensor) -> Tensor:
        """One update with these drawings [N,3,S,S] in -1 .. 1, then what they lack to real ones: a scalar."""
        # Turning or scaling real drawings by fractions of pixels would soften what is to be learnt.
        real = self._seen(_flipped(self.drawings.draw(len(drawn))[:, :3]))
        seen = self._seen(drawn)
        self.judges.requires_grad_(True)
        lost = [
            losses.hinge_discriminator(judge(real[name]), judge(seen[name].detach()))
            for name, judge in self.judges.items()
        ]
        self.optimizer.zero_grad(set_to_none=True)
        torch.stack(lost).sum().backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.judges.requires_grad_(False)
        return torch.stack([losses.hinge_generator(judge(seen[name])) for name, judge in self.judges.items()]).sum()

    def _judges(self) -> dict[str, PixelDiscriminator]:
        return {"whole": PixelDiscriminator()}

    def _seen(self, picture: Tensor) -> dict[str, Tensor]:
        """What each discriminator looks at."""
        return {"whole": augment.discriminated(picture)}


class Parts(Lines):
    """Sees eyes and mouths only (`twingan.components`), as they are and at half the size."""

    def _judges(self) -> dict[str, PixelDiscriminator]:
        return {f"{name}/{size}": judge for size in (1, 2) for name, judge in components.judges().items()}

    def _seen(self, picture: Tensor) -> dict[str, Tensor]:
        return {
            f"{name}/{size}": part
            for size in (1, 2)
            for name, part in components.seen(functional.avg_pool2d(picture, size)).items()
        }


def lines_of(drawings: str | None, size: int, device: str) -> Lines | None:
    """A judge with packed real drawings of this size, if any are named; raises as `Domain` does."""
    return Lines(Domain(drawings, size, device=device), device) if drawings else None


def _flipped(pictures: Tensor) -> Tensor:
    """Every second one on average."""
    chosen = torch.rand(len(pictures), 1, 1, 1, device=pictures.device) < 0.5
    return torch.where(chosen, pictures.flip(-1), pictures)
