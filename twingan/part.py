"""What somebody plays, and photos on which they do. See `twingan.acted`, and `twingan.painter` for portraits."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from twingan import face_points, grimaces
from twingan.drawn_parts import Lab, to_lab
from twingan.face_points import LOWER_LIDS, UPPER_LIDS, Photo, Points

BROWN, BLUE, GREEN = (2.0, 20.0, 30.0), (6.0, -4.0, -34.0), (6.0, -26.0, 16.0)
"""Kinds of irises, as they are told: how much lighter than drawn ones, then a* and b*."""
SHADE = 50.0
"""What `Part.told` divides a colour's distance from `BROWN` by."""
MAN = 8
"""Where `Part.told` has this."""
SHUT, OPEN = 0.12, 0.24
"""Height by width (`face_points.Expression.eyes`) of eyes that are drawn shut and quite open."""
CLOSED, WIDE = 0.015, 0.13
"""Openings of mouths (`Expression.mouth`) that are drawn closed and wide open."""
SERIOUS, LAUGHING = 0.005, 0.045
"""`Expression.smile` that is drawn straight, and the most."""
TURN = 1.0
"""Sixteenths by which a face is moved for each of `Expression.turned`."""
SPEAKS, MOST, BLINKS, HALF, WINKS = 0.5, 0.13, 0.4, 0.4, 0.08
"""Shares of people whose mouth is opened (by up to `MOST`) and whose eyes shut, of those half, and one eye only."""


@dataclass(frozen=True)
class Part:
    """What somebody plays.

    Attributes:
        openness: of the eyes, 0 .. 1, the left of the picture first.
        gap, smile: of the mouth, 0 .. 1 each.
        turned: by how much the face is right of its middle, sixteenths of the side.
        iris: colour [3], see `BROWN`.
        man: of whose drawings the eyes are.
    """

    openness: tuple[float, float]
    gap: float
    smile: float
    turned: float
    iris: tuple[float, float, float]
    man: bool

    def told(self) -> list[float]:
        """The same as numbers of about 0 .. 1: 9."""
        shade = [(own - brown) / SHADE for own, brown in zip(self.iris, BROWN, strict=True)]
        return [*self.openness, self.gap, self.smile, self.turned, *shade, float(self.man)]


def played(photo: Photo, points: Points, man: bool, random: np.random.Generator) -> tuple[Photo, Part]:
    """Somebody who does something, or nothing: a photo RGBA uint8 [S,S,4], and what is to be drawn."""
    seen = face_points.expression(points)
    mouth, shares, colour = seen.mouth, [0.0, 0.0], iris(photo, points)
    if random.random() < SPEAKS:
        by = MOST * random.random()
        photo, mouth = grimaces.opened(photo, points, by), mouth + by
    if random.random() < BLINKS:
        share = random.uniform(0.3, 1.0) if random.random() < HALF else 1.0
        shares = [share, share]
        if random.random() < WINKS:
            shares[random.integers(2)] = 0.0
        photo = grimaces.blinked(photo, points, (shares[0], shares[1]))
    natural = _between(sum(seen.eyes) / 2, SHUT, OPEN)
    left, right = (natural * (1 - share) for share in shares)
    gap, smile = _between(mouth, CLOSED, WIDE), _between(seen.smile, SERIOUS, LAUGHING)
    return photo, Part((left, right), gap, smile, TURN * seen.turned, colour, man)


def iris(photo: Photo, points: Points) -> tuple[float, float, float]:
    """Which kind a person's eyes are, or what is between two kinds, from RGB(A) uint8 [S,S,C]."""
    lab = to_lab(np.ascontiguousarray(photo[..., :3]))
    lightness, red, yellow = np.mean([_iris(lab, points, side) for side in (0, 1)], axis=0)
    cool = _sigmoid(2.5 * ((lightness - 24) / 8 - (red - 4.5) / 2))
    green = _sigmoid((yellow - 7) / 1.5)
    mixed = (1 - cool) * np.array(BROWN) + cool * ((1 - green) * np.array(BLUE) + green * np.array(GREEN))
    return float(mixed[0]), float(mixed[1]), float(mixed[2])


def _iris(lab: Lab, points: Points, side: int) -> Lab:
    """Median of what is within the lids and near the middle, neither pupil nor light."""
    size = len(lab)
    upper, lower = (points[list(lids[side])] * size for lids in (UPPER_LIDS, LOWER_LIDS))
    mask = np.zeros(lab.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(np.concatenate([upper, lower[::-1]])).astype(np.int32)], 1)
    near = np.zeros_like(mask)
    middle = (upper[4] + lower[4]) / 2
    cv2.circle(near, (round(float(middle[0])), round(float(middle[1]))), size // 64, 1, -1)
    pixels = lab[(mask & near) > 0]
    if len(pixels) < 8:
        return np.array([15, 6, 8], np.float32)
    pixels = pixels[np.argsort(pixels[:, 0])]
    return np.asarray(np.median(pixels[len(pixels) // 4 : len(pixels) * 4 // 5], 0), np.float32)


def _between(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))


def _sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))
