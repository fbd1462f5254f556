"""The eyes of a real drawing, cut out so that they can be put into other drawn heads (`twingan.painted_eyes`).

Drawings are L*a*b* [S,S,3] (`twingan.drawn_parts`), S = `brush.SIZE`; places are in sixteenths of the side.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from twingan.brush import SIZE, UNIT, ellipse, grid
from twingan.drawn_parts import Lab, Mask, Parts, find
from twingan.eye_places import found

INK, REACH, INNER = 28.0, (1.75, 1.45, 1.4), (0.9, 0.8, 0.8)
"""Distance in L*a*b* from skin of what belongs to an eye; up to where, and where each piece of it must come to."""
IRIS = (0.95, 1.25, 1.15)
"""Half width, rise and drop of an iris, and of what of an eye may have another colour."""
CUT = (-1.75, 2.0, -2.25, 2.25)
"""Top, bottom, left and right of what is cut out, from an eye's middle."""


@dataclass(frozen=True, eq=False)
class DrawnEyes:
    """The eyes of one drawing.

    Attributes:
        skin: its colour, L*a*b* [3].
        apart: the distance between them.
        cut: both, the left of the picture first [2,6,H,W] of size `CUT`: L*a*b*, then masks of what belongs to the
            iris, to the eye with its lashes, and of skin.
    """

    skin: Lab
    apart: float
    cut: npt.NDArray[np.float32]

    @classmethod
    def of(cls, drawing: npt.NDArray[np.uint8]) -> DrawnEyes:
        """Of RGB uint8 [SIZE,SIZE,3].

        Raises:
            ValueError: its hair cannot be told from its skin, or it has no eyes where heads have them.
        """
        parts = find(drawing)
        if parts is None:
            raise ValueError("hair and skin of this drawing cannot be told apart: name another one")
        off = np.asarray(np.linalg.norm(parts.lab - parts.skin_colour, axis=-1), np.float32)
        left, right = (_middle(off, place) for place in found(drawing))
        cut = np.stack([_cut(parts, off, place) for place in (left, right)])
        return cls(parts.skin_colour, right[0] - left[0], cut)


def _middle(off: Mask, place: tuple[float, float]) -> tuple[float, float]:
    """x and y of the middle of an eye that is about there, found ever nearer."""
    y, x = np.indices(off.shape) / UNIT
    for reach in (1.6, 1.3, 1.2, 1.2):
        weight = (off > INK) * (np.hypot(x - place[0], y - place[1]) < reach)
        total = max(float(weight.sum()), 1.0)
        place = (float((x * weight).sum() / total), float((y * weight).sum() / total))
    return place


def _cut(parts: Parts, off: Mask, place: tuple[float, float]) -> npt.NDArray[np.float32]:
    layers = [*np.moveaxis(parts.lab, 2, 0), _iris(parts.lab, off, place), _shape(off, place), parts.skin]
    top, bottom, left, right = (round(edge * UNIT) for edge in CUT)
    matrix = np.array([[1, 0, -place[0] * UNIT - left], [0, 1, -place[1] * UNIT - top]], np.float64)
    side = right - left, bottom - top
    cuts = [
        cv2.warpAffine(np.ascontiguousarray(layer), matrix, side, borderMode=cv2.BORDER_REPLICATE) for layer in layers
    ]
    return np.asarray(np.stack(cuts), np.float32)


def _iris(lab: Lab, off: Mask, place: tuple[float, float]) -> Mask:
    """What may have another colour: not its lights, and not the white."""
    lightness, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    coloured = np.maximum((90 - lightness) / 15, (chroma - 12) / 8).clip(0, 1)
    return np.asarray(_egg(place[0], place[1] + 0.15, IRIS) * ((off - 14) / 14).clip(0, 1) * coloured, np.float32)


def _shape(off: Mask, place: tuple[float, float]) -> Mask:
    """The hull of an eye's ink, a little wider and soft.

    Raises:
        ValueError: there is none.
    """
    ink = (off > INK) & (_egg(*place, REACH) > 0.5)
    _, pieces = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    own = np.setdiff1d(np.unique(pieces[_egg(*place, INNER) > 0.5]), 0)
    points = np.argwhere(np.isin(pieces, own))[:, ::-1].astype(np.int32)
    if len(points) < 3:
        raise ValueError("this drawing has no eyes where heads have them: name another one")
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(points), 255, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(cv2.dilate(mask, np.ones((3, 3), np.uint8)), (0, 0), 0.8) / 255, np.float32)


def _egg(x: float, y: float, shape: tuple[float, float, float]) -> Mask:
    """`brush.ellipse` about a place [S,S]."""
    columns, rows = grid((0, 16, 0, 16))
    return np.asarray(ellipse(columns - x, rows - y, *shape)[0, 0].numpy(), np.float32)
