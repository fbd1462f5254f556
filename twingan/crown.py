"""Hair that a drawn head lacks on one side of its crown, as it has it on the other.

The lite model drew a white wedge into short dark hair at the upper left. What is paper there and hair in the mirror
image becomes that hair, within the outline of a round head: farther out the sides of real drawings differ, too.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
from torch import Tensor

from twingan.drawn_parts import Mask, Parts, find
from twingan.pixels import to_pictures, to_tensor

CENTRE, REACH, FACE = (8.0, 8.2), (6.6, 7.7), (3.8, 4.0)
"""Middle, half width and height of a head's outline, and of its face and forehead, in sixteenths of the side; fit
`face_crop.align.RECIPE`."""
LOWEST, MIDDLE = (7.2, 8.0), (0.2, 1.0)
"""Rows between which filling ends, and columns from the middle between which it begins."""
LIGHTER, PALE = 20.0, (60.0, 14.0)
"""By how much paper is lighter (L*) than hair, its least lightness, and its most chroma."""


def filled(drawing: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A head with hair on both sides of its crown, RGB uint8 [S,S,3]."""
    parts = find(drawing)
    if parts is None:
        return drawing
    mirrored = parts.hair[:, ::-1]
    lacking = (_paper(parts) * mirrored * _crown(len(drawing)) > 0.4).astype(np.uint8)
    lacking = cv2.morphologyEx(lacking, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(np.uint8)
    wide = cv2.dilate(lacking, np.ones((7, 7), np.uint8)).astype(np.float32)
    share = cv2.GaussianBlur(cv2.GaussianBlur(wide, (0, 0), 1.5) * (mirrored > 0.3), (0, 0), 1.0)[..., None]
    return np.asarray(drawing * (1 - share) + drawing[:, ::-1] * share + 0.5, np.uint8)


def all_filled(drawn: Tensor) -> Tensor:
    """The same of drawings [N,3,S,S] in -1 .. 1."""
    return to_tensor(np.stack([filled(picture) for picture in to_pictures(drawn)]), drawn.device)


def _paper(parts: Parts) -> Mask:
    lightness, chroma = parts.lab[..., 0], np.hypot(parts.lab[..., 1], parts.lab[..., 2])
    least, most = PALE
    light = ((lightness - max(parts.hair_colour[0] + LIGHTER, least)) / 15).clip(0, 1)
    return np.asarray(light * ((most - chroma) / 8).clip(0, 1), np.float32)


@cache
def _crown(size: int) -> Mask:
    """1 where hair may be filled in, 0 elsewhere, soft between below and in the middle."""
    y, x = np.indices((size, size)) * 16 / size
    far = [np.hypot((x - CENTRE[0]) / wide, (y - CENTRE[1]) / high) for wide, high in (REACH, FACE)]
    within = (far[0] < 1) & (far[1] > 1)
    above = ((LOWEST[1] - y) / (LOWEST[1] - LOWEST[0])).clip(0, 1)
    beside = ((np.abs(x - CENTRE[0]) - MIDDLE[0]) / (MIDDLE[1] - MIDDLE[0])).clip(0, 1)
    return np.asarray(within * above * beside, np.float32)
