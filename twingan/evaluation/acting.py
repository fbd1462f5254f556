"""Does the portrait blink and speak with the person? Photos of held-out people are made to (`twingan.grimaces`).

Eyes and mouth are told from skin by colour: what is not skin there is *ink*. It becomes less when drawn eyes shut, and
more when a drawn mouth opens, whatever they look like.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from twingan import grimaces
from twingan.drawn_parts import CHEEKS, to_lab
from twingan.face_points import FacePoints, expression

Pictures = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]

EYES = ((6.9, 8.6, 4.0, 6.0), (6.9, 8.6, 10.0, 12.0))
MOUTH = ((10.3, 12.3, 7.0, 9.0),)
"""Irises, and what is below an upper lip: top, bottom, left, right in sixteenths of the side; they fit
`face_crop.align.RECIPE`."""
FULL = 30.0
"""L*a*b* distance from the skin from which on a pixel is all ink."""
AWAKE, CLOSED = 0.2, 0.03
"""Least openness of eyes, and most of a mouth (`face_points.Expression`), of people who can shut or open them."""
OPENED = 0.1
"""Share of the face's height by which mouths are opened."""
LEFT_OVER, MORE = 0.5, 0.1
"""Most of its eyes' ink that is left where a portrait has shut them; least of a mouth's area that turns to ink."""


def made(people: Pictures, extras: Path) -> tuple[Pictures, Pictures, Values]:
    """People with shut eyes, and with open mouths, RGB uint8 [N,S,S,3] each; and who could do so, [2,N] of 1 and NaN.

    Raises:
        ExtraMissingError: the face mesh is not there.
    """
    points_of = FacePoints(extras)
    shut, opened = np.empty_like(people), np.empty_like(people)
    able = np.ones((2, len(people)))
    for number, photo in enumerate(people):
        points = points_of(photo)
        seen = expression(points)
        shut[number] = grimaces.blinked(photo, points, (1.0, 1.0))
        opened[number] = grimaces.opened(photo, points, OPENED)
        able[:, number] = min(seen.eyes) >= AWAKE, seen.mouth <= CLOSED
    return shut, opened, np.where(able > 0, 1.0, np.nan)


def blinks(portraits: Pictures, of_shut: Pictures) -> Values:
    """1 where the portrait's eyes shut with the person's, else 0: [N]."""
    pairs = zip(portraits, of_shut, strict=True)
    return np.array([float(ink(after, EYES) <= LEFT_OVER * ink(before, EYES)) for before, after in pairs])


def speaks(portraits: Pictures, of_opened: Pictures) -> Values:
    """1 where the portrait's mouth opens with the person's, else 0: [N]."""
    pairs = zip(portraits, of_opened, strict=True)
    return np.array([float(ink(after, MOUTH) >= MORE + ink(before, MOUTH)) for before, after in pairs])


def ink(portrait: Pictures, areas: tuple[tuple[float, float, float, float], ...]) -> float:
    """How much of areas is not skin, 0 .. 1, of RGB uint8 [S,S,3]."""
    soft = cv2.GaussianBlur(portrait, (0, 0), len(portrait) / 256)
    lab = to_lab(np.asarray(soft, np.uint8))
    skin = np.median(np.concatenate([_pixels(lab, cheek, len(lab)) for cheek in CHEEKS]), 0)
    seen = np.concatenate([_pixels(lab, area, len(lab) / 16) for area in areas])
    return float((np.linalg.norm(seen - skin, axis=-1) / FULL).clip(0, 1).mean())


def _pixels(
    lab: npt.NDArray[np.float32], area: tuple[float, float, float, float], unit: float
) -> npt.NDArray[np.float32]:
    top, bottom, left, right = (round(edge * unit) for edge in area)
    return lab[top:bottom, left:right].reshape(-1, 3)
