"""Make people on photos shut their eyes or open their mouth.

Portraits look into the camera with open eyes, and most mouths are closed or laugh; who talks and blinks in front of a
webcam is nowhere among them. Columns of pixels are stretched between points of the face (`twingan.face_points`).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from twingan.face_points import CHIN, FOREHEAD, LOWER_LIDS, LOWER_LIP, UPPER_LIDS, Photo, Points

LID, LEFT_OVER = 0.9, 0.08
"""The skin above an eye that becomes its lid, in heights of the open eye, and how much of the eye stays to be seen."""
BELOW_CHIN = 0.08
"""Share of the side below the chin down to which a falling jaw is felt."""
THROAT = (48, 18, 20)
"""RGB between open lips."""

Field = npt.NDArray[np.float32]


def blinked(picture: Photo, points: Points, shares: tuple[float, float]) -> Photo:
    """Let both lids down, the eye on the left of the picture first; see `shut`."""
    for side, share in enumerate(shares):
        picture = shut(picture, points, side, share)
    return picture


def shut(picture: Photo, points: Points, side: int, share: float) -> Photo:
    """Let a lid down.

    Args:
        picture: RGB or RGBA uint8 [S,S,C].
        points: of the face, before anything was done to it.
        side: 0 is the eye on the left of the picture, 1 that on the right.
        share: 0 leaves it open, 1 shuts it.
    """
    size = len(picture)
    x, y = _grid(size)
    upper, lower = (_line(points[list(lids[side])] * size, size) for lids in (UPPER_LIDS, LOWER_LIDS))
    high = np.maximum(lower - upper, 0)
    top = upper - LID * high.max()
    lid = upper + (1 - LEFT_OVER) * share * high
    skin = top + (y - top) * (upper - top) / np.maximum(lid - top, 1e-3)
    eye = upper + (y - lid) * high / np.maximum(lower - lid, 1e-3)
    source = np.where(y < lid, skin, eye)
    return _moved(picture, x, np.where((y > top) & (y < lower) & (high > 0), source, y))


def opened(picture: Photo, points: Points, by: float) -> Photo:
    """Open a mouth further, the jaw goes down with it.

    Args:
        picture: RGB or RGBA uint8 [S,S,C].
        points: of the face.
        by: a share of the face's height.
    """
    size = len(picture)
    x, y = _grid(size)
    lips = points[list(LOWER_LIP)] * size
    lower = _line(lips, size)
    left, right = lips[0, 0], lips[-1, 0]
    drop = by * size * (points[CHIN, 1] - points[FOREHEAD, 1])
    round_ = np.sqrt(np.clip(1 - ((2 * x - left - right) / (right - left)) ** 2, 0, 1)) * drop
    end = (points[CHIN, 1] + BELOW_CHIN) * size
    jaw = lower + (y - lower - round_) * (end - lower) / np.maximum(end - lower - round_, 1e-3)
    below = (y > lower) & (y < end) & (round_ > 0)
    moved = _moved(picture, x, np.where(below, np.maximum(jaw, lower), y))
    dark = _soft(((y > lower) & (y < lower + round_)).astype(np.float32), size)[..., None]
    moved[..., :3] = moved[..., :3] + (np.array(THROAT) - moved[..., :3]) * dark
    return moved


def _grid(size: int) -> tuple[Field, Field]:
    y, x = np.indices((size, size), dtype=np.float32)
    return x, y


def _line(points: npt.NDArray[np.float32], size: int) -> Field:
    """Height of a line through points at each column, [1,S]; beyond its ends that of the ends."""
    order = np.argsort(points[:, 0])
    heights = np.interp(np.arange(size), points[order, 0], points[order, 1])
    return np.asarray(heights[None], np.float32)


def _moved(picture: Photo, x: Field, y: Field) -> Photo:
    moved = cv2.remap(picture, x, y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def _soft(mask: Field, size: int) -> Field:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), size / 250), np.float32)
