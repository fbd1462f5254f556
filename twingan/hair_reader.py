"""Reads from a photo what colour somebody's hair has, and whether there is enough of it to tell.

A small network says which pixels are hair, so that the colour is that of the photo's own pixels: one that names colours
errs by more.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from twingan.brush import ramp
from twingan.drawn_colours import colour_within
from twingan.lab import far, to_lab

SEEN, TOLD = 128, 64
"""Side of photos at which it looks, and at which it says where hair is: thin hair is hardly seen at the second."""
WIDTHS = (16, 24, 40, 64)
ENOUGH, MUCH = (0.006, 0.012), (0.045, 0.075)
"""Share of a photo's pixels up to which hair is too little to tell its colour, and from which it is enough; and the
same of hair that need not differ from what is behind: little hair may be a mistake, of somebody who is bald."""
BEHIND, UPPER, UNLIKE = 8, 5, (12.0, 20.0)
"""Of 8 x 8 areas of the photo those along the upper edge, and the upper five along the sides, show what is behind
people; and how far (CIE 1976) the colour of little hair is from all of these at least, and from where on there is no
doubt."""


class HairReader(nn.Module):
    """RGB [N,3,S,S] in -1 .. 1, S = 128 or 256 -> [N,4]: L*, a*, b*, and how sure it is of them, 0 .. 1."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third, last = WIDTHS
        self.down = nn.ModuleList([_layer(3, first, 2), _layer(first, second, 2), _layer(second, third, 2)])
        self.whole = nn.Sequential(_layer(third, last, 2), _layer(last, last), _layer(last, last))
        self.up = nn.ModuleList([_layer(last + third, third), _layer(third + second, second)])
        self.tell = nn.Conv2d(second, 4, 3, 1, 1)

    def forward(self, photo: Tensor) -> Tensor:
        hair, lab = torch.sigmoid(self.logits(photo)), to_lab(shrunk(photo, TOLD))
        colour = colour_within(lab, hair)
        share, apart = functional.avg_pool2d(hair, TOLD), _apart(lab, colour)
        sure = ramp(share, *ENOUGH) * torch.maximum(ramp(share, *MUCH), ramp(apart, *UNLIKE))
        return torch.cat([colour, sure], 1)[:, :, 0, 0]

    def logits(self, photo: Tensor) -> Tensor:
        """Where hair is, before the sigmoid: [N,1,64,64]."""
        seen, kept = shrunk(photo, SEEN), []
        for layer in self.down:
            seen = layer(seen)
            kept.append(seen)
        seen = self.whole(seen)
        for layer, beside in zip(self.up, (kept[2], kept[1]), strict=True):
            seen = layer(torch.cat([functional.interpolate(seen, scale_factor=2.0, mode="nearest"), beside], 1))
        told: Tensor = functional.pixel_shuffle(self.tell(seen), 2)
        return told


def shrunk(picture: Tensor, side: int) -> Tensor:
    """Pictures at so many pixels."""
    return functional.avg_pool2d(picture, picture.shape[-1] // side)


def _apart(lab: Tensor, colour: Tensor) -> Tensor:
    """How far a colour is from the nearest of those behind people [N,1,1,1]."""
    off = far(functional.avg_pool2d(lab, lab.shape[-1] // BEHIND) - colour)
    nearest = [-functional.max_pool2d(-edge, edge.shape[-2:]) for edge in (off[:, :, :1], *_sides(off[:, :, 1:UPPER]))]
    return torch.minimum(nearest[0], torch.minimum(nearest[1], nearest[2]))


def _sides(areas: Tensor) -> tuple[Tensor, Tensor]:
    return areas[..., :1], areas[..., -1:]


def _layer(before: int, width: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.LeakyReLU(0.2))
