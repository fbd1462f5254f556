"""Draw eyes and a mouth into a drawn head, as open or shut as wanted.

Eyes are those of real drawings (`DrawnEyes`), their skin and irises in other colours; mouths are drawn by a few curves.
Drawings are L*a*b* [S,S,3] (`twingan.drawn_parts`), S = `SIZE`; places are in sixteenths of the side and fit
`face_crop.align.RECIPE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from twingan.drawn_parts import Lab, Mask, Parts, find
from twingan.dye import moved

SIZE = 256
UNIT = SIZE / 16
CENTRES = ((4.85, 7.35), (11.15, 7.35))
"""x and y of drawn eyes, the left of the picture first."""
SEARCHED = (3.1, 6.5, 6.7, 8.9)
"""Left, top, right, bottom of where the left eye of a drawing is looked for; the other's area is its mirror image."""
LASHES, LOWER_LID, ABOVE, BELOW = -1.15, 1.15, -1.5, 1.75
"""From an eye's centre: its upper and lower line, and up to where skin is stretched when it shuts."""
FALLS, RISES, FADES = 0.62, 0.22, 0.35
"""Parts of an eye's height by which lids come together, and the openness below which a shut eye shows through."""
WIDE, OUTWARDS, CORE = 2.0, 0.25, (1.7, 1.2, 1.3)
"""Half the width of what is pasted, by how much it reaches farther outwards, and how far hair gives way."""
SHUT_EYE, LID_LINE = (1.3, 0.42, 0.55), (20.0, 12.0, 4.0)
"""Half width, drop and height below the centre of a shut eye's line, and its colour."""
MOUTH = (8.0, 11.05)
LIP_LINE, INSIDE, TONGUE, TEETH = (24.0, 18.0, 12.0), (34.0, 40.0, 22.0), (58.0, 38.0, 20.0), (97.0, 0.0, 2.0)
"""Colours."""
SHIFT, FINE = 4, 16
"""Points of curves are told to a sixteenth of a pixel: 2**4."""

Field = npt.NDArray[np.float32]
Line = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DrawnEyes:
    """The eyes of one drawing.

    Attributes:
        parts: of the drawing, RGB of side `SIZE`.
        centres: x and y of both irises.
        iris: their colour.
    """

    parts: Parts
    centres: tuple[tuple[float, float], tuple[float, float]]
    iris: Lab

    @classmethod
    def of(cls, drawing: npt.NDArray[np.uint8]) -> DrawnEyes:
        """Of RGB uint8 [SIZE,SIZE,3].

        Raises:
            ValueError: its hair cannot be told from its skin.
        """
        parts = find(drawing)
        if parts is None:
            raise ValueError("hair and skin of this drawing cannot be told apart: name another one")
        off = np.linalg.norm(parts.lab - parts.skin_colour, axis=-1)
        left, top, right, bottom = SEARCHED
        areas = ((left, top, right, bottom), (16 - right, top, 16 - left, bottom))
        one, other = (_middle(off, area) for area in areas)
        seen = [_within(parts.lab, x, y) for x, y in (one, other)]
        return cls(parts, (one, other), np.median(np.concatenate(seen), 0))

    def onto(self, head: Lab, hair: Mask, skin: Lab, iris: Lab, openness: tuple[float, float]) -> Lab:
        """A head with these eyes.

        Args:
            head: the drawn head.
            hair: where it has hair [S,S], which stays where it hangs beside an eye.
            skin: its colour [3].
            iris: the colour of its eyes [3].
            openness: of each eye, 0 .. 1.
        """
        lab = moved(self.parts.lab, self.parts.skin, self.parts.skin_colour, skin, 0.6)
        for side, ((x, y), (own_x, own_y)) in enumerate(zip(CENTRES, self.centres, strict=True)):
            outwards = -OUTWARDS if side == 0 else OUTWARDS
            eye = _recoloured(lab, self.parts.skin_colour, (own_x, own_y), iris)
            eye = _carried(eye, x - own_x, y - own_y)
            eye = _lidded(eye, skin, (x, y), openness[side])
            beside = hair * (1 - _ellipse(x + outwards, y, *CORE))
            head = _mixed(head, skin, _ellipse(x + outwards, y + 0.3, WIDE + 0.2, 1.55, 1.9) * (1 - beside))
            head = _mixed(head, eye, _ellipse(x + outwards, y, WIDE, 1.45, 1.5) * (1 - beside))
        return head


