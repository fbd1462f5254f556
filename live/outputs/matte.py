"""What of a portrait is character and what is paper: an alpha channel out of the drawing itself. Pure functions.

The characters are drawn on white. White that is connected to the upper or the side borders is paper; white that is
not (eyes, teeth, a shirt that only touches the lower border) is character. Along the edge each pixel is a mixture of
paper and drawing, pixel = alpha * drawing + (1 - alpha) * white, which is solved for alpha with the darkest pixel near
by as the drawing's colour.

The borders of the crop are feathered: narrowly where the paper around the character shows that hair may reach them,
and by the mask of `face_crop.paste.soft_mask` for a portrait without paper, such as that of a photograph.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from face_crop.align import EYES_Y, Frame
from face_crop.paste import soft_mask

PAPER = 232
"""A pixel whose darkest channel is at least this (of 255) may be paper."""
FAINT = 64
"""Strokes hang together where so much of each pixel is drawing."""
EDGE = 2
"""Paper and drawing mix within so many pixels of the paper."""
MARGIN = 0.1
"""Width of the narrow feather, as a share of the side."""
PAPER_AROUND = (0.1, 0.3)
"""Shares of the upper and side borders that are paper: up to the first the wide feather is used, from the second on the
narrow one, between them a blend, so that nothing jumps from frame to frame."""
FACE_RADII = (0.24, 0.30)
"""Half axes of the ellipse that is never paper, in shares of the side; its middle is the face's."""

Alpha = npt.NDArray[np.uint8]


def cut_out(portrait: Frame) -> npt.NDArray[np.uint8]:
    """The character without the paper.

    Args:
        portrait: RGB uint8 [S, S, 3], aligned by `face_crop.align.crop_matrix`.

    Returns:
        RGBA uint8 [S, S, 4], alpha not multiplied in; where the drawing meets the paper, its colours are free of white.
    """
    share = drawn_share(portrait)
    clean = _without_white(portrait, share)
    alpha = cv2.multiply(share, _feather(share), scale=1 / 255)
    return np.asarray(cv2.merge([*cv2.split(clean), alpha]), np.uint8)


def drawn_share(portrait: Frame) -> Alpha:
    """How much of each pixel is drawing rather than paper.

    Args:
        portrait: RGB uint8 [S, S, 3].

    Returns:
        uint8 [S, S]: 0 is paper, 255 drawing.
    """
    red, green, blue = cv2.split(portrait)
    darkest = np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)
    paper = _paper(darkest)
    if not paper.any():
        return np.full(darkest.shape, 255, np.uint8)
    around = np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8)
    band = cv2.dilate(paper, around) > 0
    ink = cv2.erode(darkest, around)
    # alpha = (white - pixel) / (white - ink). Paper far from any ink has none: there "ink" is paper itself.
    depth = 255 - np.minimum(ink, PAPER - 1).astype(np.float32)
    mixed = np.clip((255 - darkest.astype(np.float32) - 4) / depth, 0, 1)
    mixed[ink >= PAPER] = 0
    share = np.where(band, (mixed * 255).astype(np.uint8), np.uint8(255))
    return _joined(np.asarray(cv2.max(share, _face_mask(darkest.shape[0])), np.uint8))


def _joined(share: Alpha) -> Alpha:
    """Without strokes that hang together with the face nowhere."""
    _, pieces = cv2.connectedComponents((share > FAINT).astype(np.uint8), connectivity=4)
    size = len(share)
    own = (pieces == pieces[int(size * EYES_Y), size // 2]).astype(np.uint8)
    near = cv2.dilate(own, np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8))  # its soft edge
    return np.asarray(share * near, np.uint8)


def _paper(darkest: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """uint8 [S, S]: 1 where white is connected to the upper or side borders."""
    size = darkest.shape[0]
    white = np.asarray(darkest >= PAPER, np.uint8)
    # Gaps of a pixel or two in a drawn line let no paper in.
    firm = cv2.erode(white, np.ones((3, 3), np.uint8))
    # One pixel of paper around the upper and side borders joins all the white that touches them.
    joined = cv2.copyMakeBorder(firm, 1, 0, 1, 1, cv2.BORDER_CONSTANT, value=(1,))
    cv2.floodFill(joined, None, (0, 0), (2,), flags=4)
    reached = np.asarray(joined[1:, 1 : size + 1] == 2, np.uint8)
    return np.asarray(cv2.min(cv2.dilate(reached, np.ones((3, 3), np.uint8)), white), np.uint8)


def _without_white(portrait: Frame, share: Alpha) -> Frame:
    """Solve pixel = alpha * drawing + (1 - alpha) * white for the drawing where both mix."""
    mixed = (share > 0) & (share < 255)
    if not mixed.any():
        return portrait
    alpha = share[mixed, None].astype(np.float32) / 255
    clean = portrait.copy()
    clean[mixed] = np.clip(255 - (255 - portrait[mixed].astype(np.float32)) / alpha, 0, 255)
    return clean


def _feather(share: Alpha) -> Alpha:
    """uint8 [S, S]: how much of the crop shows towards its borders."""
    least, most = PAPER_AROUND
    border = np.concatenate([share[0], share[:, 0], share[:, -1]])
    narrow = float(np.clip((np.mean(border == 0) - least) / (most - least), 0, 1))
    wide_mask, narrow_mask = _feathers(share.shape[0])
    return np.asarray(cv2.addWeighted(narrow_mask, narrow, wide_mask, 1 - narrow, 0), np.uint8)


@lru_cache(maxsize=8)
def _feathers(size: int) -> tuple[Alpha, Alpha]:
    """uint8 [S, S] each: the wide feather and the narrow one."""
    wide = np.asarray(np.round(soft_mask(size) * 255), np.uint8)
    inside = np.clip((1 - np.abs(np.linspace(-1, 1, size))) / (2 * MARGIN), 0, 1)
    ramp = inside**2 * (3 - 2 * inside)  # smoothstep
    return wide, np.asarray(np.round(np.minimum(ramp[:, None], ramp[None, :]) * 255), np.uint8)


@lru_cache(maxsize=8)
def _face_mask(size: int) -> Alpha:
    """uint8 [S, S]: 255 in the face, which is never paper however pale it is drawn."""
    mask = np.zeros((size, size), np.uint8)
    middle = (size // 2, round(size * (EYES_Y + 0.12)))
    axes = (round(size * FACE_RADII[0]), round(size * FACE_RADII[1]))
    cv2.ellipse(mask, middle, axes, 0, 0, 360, 255, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(size / 64, 0.5)), np.uint8)
