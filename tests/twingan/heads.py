"""Drawn heads that are simple enough to know what is where."""

from __future__ import annotations

import cv2
import numpy as np

from twingan.brush import SIZE, UNIT

HAIR, SKIN, BLUE, RED = (240, 120, 170), (250, 225, 215), (40, 90, 200), (200, 60, 60)
CENTRES = ((4.85, 7.35), (11.15, 7.35))
NEARER = ((5.85, 7.95), (10.15, 7.95))
"""Other eyes, nearer each other and lower."""

Places = tuple[tuple[float, float], ...]


def drawing(centres: Places = CENTRES, iris: tuple[int, int, int] = BLUE) -> np.ndarray:
    """RGB uint8: pink hair on white paper, a face below a fringe, and eyes with lashes."""
    picture = np.full((SIZE, SIZE, 3), 255, np.uint8)
    cv2.ellipse(picture, (128, 128), (110, 118), 0, 0, 360, HAIR, -1)
    cv2.ellipse(picture, (128, 132), (92, 80), 0, 0, 360, SKIN, -1)
    cv2.rectangle(picture, (40, 30), (216, 78), HAIR, -1)
    for x, y in centres:
        cv2.circle(picture, (round(x * UNIT), round(y * UNIT)), 15, iris, -1)
        cv2.ellipse(picture, (round(x * UNIT), round(y * UNIT)), (22, 18), 0, 180, 360, (40, 20, 20), 4)
    return picture


def around(picture: np.ndarray, x: float, y: float, reach: float = 1.0) -> np.ndarray:
    """The pixels about a place [n,3]."""
    rows, columns = (slice(round((at - reach) * UNIT), round((at + reach) * UNIT)) for at in (y, x))
    return picture[rows, columns].reshape(-1, 3)
