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
from twingan.drawn_parts import Lab, skin_of, to_lab
from twingan.eye_places import found
from twingan.face_points import FacePoints, expression
from twingan.likeness import Area

Pictures = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]

EYE = (-0.75, 0.95, -1.0, 1.0)
"""Where an iris is, from the middle of a drawn eye."""
MOUTH: tuple[Area] = ((10.3, 12.3, 7.0, 9.0),)
"""What is below an upper lip; fits `face_crop.align.RECIPE`."""
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
    eyes = [eyes_of(portrait) for portrait in portraits]
    pairs = zip(portraits, of_shut, eyes, strict=True)
    return np.array([float(ink(after, where) <= LEFT_OVER * ink(before, where)) for before, after, where in pairs])


def eyes_of(portrait: Pictures) -> tuple[Area, Area]:
    """Where a portrait has its irises, RGB uint8 [S,S,3]."""
    left, right = (_around(x, y) for x, y in found(portrait))
    return left, right


def _around(x: float, y: float) -> Area:
    top, bottom, left, right = EYE
    return y + top, y + bottom, x + left, x + right


def speaks(portraits: Pictures, of_opened: Pictures) -> Values:
    """1 where the portrait's mouth opens with the person's, else 0: [N]."""
    pairs = zip(portraits, of_opened, strict=True)
    return np.array([float(ink(after, MOUTH) >= MORE + ink(before, MOUTH)) for before, after in pairs])


def ink(portrait: Pictures, areas: tuple[Area, ...]) -> float:
    """How much of areas is not skin, 0 .. 1, of RGB uint8 [S,S,3]."""
    soft = cv2.GaussianBlur(portrait, (0, 0), len(portrait) / 256)
    lab = to_lab(np.asarray(soft, np.uint8))
    seen = np.concatenate([_pixels(lab, area) for area in areas])
    return float((np.linalg.norm(seen - skin_of(lab), axis=-1) / FULL).clip(0, 1).mean())


def _pixels(lab: Lab, area: Area) -> Lab:
    top, bottom, left, right = (round(edge * len(lab) / 16) for edge in area)
    return lab[top:bottom, left:right].reshape(-1, 3)