def with_mouth(head: Lab, skin: Lab, gap: float, smile: float) -> Lab:
    """A head with another mouth.

    Args:
        head: the drawn head.
        skin: its colour [3].
        gap: 0 is closed, 1 wide open.
        smile: 0 .. 1.
    """
    x, y = MOUTH
    head = _mixed(head, skin, _ellipse(x, y + 0.1, 1.7, 0.75, 0.75))
    half = 0.5 + 0.3 * smile + 0.2 * min(gap, 0.5)
    bend, high = 0.28 * smile, 1.25 * gap
    along = np.linspace(-1, 1, 41)
    upper = y - 0.3 * high - bend * along**2
    lower = upper + high * np.sqrt(1 - along**2)
    across = x + half * along
    if gap > 0.06:
        inside = _filled(_between(across, upper, lower))
        tongue = inside * _ellipse(x, y + 0.85 * high, 0.75 * half, 0.5 * high, 0.5 * high)
        bitten = np.minimum(upper + 0.22 * min(high, 1.0), lower)
        teeth = _filled(_between(across, upper, bitten))
        head = _mixed(head, np.array(INSIDE), inside)
        head = _mixed(head, np.array(TONGUE), tongue)
        head = _mixed(head, np.array(TEETH), teeth * min(1.0, 2 * smile))
        head = _lined(head, np.stack([across, lower], 1), 0.07, LIP_LINE, 0.7)
    return _lined(head, np.stack([across, upper], 1), 0.15, LIP_LINE, 0.85)


@cache
def touched() -> Mask:
    """1 where eyes and a mouth may be drawn, also in a face that is `turned`, and 0 elsewhere, soft between: [S,S]."""
    outwards = (-OUTWARDS, OUTWARDS)
    eyes = [_ellipse(x + out, y + 0.3, WIDE + 0.4, 1.75, 2.1) for (x, y), out in zip(CENTRES, outwards, strict=True)]
    return np.asarray(np.maximum(np.maximum(*eyes), _ellipse(*MOUTH, 1.9, 1.0, 1.2)), np.float32)


