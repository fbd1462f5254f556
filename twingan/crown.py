"""Hair that a drawn head lacks on one side of its crown, as it has it on the other.

The networks learnt to leave a white wedge in short hair at the upper left. What is paper there and hair in the mirror
image becomes that hair, within the outline of a round head. Places are in sixteenths of the side; they fit
`face_crop.align.RECIPE`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from twingan.brush import SIZE, UNIT, mixed
from twingan.eye_places import SEEN
from twingan.lab import far
from twingan.likeness import Area, area_of

AREA: Area = (0.0, 8.0, 0.0, 16.0)
"""What is filled."""
HEAD = (8.0, 5.0, 8.0, 5.5, 4.2)
"""Middle, half width, rise and drop of the outline of a head's hair."""
FACE = (8.0, 8.2, 3.8, 4.0, 4.0)
"""The same of face and forehead."""
LOWEST, MIDDLE = (7.2, 8.0), (0.2, 1.0)
"""Rows between which filling ends, and columns from the middle between which it begins."""
LIGHTER, PALE, CHROMA = 20.0, 60.0, 14.0
"""By how much paper is lighter (L*) than hair, its least lightness, and its most chroma."""
CORE, WEDGE = (1.0, 4.0, 2.0, 6.5), (0.01, 0.02)
"""Where the wedge is (rows, columns; at the right as well), and from which share of half a crown on it is filled, and
over which more: locks that differ from side to side stay as they are."""
LACKING, OTHER = (0.25, 0.25), (0.15, 0.3)
"""What counts as lacking, and as hair in the mirror image: from which value on, and over which width."""

Floats = npt.NDArray[np.float32]


class Crown(nn.Module):
    """Fills it in."""

    above: Tensor
    core: Tensor
    outline: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("above", torch.from_numpy(_above()))
        self.register_buffer("core", torch.from_numpy(_core()))
        self.register_buffer("outline", torch.from_numpy(_outline()))

    def forward(self, head: Tensor, lab: Tensor, hair: Tensor, hair_colour: Tensor) -> Tensor:
        """A head with hair on both sides.

        Args:
            head: RGB in -1 .. 1, and whatever goes with it, [N,C,256,256].
            lab: L*a*b* of its `AREA` at `SEEN` pixels [N,3,64,128].
            hair: where that is hair [N,1,64,128].
            hair_colour: its colour [N,3,1,1].
        """
        other = hair.flip(-1)
        one_sided = _paper(lab, hair_colour) * other * self.above
        lacking = _ramp(functional.avg_pool2d(one_sided, 3, 1, 1), *LACKING) * self._wedge(one_sided)
        share = functional.max_pool2d(lacking, 5, 1, 2) * _ramp(other, *OTHER)
        share = functional.avg_pool2d(share, 3, 1, 1)
        share = functional.interpolate(share, scale_factor=float(SIZE // SEEN), mode="bilinear") * self.outline
        top = area_of(head, AREA)
        return torch.cat([mixed(top, top.flip(-1), share), head[:, :, top.shape[2] :]], 2)

    def _wedge(self, one_sided: Tensor) -> Tensor:
        """Whether there is a wedge in the left and in the right half [N,1,1,128]."""
        half = one_sided.shape[-1] // 2
        amount = functional.avg_pool2d(one_sided * self.core, (one_sided.shape[-2], half))
        return functional.interpolate(_ramp(amount, *WEDGE), scale_factor=(1.0, float(half)), mode="nearest")


def _paper(lab: Tensor, hair_colour: Tensor) -> Tensor:
    least = (hair_colour[:, :1] + LIGHTER).clamp_min(PALE)
    return _ramp(lab[:, :1], least, 15.0) * ((CHROMA - far(lab[:, 1:])) / 8).clamp(0, 1)


def _ramp(values: Tensor, start: float | Tensor, width: float) -> Tensor:
    return ((values - start) / width).clamp(0, 1)


def _places(side: int) -> tuple[Floats, Floats]:
    """x and y of the middles of an area's pixels."""
    y, x = np.mgrid[: int(AREA[1] / 16 * side), :side].astype(np.float32)
    return (x + 0.5) * 16 / side, (y + 0.5) * 16 / side


def _above() -> Floats:
    """1 where hair may be filled in, 0 elsewhere, soft between [1,1,64,128]."""
    x, y = _places(SEEN)
    face = ((_radii(x, y, FACE) - 1) * 4 + 0.5).clip(0, 1)
    beside = ((np.abs(x - HEAD[0]) - MIDDLE[0]) / (MIDDLE[1] - MIDDLE[0])).clip(0, 1)
    rows = ((LOWEST[1] - y) / (LOWEST[1] - LOWEST[0])).clip(0, 1)
    return np.asarray(face * beside * rows, np.float32)[None, None]


def _core() -> Floats:
    """1 in `CORE`, 0 elsewhere [1,1,64,128]."""
    x, y = _places(SEEN)
    top, bottom, near, far_off = CORE
    aside = HEAD[0] - np.abs(x - HEAD[0])
    return np.asarray((y > top) & (y < bottom) & (aside > near) & (aside < far_off), np.float32)[None, None]


def _outline() -> Floats:
    """Within the outline of a head's hair, two pixels soft [1,1,128,256]."""
    inside = 1 - _radii(*_places(SIZE), HEAD)
    return np.asarray((inside * HEAD[2] * UNIT / 2 + 0.5).clip(0, 1), np.float32)[None, None]


def _radii(x: Floats, y: Floats, egg: tuple[float, float, float, float, float]) -> Floats:
    """How far from an egg's middle places are: 1 is on it."""
    middle_x, middle_y, wide, rise, drop = egg
    high = np.where(y < middle_y, rise, drop)
    return np.asarray(np.hypot((x - middle_x) / wide, (y - middle_y) / high), np.float32)
