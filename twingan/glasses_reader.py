"""Reads from a photo whether somebody wears glasses, and how dark their lenses are.

Areas are (top, bottom, left, right) in sixteenths of the side; they fit `face_crop.align.RECIPE`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from twingan.likeness import Area, area_of
from twingan.reader import seeing

AREA: Area = (4.5, 9.5, 2.5, 13.5)
"""Where glasses are."""
SEEN = 128
"""Side of photos at which it looks."""


class GlassesReader(nn.Module):
    """RGB [N,3,S,S] in -1 .. 1, S = 128 or 256 -> [N,2] in 0 .. 1.

    How sure it is that there are glasses, and how dark their lenses are.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen = seeing((1, 2, 2, 2), 5 * 11, 2)

    def logits(self, photo: Tensor) -> Tensor:
        """The same before the sigmoid."""
        told: Tensor = self.seen(functional.avg_pool2d(area_of(photo, AREA), photo.shape[-1] // SEEN))
        return told

    def forward(self, photo: Tensor) -> Tensor:
        return torch.sigmoid(self.logits(photo))