def turned(head: Lab, right: float) -> Lab:
    """A head whose face has moved to the right by so many sixteenths, its outline stays."""
    x, y = _grid()
    face = np.exp(-(((x - 8) / 4.2) ** 2) - ((y - 8.8) / 4.5) ** 2)
    places = ((x - right * face) * UNIT).astype(np.float32), (y * UNIT).astype(np.float32)
    return np.asarray(cv2.remap(head, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _middle(off: Mask, area: tuple[float, float, float, float]) -> tuple[float, float]:
    """x and y of what is not skin in an area: the middle of an eye, found ever nearer."""
    left, top, right, bottom = area
    x, y = _grid()
    middle = ((left + right) / 2, (top + bottom) / 2)
    for reach in (1.6, 1.3, 1.2, 1.2):
        weight = (off > 28) * (np.hypot(x - middle[0], y - middle[1]) < reach)
        total = max(float(weight.sum()), 1.0)
        middle = (float((x * weight).sum() / total), float((y * weight).sum() / total))
    return middle


def _within(lab: Lab, x: float, y: float) -> Lab:
    row, column = int(y * UNIT), int(x * UNIT)
    return lab[row - 3 : row + 9, column - 6 : column + 7].reshape(-1, 3)


def _recoloured(lab: Lab, skin: Lab, centre: tuple[float, float], iris: Lab) -> Lab:
    """An iris in another colour; its lights, its pupil and the white stay."""
    lightness = lab[..., 0]
    off = np.linalg.norm(lab - skin, axis=-1)
    counts = _ellipse(centre[0], centre[1] + 0.15, 0.95, 1.25, 1.15)
    counts = counts * ((off - 14) / 14).clip(0, 1) * ((90 - lightness) / 15).clip(0, 1)
    vivid = np.minimum(lightness / 35, (100 - lightness) / 45).clip(0, 1.1)[..., None]
    lighter = lightness + iris[0] * np.minimum(lightness / 30, (100 - lightness) / 60).clip(0, 1)
    wanted = np.concatenate([lighter[..., None], iris[1:] * vivid], 2)
    return _mixed(lab, wanted, counts)


def _lidded(eye: Lab, skin: Lab, centre: tuple[float, float], openness: float) -> Lab:
    """An eye whose lids come together; nearly shut it becomes a line."""
    x, y = _grid()
    closing, high = 1 - min(max(openness, 0.0), 1.0), LOWER_LID - LASHES
    edges = np.array([ABOVE, LASHES, LOWER_LID, BELOW])
    to = edges + high * closing * np.array([FALLS, FALLS, -RISES, 0])
    rows = np.interp(y[:, 0] - centre[1], to, edges) + centre[1]
    source = (rows[:, None] * np.ones_like(x) * UNIT).astype(np.float32)
    squeezed = cv2.remap(eye, x * UNIT, source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lid = ((to[0] + 0.2 - (y - centre[1])) / 0.3).clip(0, 1) if closing else np.zeros_like(x)
    narrow = _mixed(np.asarray(squeezed, np.float32), skin, np.asarray(lid, np.float32))
    if openness >= FADES:
        return narrow
    half, drop, low = SHUT_EYE
    along = np.linspace(-1, 1, 31)
    line = np.stack([centre[0] + half * along, centre[1] + low + drop * (1 - along**2)], 1)
    shut = _lined(np.broadcast_to(skin, eye.shape), line, 0.2, LID_LINE, 1.0)
    return _mixed(shut, narrow, np.full(x.shape, max(openness, 0.0) / FADES, np.float32))


def _carried(lab: Lab, right: float, down: float) -> Lab:
    matrix = np.array([[1, 0, right * UNIT], [0, 1, down * UNIT]])
    return np.asarray(
        cv2.warpAffine(lab, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def _lined(head: Lab, line: Line, width: float, colour: tuple[float, ...], full: float) -> Lab:
    """A head with a line through points (x, y), thinner towards its ends."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    scaled = np.round(line * UNIT * FINE).astype(int)
    for share, one, other in zip(np.linspace(-1, 1, len(scaled) - 1), scaled[:-1], scaled[1:], strict=True):
        thick = max(1, round(width * UNIT * (1 - 0.6 * abs(share))))
        cv2.line(mask, one.tolist(), other.tolist(), 255, thick, cv2.LINE_AA, SHIFT)
    return _mixed(head, np.array(colour), np.asarray(full * mask / 255, np.float32))


def _filled(outline: Line) -> Mask:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(mask, [np.round(outline * UNIT * FINE).astype(np.int32)], 255, cv2.LINE_AA, SHIFT)
    return np.asarray(mask / 255, np.float32)


def _between(x: Line, upper: Line, lower: Line) -> Line:
    """The outline of what is between two lines."""
    return np.concatenate([np.stack([x, upper], 1), np.stack([x, lower], 1)[::-1]])


def _mixed(below: Lab, above: npt.NDArray[Any], share: Mask) -> Lab:
    """Of two pictures, or a picture and a colour: `share` of the second."""
    return np.asarray(below + (above - below) * share[..., None], np.float32)


def _ellipse(x: float, y: float, wide: float, up: float, down: float) -> Mask:
    """1 within, 0 outside, soft between."""
    columns, rows = _grid()
    rise = (rows - y) / np.where(rows < y, max(up, 0.05), max(down, 0.05))
    return np.asarray(((1 - np.hypot((columns - x) / wide, rise)) / 0.3 + 0.5).clip(0, 1), np.float32)


@cache
def _grid() -> tuple[Field, Field]:
    """x and y of all pixels, in sixteenths of the side."""
    y, x = np.indices((SIZE, SIZE), dtype=np.float32) / np.float32(UNIT)
    return x, y
