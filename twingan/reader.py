"""Reads from a photo what somebody does: how open eyes and mouth are, whether they laugh, whose eyes they have.

Areas are (top, bottom, left, right) in sixteenths of the side; they fit `face_crop.align.RECIPE`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from twingan.likeness import Area, area_of

EYES: tuple[Area, Area] = (5.5, 9.0, 4.5, 8.0), (5.5, 9.0, 8.0, 11.5)
"""The left of the picture first."""
MOUTH: Area = (9.25, 13.25, 5.5, 10.5)
COARSER = 4
"""By so much less is seen of the whole face than of eyes and mouth."""
WIDTHS = (24, 32, 48, 64)
DROPPED = 0.2
"""Share of what is seen that training hides."""


class Reader(nn.Module):
    """RGB [N,3,256,256] in -1 .. 1 -> [N,9], see `part.Part.told`; not limited to their ranges.

    One network reads both eyes, the right one mirrored: so a wink is read although few people wink on photos.
    """

    def __init__(self) -> None:
        super().__init__()
        self.eye = seeing((1, 2, 2, 2), 7 * 7, 4)
        self.mouth = seeing((2, 2, 2, 2), 4 * 5, 2)
        self.face = seeing((2, 2, 2, 2), 4 * 4, 2)

    def forward(self, photo: Tensor) -> Tensor:
        left, right = (area_of(photo, area) for area in EYES)
        one, other = self.eye(left), self.eye(right.flip(-1))
        gap_smile, turned_man = self.mouth(area_of(photo, MOUTH)), self.face(functional.avg_pool2d(photo, COARSER))
        iris = (one[:, 1:] + other[:, 1:]) / 2
        return torch.cat([one[:, :1], other[:, :1], gap_smile, turned_man[:, :1], iris, turned_man[:, 1:]], 1)


def seeing(strides: tuple[int, ...], cells: int, says: int) -> nn.Sequential:
    """Convolutions down to so many cells, and the numbers that are read from them."""
    layers: list[nn.Module] = []
    for before, width, stride in zip((3, *WIDTHS), WIDTHS, strides, strict=False):
        layers += [nn.Conv2d(before, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.LeakyReLU(0.2)]
    tell = [
        nn.Flatten(),
        nn.Dropout(DROPPED),
        nn.Linear(WIDTHS[-1] * cells, 64),
        nn.LeakyReLU(0.2),
        nn.Linear(64, says),
    ]
    return nn.Sequential(*layers, *tell)
