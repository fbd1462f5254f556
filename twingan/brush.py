"""Shapes that are painted onto drawn heads of 256 px, soft at their edges, as masks [N,1,H,W] in 0 .. 1.

Places are in sixteenths of the side; x and y [N,1,H,W] (or fewer) are those of pixels, from a shape's middle.
"""

from __future__ import annotations

import torch
from torch import Tensor

from twingan.likeness import Area

SIZE = 256
UNIT = SIZE / 16
SOFT, THIN = 0.3, 0.6
"""Width of an ellipse's edge, in radii, and by how much a line is thinner at its ends."""

Number = Tensor | float


def grid(area: Area) -> Tensor:
    """x and y of an area's pixels, from the picture's corner: [2,1,1,H,W]."""
    top, bottom, left, right = (int(edge * UNIT) for edge in area)
    y, x = torch.meshgrid(torch.arange(top, bottom), torch.arange(left, right), indexing="ij")
    return torch.stack([x, y])[:, None, None] / UNIT


def laid(picture: Tensor, area: Area, part: Tensor) -> Tensor:
    """A picture [N,C,SIZE,SIZE] that has something else in an area."""
    top, bottom, left, right = (int(edge * UNIT) for edge in area)
    rows = picture[:, :, top:bottom]
    middle = torch.cat([rows[..., :left], part, rows[..., right:]], 3)
    return torch.cat([picture[:, :, :top], middle, picture[:, :, bottom:]], 2)


def mixed(below: Tensor, above: Tensor, share: Tensor) -> Tensor:
    """`share` of what is above, the rest from below."""
    return below + (above - below) * share


def near(distance: Tensor, full: float, none: float) -> Tensor:
    """1 up to a distance of `full`, 0 from `none` on."""
    return ((none - distance) / (none - full)).clamp(0, 1)


def ramp(values: Tensor, none: float, full: float) -> Tensor:
    """0 up to `none`, 1 from `full` on."""
    return ((values - none) / (full - none)).clamp(0, 1)


def ellipse(x: Tensor, y: Tensor, wide: Number, up: Number, down: Number) -> Tensor:
    """An egg: half its width, its height above the middle and below it."""
    rise = torch.where(y < 0, y / up, y / down)
    return ((1 - ((x / wide).square() + rise.square()).sqrt()) / SOFT + 0.5).clamp(0, 1)


def below(line: Tensor, y: Tensor) -> Tensor:
    """What is lower than a line, sharp to the pixel."""
    return ((y - line) * UNIT + 0.5).clamp(0, 1)


def stroke(off: Tensor, along: Tensor, width: float) -> Tensor:
    """A line that is thinner towards its ends.

    Args:
        off: how far pixels are above or below it.
        along: where they are along it: -1 and 1 are its ends.
        width: in the middle.
    """
    return line(off, width * (1 - THIN * along.abs()).clamp_min(0)) * within(along)


def line(off: Tensor, width: Number) -> Tensor:
    """A line of that width; `off` as above."""
    return ((width / 2 - off.abs()) * UNIT + 0.5).clamp(0, 1)


def within(along: Tensor) -> Tensor:
    """Between the ends of a line."""
    return ((1 - along.abs()) * UNIT / 2 + 0.5).clamp(0, 1)
