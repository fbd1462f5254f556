"""Discriminators that ask of drawings the lines of real ones."""

from __future__ import annotations

import torch
from torch import Tensor, nn

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
        parts: also look at eyes and mouth alone (`twingan.components`).
    """

    def __init__(self, drawings: Domain, device: str, *, parts: bool = False) -> None:
        self.drawings, self.parts = drawings, parts
        judges = {"whole": PixelDiscriminator()} | (components.judges() if parts else {})
        self.judges = nn.ModuleDict(judges).to(device)
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

    def _seen(self, picture: Tensor) -> dict[str, Tensor]:
        """What each discriminator looks at."""
        whole = {"whole": augment.discriminated(picture)}
        return whole | (components.seen(picture) if self.parts else {})


def _flipped(pictures: Tensor) -> Tensor:
    """Every second one on average."""
    chosen = torch.rand(len(pictures), 1, 1, 1, device=pictures.device) < 0.5
    return torch.where(chosen, pictures.flip(-1), pictures)
