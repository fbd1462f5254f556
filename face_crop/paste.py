"""Putting a drawn portrait back where its crop was cut from. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from face_crop.align import Frame, Matrix, inverse, shrunk

FEATHER = 0.3
"""Width of the mask's soft edge, as a share of its half side."""
ROUNDNESS = 2.6
"""Exponent of the superellipse |x|^p + |y|^p = 1: 2 is a circle, which cuts hair off at the corners; a square shows."""

Mask = npt.NDArray[np.float32]


@lru_cache(maxsize=16)
def soft_mask(size: int) -> Mask:
    """How much of the portrait shows where: a superellipse that fills the crop, with a feathered edge.

    The share falls from 1 to 0 along Perlin's smootherstep over `FEATHER`, whose first and second derivatives vanish
    at both ends: the eye sees a kink in a gradient as a line (Mach band).

    Args:
        size: side of the crop in pixels, at least 1.

    Returns:
        float32 [size, size], 0 .. 1, exactly 0 on the border of a crop of 3 pixels and more; read-only, shared by all
        callers.
    """
    if size < 1:
        raise ValueError(f"a mask's size must be at least 1 pixel, got {size}")
    across = np.abs(np.linspace(-1, 1, size)) if size > 1 else np.zeros(1)
    power = across**ROUNDNESS
    radius = (power[:, None] + power[None, :]) ** (1 / ROUNDNESS)  # [S,S], 1 on the superellipse
    inside = np.clip((1 - radius) / FEATHER, 0, 1)
    mask = (inside**3 * (inside * (inside * 6 - 15) + 10)).astype(np.float32)
    mask.setflags(write=False)
    return mask


def paste_back(
    frame: Frame, portrait: Frame, crop_from_frame: Matrix, strength: float = 1.0, *, out: Frame | None = None
) -> Frame:
    """Blend a portrait into the frame that its crop came from.

    Only the pixels under the crop are computed; parts of the crop beyond the frame are left out.

    Args:
        frame: RGB uint8 [H, W, 3].
        portrait: RGB uint8 [S, S, 3]; S may differ from the side that `crop_from_frame` was made for only if the
            matrix was scaled to it.
        crop_from_frame: float64 [2, 3], see `face_crop.align.crop_matrix`.
        strength: 0 leaves the frame as it is, 1 shows the portrait alone in the middle of the mask.
        out: where to write the result, as in NumPy; `out=frame` pastes in place and saves the copy of the frame.

    Returns:
        RGB uint8 [H, W, 3]: `out`, or a new array.

    Raises:
        ValueError: on other shapes or dtypes, a strength outside 0 .. 1, or a matrix that cannot be inverted.
    """
    _check(frame, portrait, crop_from_frame, strength)
    if out is None:
        out = frame.copy()
    elif out is not frame:
        np.copyto(out, frame)
    region = _region(crop_from_frame, portrait.shape[0], frame.shape[0], frame.shape[1])
    if region is None or strength == 0:
        return out
    below = out[region.top : region.bottom, region.left : region.right]
    above, share = _warped(portrait, crop_from_frame, region, strength)
    below[:] = cv2.blendLinear(above, below, share, 1 - share)
    return out


@dataclass(frozen=True)
class _Region:
    """A rectangle of the frame in pixels; right and bottom are excluded."""

    left: int
    top: int
    right: int
    bottom: int


def _region(crop_from_frame: Matrix, size: int, height: int, width: int) -> _Region | None:
    """The part of the frame that the crop covers, or None where they do not meet."""
    frame_from_crop = inverse(crop_from_frame)
    last = size - 1
    corners = np.array([[0, 0, 1], [last, 0, 1], [0, last, 1], [last, last, 1]]) @ frame_from_crop.T  # [4,2]
    left, top = np.maximum(np.floor(corners.min(axis=0)), 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)) + 1, (width, height))
    if left >= right or top >= bottom:
        return None
    return _Region(int(left), int(top), int(right), int(bottom))


def _warped(portrait: Frame, crop_from_frame: Matrix, region: _Region, strength: float) -> tuple[Frame, Mask]:
    """The portrait and its mask as they lie over a region of the frame: uint8 [h,w,3] and float32 [h,w]."""
    # A face much smaller than the crop would skip pixels of the portrait (alias): average them first. Seen from the
    # portrait, the frame is the target, so the matrix that shrinks is the inverse one.
    small, frame_from_small = shrunk(portrait, inverse(crop_from_frame))
    small_from_frame = inverse(frame_from_small)
    small_from_region = small_from_frame.copy()
    small_from_region[:, 2] += small_from_frame[:, :2] @ (region.left, region.top)
    # Four channels at once: OpenCV 5 warps them six times as fast as three (0.25 against 1.5 ms for 560 x 500 pixels).
    masked = cv2.cvtColor(small, cv2.COLOR_RGB2RGBA)
    masked[..., 3] = cv2.convertScaleAbs(soft_mask(small.shape[0]), alpha=255)
    warped = cv2.warpAffine(
        masked,
        small_from_region,
        (region.right - region.left, region.bottom - region.top),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    share = np.asarray(cv2.extractChannel(warped, 3), np.float32) * np.float32(strength / 255)
    return np.asarray(cv2.cvtColor(warped, cv2.COLOR_RGBA2RGB), np.uint8), share


def _check(frame: Frame, portrait: Frame, crop_from_frame: Matrix, strength: float) -> None:
    for name, picture in (("frame", frame), ("portrait", portrait)):
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
            raise ValueError(f"{name}: expected RGB uint8 [H,W,3], got {picture.dtype} {list(picture.shape)}")
    if portrait.shape[0] != portrait.shape[1]:
        raise ValueError(f"portrait: expected a square, got {list(portrait.shape)}")
    if not 0 <= strength <= 1:
        raise ValueError(f"strength: expected 0 .. 1, got {strength}")
    if crop_from_frame.shape != (2, 3) or not abs(np.linalg.det(crop_from_frame[:, :2])) > 1e-12:
        raise ValueError(f"crop_from_frame: expected an invertible [2,3], got {crop_from_frame.tolist()}")
