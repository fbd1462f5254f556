"""Which pixels of a drawn head are hair and which are skin, told by their colours.

Cel drawings are flat: hair has one hue at any lightness, skin one colour and one shadow. Where the two cannot be told
apart, or hair from paper, the drawing is of no use (`Parts.told`). Colours are L*a*b* (L* in 0 .. 100).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Lab = npt.NDArray[np.float32]
Mask = npt.NDArray[np.float32]

PAPER = np.array([100, 0, 0], np.float32)
CHEEKS = ((0.60, 0.68, 0.34, 0.44), (0.60, 0.68, 0.56, 0.66))
TOP = (0.06, 0.26, 0.30, 0.70)
HAIR_SEED = (0.05, 0.30, 0.20, 0.80)
SKIN_SEED = (0.50, 0.72, 0.36, 0.64)
"""Areas (top, bottom, left, right in shares of the side) of a head cropped by `face_crop.align.RECIPE`."""


@dataclass(frozen=True, eq=False)
class Parts:
    """Hair and skin of one drawing.

    Attributes:
        lab: the drawing [S,S,3].
        hair_colour, skin_colour: L*a*b* [3].
        hair, skin: masks [S,S] in 0 .. 1.
    """

    lab: Lab
    hair_colour: Lab
    skin_colour: Lab
    hair: Mask
    skin: Mask

    @property
    def told(self) -> bool:
        """Whether hair and skin were told apart: different enough, and as large as in a portrait."""
        size = len(self.hair)
        hair, skin = self.hair_colour, self.skin_colour
        apart = _norm(skin - hair) > 20 and hair[0] < 87 and skin[0] > 55
        crown = self.hair[size * 4 // 100 : size // 4, size * 3 // 8 : size * 5 // 8].mean() > 0.4
        return bool(apart and crown and 0.1 < self.hair.mean() < 0.7 and 0.06 < self.skin.mean() < 0.45)


def find(drawing: npt.NDArray[np.uint8]) -> Parts | None:
    """Hair and skin of RGB uint8 [S,S,3]; None where nothing above the brows has a hair's colour."""
    lab = to_lab(drawing)
    skin_colour = skin_of(lab)
    hair_colour = _hair_colour(lab, skin_colour)
    if hair_colour is None:
        return None
    off_skin = _off_skin(lab, skin_colour)
    off_paper, paper = _norm(lab - PAPER), float(_norm(skin_colour - PAPER))
    hair = _hair(lab, hair_colour, off_skin) * (1 - _near(off_paper, 4, 9))
    hair *= _joined(hair > 0.35, HAIR_SEED)
    skin = _near(off_skin, 12, 20) * (1 - _near(off_paper, 0.3 * paper, 0.6 * paper)) * (1 - hair)
    skin[: len(skin) * 12 // 100] = 0
    skin *= _joined(skin > 0.4, SKIN_SEED)
    return Parts(lab, hair_colour, skin_colour, hair, skin)


def skin_of(lab: Lab) -> Lab:
    """The median colour of a drawn head's cheeks [3]."""
    return np.asarray(np.median(np.concatenate([_area(lab, cheek) for cheek in CHEEKS]), 0), np.float32)


def to_lab(picture: npt.NDArray[np.uint8]) -> Lab:
    """RGB uint8 [...,3] of a picture -> L*a*b* (D65)."""
    return np.asarray(cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)


def colour_to_lab(colour: Sequence[float]) -> Lab:
    """RGB in 0 .. 1 of one colour -> L*a*b* [3]."""
    return np.asarray(cv2.cvtColor(np.array([[colour]], np.float32), cv2.COLOR_RGB2Lab)[0, 0], np.float32)


def to_picture(lab: npt.NDArray[np.floating]) -> npt.NDArray[np.uint8]:
    """L*a*b* [S,S,3] -> RGB uint8 [S,S,3]; what no screen can show is cut off."""
    rgb = cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_Lab2RGB)
    return np.asarray(rgb.clip(0, 1) * 255 + 0.5, np.uint8)


def _hair_colour(lab: Lab, skin: Lab) -> Lab | None:
    """The commonest colour at the top of the head that is neither paper nor skin: a median that sheds its outliers."""
    pixels = _area(lab, TOP)
    pixels = pixels[(pixels[:, 0] < 93) & (_norm(pixels - skin) > 14)]
    if len(pixels) < 0.02 * len(_area(lab, TOP)):
        return None
    colour = np.median(pixels, 0)
    for _ in range(3):
        off = _norm((pixels - colour) * np.array([0.6, 1, 1]))
        colour = np.median(pixels[off <= np.percentile(off, 60)], 0)
    return np.asarray(colour, np.float32)


def _hair(lab: Lab, colour: Lab, off_skin: Mask) -> Mask:
    """What has the hue of the hair at any lightness (chroma shrinks towards black and white) and is not skin."""
    lightness, own = lab[..., 0], colour[0]
    shrink = np.minimum(lightness / max(own, 15), (100 - lightness) / max(100 - own, 15)).clip(0.15, 1.3)
    off_hue = np.hypot(lab[..., 1] - colour[1] * shrink, lab[..., 2] - colour[2] * shrink)
    chroma = float(np.hypot(colour[1], colour[2]))
    hair = _near(off_hue, 14 + 0.25 * chroma, 24 + 0.4 * chroma) * _near(np.abs(lightness - own), 45, 70)
    off_hair = np.hypot(0.9 * off_hue, 0.35 * (lightness - own))
    return np.asarray(hair * ((off_skin - off_hair) / 8 + 0.5).clip(0, 1), np.float32)


def _off_skin(lab: Lab, colour: Lab) -> Mask:
    """Distance to the skin's colour or that of its shadow, whichever is nearer."""
    shadow = np.array([colour[0] * 0.82, colour[1] + 8, colour[2] + 6])
    weight = np.array([0.8, 1, 1])
    return np.asarray(np.minimum(_norm((lab - colour) * weight), _norm((lab - shadow) * weight)), np.float32)


def _joined(mask: npt.NDArray[np.bool_], area: tuple[float, float, float, float]) -> Mask:
    """1 where a mask hangs together with a piece of it that lies in an area, else 0; specks do not count."""
    count, pieces, rows, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    keep = (np.bincount(_area(pieces, area), minlength=count) > 0) & (rows[:, cv2.CC_STAT_AREA] > 0.002 * mask.size)
    keep[0] = False
    return np.asarray(cv2.dilate(np.asarray(keep[pieces], np.float32), np.ones((3, 3), np.uint8)), np.float32)


def _area(picture: npt.NDArray[Any], area: tuple[float, float, float, float]) -> npt.NDArray[Any]:
    """Its pixels in a row, [n] or [n,C]."""
    size = len(picture)
    top, bottom, left, right = (int(share * size) for share in area)
    return np.asarray(picture[top:bottom, left:right].reshape(-1, *picture.shape[2:]))


def _near(distance: npt.NDArray[Any], full: float, none: float) -> Mask:
    """1 up to a distance of `full`, 0 from `none` on."""
    return np.asarray(((none - distance) / (none - full)).clip(0, 1), np.float32)


def _norm(difference: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.asarray(np.linalg.norm(difference, axis=-1))
