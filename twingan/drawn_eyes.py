"""Put the eyes of a real drawing into a drawn head: where its own are, in another colour, as open as wanted.

Drawings are L*a*b* [S,S,3] (`twingan.drawn_parts`), S = `brush.SIZE`; places are in sixteenths of the side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from twingan.brush import SIZE, UNIT, Canvas, ellipse, grid, lined, mixed
from twingan.drawn_parts import Lab, Mask, Parts, find
from twingan.dye import moved

LASHES, LOWER_LID, ABOVE, BELOW = -1.15, 1.15, -1.5, 1.75
"""From an eye's centre: its upper and lower line, and up to where skin is stretched when it shuts."""
FALLS, RISES, FADES = 0.62, 0.22, 0.35
"""Parts of an eye's height by which lids come together, and the openness below which a shut eye shows through."""
OWN, CORE = (1.6, 1.2, 1.3), (1.3, 1.0, 1.05)
"""Half width, rise and drop of what a head's own eye covers, and of how far hair gives way: lashes count as hair."""
SHUT_EYE, LID_LINE = (1.3, 0.42, 0.55), (20.0, 12.0, 4.0)
"""Half width, drop and height below the centre of a shut eye's line, and its colour."""
SIZES = (0.85, 1.05)
"""How much smaller and larger eyes are drawn where a head's own are nearer or farther from each other."""
INK, REACH, INNER = 28.0, (1.75, 1.45, 1.4), (0.9, 0.8, 0.8)
"""Distance in L*a*b* from skin of what belongs to an eye; up to where, and where each piece of it must come to."""
SEEN = SIZE // 2
"""Resolution at which eyes are looked for."""
IRIS, ROUND = 0.8, (1.25, 1.55)
"""Radius of a dark iris that is looked for, and of the ring of skin or white beside and below it."""
HEIGHTS, SHIFTS, HALVES = np.arange(6.6, 8.7, 0.125), np.arange(-0.75, 0.76, 0.125), np.arange(1.9, 3.6, 0.125)
"""Where eyes are looked for: y, x of the middle between them from the head's middle, and half their distance."""
SHARP = 0.05
"""Places count by exp(score / SHARP): of drawings that are nearly alike they differ by less than a tenth of a pixel."""

Places = tuple[tuple[float, float], tuple[float, float]]
"""x and y of both eyes' centres, the left of the picture first."""


@dataclass(frozen=True, eq=False)
class DrawnEyes:
    """The eyes of one drawing.

    Attributes:
        parts: of the drawing, RGB of side `SIZE`.
        places: of both eyes.
        shapes: what belongs to each, lashes to lower lid: masks [S,S].
    """

    parts: Parts
    places: Places
    shapes: tuple[Mask, Mask]

    @classmethod
    def of(cls, drawing: npt.NDArray[np.uint8]) -> DrawnEyes:
        """Of RGB uint8 [SIZE,SIZE,3].

        Raises:
            ValueError: its hair cannot be told from its skin, or it has no eyes where heads have them.
        """
        parts = find(drawing)
        if parts is None:
            raise ValueError("hair and skin of this drawing cannot be told apart: name another one")
        off = _off(parts.lab, parts.skin_colour)
        left, right = (_middle(off, place) for place in places(parts.lab, parts.skin_colour))
        return cls(parts, (left, right), (_shape(off, left), _shape(off, right)))

    def onto(self, head: Canvas, hair: Mask, skin: Lab, iris: Lab, openness: tuple[float, float]) -> Canvas:
        """A head with these eyes where its own were.

        Args:
            head: the drawn head.
            hair: where it has hair [S,S], which stays where it hangs beside an eye.
            skin: its colour [3].
            iris: the colour of its eyes [3].
            openness: of each eye, 0 .. 1.
        """
        lab = moved(self.parts.lab, self.parts.skin, self.parts.skin_colour, skin, 0.6)
        there = places(head.lab, skin)
        apart = (there[1][0] - there[0][0]) / (self.places[1][0] - self.places[0][0])
        size = min(max(apart, SIZES[0]), SIZES[1])
        for place, own, shape, much in zip(there, self.places, self.shapes, openness, strict=True):
            coloured = _recoloured(lab, self.parts.skin_colour, own, iris)
            eye, covered = (_carried(picture, own, place, size) for picture in (coloured, shape))
            eye, covered = _lidded(eye, covered, skin, place, much)
            beside = hair * (1 - ellipse(*place, *CORE))
            head = head.under(skin, ellipse(place[0], place[1] + 0.1, *OWN) * (1 - beside))
            head = head.under(eye, covered)
        return head


def places(lab: Lab, skin: Lab) -> Places:
    """Where a drawn head has its eyes: two dark disks, level, with something light beside and below each.

    Args:
        lab: the head [S,S,3].
        skin: its colour [3].
    """
    off = cv2.resize(np.minimum(_off(lab, skin) / 45, 1), (SEEN, SEEN), interpolation=cv2.INTER_AREA)
    like = cv2.filter2D(off, -1, _disk(), borderType=cv2.BORDER_REPLICATE)
    y, shift, half = np.meshgrid(HEIGHTS, SHIFTS, HALVES, indexing="ij")
    rows, left, right = ((at * SEEN / 16).astype(int) for at in (y, 8 + shift - half, 8 + shift + half))
    score = like[rows, left] + like[rows, right]
    weight = np.exp((score - score.max()) / SHARP)
    high, aside, apart = (float((weight * at).sum() / weight.sum()) for at in (y, shift, half))
    return (8 + aside - apart, high), (8 + aside + apart, high)


