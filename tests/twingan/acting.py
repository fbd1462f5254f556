"""Faces that do as they are told: points of one, and a photo that fits them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from face_crop.align import crop, crop_matrix
from face_crop.detect import MediaPipeDetector
from twingan.evaluation import extras
from twingan.face_points import (
    CHIN,
    COUNT,
    FOREHEAD,
    LOWER_LIDS,
    LOWER_LIP,
    MOUTH_CORNERS,
    NOSE,
    TEMPLES,
    UPPER_LIDS,
    UPPER_LIP,
    WHEEL,
    Photo,
    Points,
)

SIDE = 256
HEIGHT = 0.6
EYES, EYE_WIDTH = ((0.39, 0.45), (0.61, 0.45)), 0.12
LIPS = (0.5, 0.69)
SKIN, IRIS, LIP = (210, 160, 140), (30, 90, 40), (170, 60, 70)

installed = pytest.mark.skipif(
    not any(extras.FOLDER.glob(WHEEL)), reason="the face mesh is not installed (docs/training.md)"
)


def face(lids: tuple[float, float] = (0.3, 0.3), mouth: float = 0.0, corners: float = 0.0, nose: float = 0.0) -> Points:
    """Points of a frontal face; lids by height to width, mouth by height, corners by how much they are raised."""
    points = np.full((COUNT, 2), 0.5, np.float32)
    along = np.linspace(-1, 1, 9)
    for side, (x, y) in enumerate(EYES):
        outwards = along if side == 0 else -along
        bend = np.minimum(1.4 * (1 - along**2), 1.0) * lids[side] * EYE_WIDTH / 2
        points[list(UPPER_LIDS[side])] = np.stack([x + outwards * EYE_WIDTH / 2, y - bend], 1)
        points[list(LOWER_LIDS[side])] = np.stack([x + outwards * EYE_WIDTH / 2, y + bend], 1)
    along = np.linspace(-1, 1, 11)
    across, low = LIPS[0] + 0.08 * along, LIPS[1] - corners * along**2
    points[list(UPPER_LIP)] = np.stack([across, low], 1)
    points[list(LOWER_LIP)] = np.stack([across, low + mouth * (1 - along**2)], 1)
    points[list(MOUTH_CORNERS)] = [[0.41, LIPS[1] - corners], [0.59, LIPS[1] - corners]]
    points[FOREHEAD], points[CHIN], points[NOSE] = (0.5, 0.22), (0.5, 0.22 + HEIGHT), (0.5 + nose, 0.57)
    points[list(TEMPLES)] = [[0.25, 0.5], [0.75, 0.5]]
    return points


def person() -> Photo:
    """RGBA: a face before a wall, with green irises and a red line for a mouth, as `face()` has them."""
    picture = np.full((SIDE, SIDE, 4), (90, 120, 160, 0), np.uint8)
    cv2.ellipse(picture, (128, 133), (64, 77), 0, 0, 360, (*SKIN, 255), -1)
    for x, y in EYES:
        cv2.ellipse(picture, (round(x * SIDE), round(y * SIDE)), (12, 5), 0, 0, 360, (245, 245, 245, 255), -1)
        cv2.circle(picture, (round(x * SIDE), round(y * SIDE)), 4, (*IRIS, 255), -1)
    cv2.line(picture, (108, 177), (148, 177), (*LIP, 255), 2)
    return picture


def portrait() -> Photo:
    """RGB: somebody real enough for a network, cropped."""
    photo = np.asarray(Image.open(Path(__file__).parents[1] / "images" / "woman-36.webp").convert("RGB"))
    with MediaPipeDetector(still=True) as detector:
        return crop(photo, crop_matrix(detector(photo)[0], SIDE), SIDE)
