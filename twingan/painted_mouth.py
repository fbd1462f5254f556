"""Paint a mouth of a few curves over a head's own, as open and as merry as wanted.

Pictures are RGB [N,3,H,W] in -1 .. 1; places are in sixteenths of the side.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from twingan.brush import below, ellipse, grid, mixed, stroke, within
from twingan.lab import colour, to_rgb
from twingan.likeness import Area

AREA: Area = (9.75, 13.0, 5.0, 11.0)
"""What is painted on."""
MOUTH = (8.0, 11.3)
"""x and y of its middle; fits `face_crop.align.RECIPE`."""
OWN = (1.7, 0.75, 0.75)
"""Half width, rise and drop of what a head's own mouth covers."""
LIP_LINE, INSIDE, TONGUE, TEETH = (40.0, 23.0, 18.0), (40.0, 38.0, 21.0), (58.0, 38.0, 20.0), (97.0, 0.0, 2.0)
"""Colours, L*a*b*."""
UPPER, LOWER = (0.2, 0.55), (0.17, 0.5)
"""Width of lines, and how full they are. Real drawings have hardly more; thicker ones cost KID."""
PARTS = 0.1
"""Gap from which on lips are fully apart: below, what is between them shows through, as a mouth is not read surely."""


class PaintedMouth(nn.Module):
    """See the module."""

    x: Tensor
    y: Tensor

    def __init__(self) -> None:
        super().__init__()
        x, y = grid(AREA)
        self.register_buffer("x", x)
        self.register_buffer("y", y)

    def forward(self, head: Tensor, skin: Tensor, right: Tensor, gap: Tensor, smile: Tensor) -> Tensor:
        """A head with another mouth.

        Args:
            head: its `AREA`.
            skin: its colour [N,3,1,1].
            right: by how much the mouth is right of the middle [N,1,1,1].
            gap: 0 is closed, 1 wide open [N,1,1,1].
            smile: 0 .. 1 [N,1,1,1].
        """
        x, y = self.x - MOUTH[0] - right, self.y - MOUTH[1]
        head = mixed(head, skin, ellipse(x, y - 0.1, *OWN))
        half, high = 0.5 + 0.3 * smile + 0.2 * gap.clamp_max(0.5), 1.25 * gap
        parted = (gap / PARTS).clamp(0, 1)
        along, ends = x / half, within(x / half)
        upper = -0.3 * high - 0.28 * smile * along.square()
        lower = upper + high * (1 - along.square()).clamp_min(0).sqrt()
        opened = below(upper, y) * parted * ends
        inside = opened * (1 - below(lower, y))
        round_ = (0.5 * high).clamp_min(0.05)
        tongue = inside * ellipse(x, y - 0.85 * high, (0.75 * half).clamp_min(0.05), round_, round_)
        teeth = (
            opened * (1 - below(torch.minimum(upper + 0.22 * high.clamp_max(1), lower), y)) * (2 * smile).clamp_max(1)
        )
        lip = LOWER[1] * stroke(y - lower, along, LOWER[0]) * parted
        for tint, share in ((INSIDE, inside), (TONGUE, tongue), (TEETH, teeth), (LIP_LINE, lip)):
            head = mixed(head, to_rgb(colour(tint)), share)
        return mixed(head, to_rgb(colour(LIP_LINE)), UPPER[1] * stroke(y - upper, along, UPPER[0]))