@cache
def _disk() -> Mask:
    """A filter that finds dark disks."""
    unit = SEEN / 16
    reach = int(ROUND[1] * unit)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1] / unit
    far = np.hypot(x, y)
    disk, ring = far < IRIS, (far > ROUND[0]) & (far <= ROUND[1]) & (y > -0.3)  # above are lashes and hair
    return np.asarray(disk / disk.sum() - ring / ring.sum(), np.float32)


def _off(lab: Lab, skin: Lab) -> Mask:
    return np.asarray(np.linalg.norm(lab - skin, axis=-1), np.float32)


def _middle(off: Mask, place: tuple[float, float]) -> tuple[float, float]:
    """x and y of the middle of an eye that is about there, found ever nearer."""
    x, y = grid()
    for reach in (1.6, 1.3, 1.2, 1.2):
        weight = (off > INK) * (np.hypot(x - place[0], y - place[1]) < reach)
        total = max(float(weight.sum()), 1.0)
        place = (float((x * weight).sum() / total), float((y * weight).sum() / total))
    return place


def _shape(off: Mask, place: tuple[float, float]) -> Mask:
    """The hull of an eye's ink, a little wider and soft.

    Raises:
        ValueError: there is none.
    """
    ink = (off > INK) & (ellipse(*place, *REACH) > 0.5)
    _, pieces = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    own = np.setdiff1d(np.unique(pieces[ellipse(*place, *INNER) > 0.5]), 0)
    points = np.argwhere(np.isin(pieces, own))[:, ::-1].astype(np.int32)
    if len(points) < 3:
        raise ValueError("this drawing has no eyes where heads have them: name another one")
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(points), 255, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(cv2.dilate(mask, np.ones((3, 3), np.uint8)), (0, 0), 0.8) / 255, np.float32)


def _recoloured(lab: Lab, skin: Lab, place: tuple[float, float], iris: Lab) -> Lab:
    """An iris in another colour; its lights, its pupil and the white stay."""
    lightness, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    counts = ellipse(place[0], place[1] + 0.15, 0.95, 1.25, 1.15) * ((_off(lab, skin) - 14) / 14).clip(0, 1)
    counts = counts * np.maximum((90 - lightness) / 15, (chroma - 12) / 8).clip(0, 1)
    vivid = np.minimum(lightness / 35, (100 - lightness) / 45).clip(0, 1.1)[..., None]
    lighter = lightness + iris[0] * np.minimum(lightness / 30, (100 - lightness) / 60).clip(0, 1)
    wanted = np.concatenate([lighter[..., None], iris[1:] * vivid], 2)
    return mixed(lab, wanted, np.asarray(counts, np.float32))


def _carried(picture: Lab, own: tuple[float, float], place: tuple[float, float], size: float) -> Lab:
    """A picture or a mask, so many times as large, what is at `own` at `place`."""
    to = [place[axis] - size * own[axis] for axis in (0, 1)]
    matrix = np.array([[size, 0, to[0] * UNIT], [0, size, to[1] * UNIT]])
    way = cv2.INTER_AREA if size < 1 else cv2.INTER_LINEAR
    warped = cv2.warpAffine(picture, matrix, (SIZE, SIZE), flags=way, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.float32)


def _lidded(eye: Lab, shape: Mask, skin: Lab, place: tuple[float, float], openness: float) -> tuple[Lab, Mask]:
    """An eye whose lids come together, and what it covers; nearly shut it becomes a line."""
    x, y = grid()
    closing, high = 1 - min(max(openness, 0.0), 1.0), LOWER_LID - LASHES
    edges = np.array([ABOVE, LASHES, LOWER_LID, BELOW])
    to = edges + high * closing * np.array([FALLS, FALLS, -RISES, 0])
    rows = np.interp(y[:, 0] - place[1], to, edges) + place[1]
    source = (rows[:, None] * np.ones_like(x) * UNIT).astype(np.float32)
    squeezed, narrow = (
        np.asarray(cv2.remap(picture, x * UNIT, source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
        for picture in (eye, shape)
    )
    lid = ((to[0] + 0.2 - (y - place[1])) / 0.3).clip(0, 1) if closing else np.zeros_like(x)
    squeezed = mixed(squeezed, skin, np.asarray(lid, np.float32))
    if openness >= FADES:
        return squeezed, narrow
    half, drop, low = SHUT_EYE
    along = np.linspace(-1, 1, 31)
    line = np.stack([place[0] + half * along, place[1] + low + drop * (1 - along**2)], 1)
    shut = mixed(np.broadcast_to(skin, eye.shape), np.array(LID_LINE), lined(line, 0.2))
    shows = max(openness, 0.0) / FADES
    covered = np.maximum(lined(line, 0.3) * (1 - shows), narrow * shows)
    return mixed(shut, squeezed, np.full(x.shape, shows, np.float32)), np.asarray(covered, np.float32)
