"""Drawn people whose hair, skin and labels are known exactly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twingan.evaluation import face_parts as parts

Pictures = npt.NDArray[np.uint8]

BROWN_HAIR = (90, 60, 40)
LIGHT_SKIN = (230, 190, 165)


def person(
    hair: tuple[int, int, int] = BROWN_HAIR, skin: tuple[int, int, int] = LIGHT_SKIN, size: int = 64, long: bool = False
) -> tuple[Pictures, Pictures]:
    """A picture RGB uint8 [S,S,3] of blocks of colour on white, and its labels [S,S]."""
    picture = np.full((size, size, 3), 255, np.uint8)
    labels = np.zeros((size, size), np.uint8)

    def block(top: float, bottom: float, left: float, right: float, label: int, colour: tuple[int, int, int]) -> None:
        area = np.s_[int(top * size) : int(bottom * size), int(left * size) : int(right * size)]
        picture[area], labels[area] = colour, label

    block(0.1, 1.0 if long else 0.5, 0.2, 0.8, parts.HAIR, hair)
    block(0.35, 0.8, 0.3, 0.7, parts.SKIN, skin)
    block(0.5, 0.6, 0.47, 0.53, parts.NOSE, skin)
    return picture, labels
