"""Made clips with a known true motion: a CC0 portrait moved over a frame by sub-pixel amounts, with sensor noise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

IMAGES = Path(__file__).parents[1] / "images"
Frame = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shot:
    """One frame of a clip, its time, and where the portrait's pixels really are in it."""

    frame: Frame
    time_ms: int
    frame_from_portrait: Matrix


def portrait(name: str) -> Frame:
    """A test portrait by name, RGB uint8 [512, 512, 3]."""
    with Image.open(IMAGES / f"{name}.webp") as image:
        return np.asarray(image.convert("RGB"))


def placed(x: float, y: float, scale: float, degrees: float = 0.0, side: int = 512) -> Matrix:
    """The matrix that puts the middle of a portrait at (x, y) in the frame, scaled and turned; float64 [2, 3]."""
    turn = np.deg2rad(degrees)
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle = np.full(2, (side - 1) / 2)
    return np.hstack([linear, (np.array([x, y]) - linear @ middle)[:, None]])


def shoot(picture: Frame, places: Iterable[tuple[int, Matrix]], *, noise: float = 3.0, seed: int = 0) -> Iterator[Shot]:
    """Film a portrait at 640x480.

    Args:
        picture: RGB uint8 [H, W, 3].
        places: time in milliseconds and frame_from_portrait of every frame.
        noise: standard deviation of the sensor noise in levels; JPEG artefacts are added with it, as in a webcam.
        seed: of the noise.
    """
    random = np.random.default_rng(seed)
    for time_ms, matrix in places:
        frame = np.asarray(
            cv2.warpAffine(picture, matrix, (640, 480), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
            np.uint8,
        )
        yield Shot(_noisy(frame, noise, random) if noise else frame, time_ms, matrix)


def _noisy(frame: Frame, noise: float, random: np.random.Generator) -> Frame:
    noisy = np.clip(frame + random.normal(0, noise, frame.shape), 0, 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", noisy)[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def compose(pictures: list[Frame], height: int = 480, width: int = 640) -> Frame:
    """Portraits side by side, in rows of two, on one frame; RGB uint8 [height, width, 3]."""
    frame = np.full((height, width, 3), 128, np.uint8)
    rows = (len(pictures) + 1) // 2
    side = min(height // rows, width // 2)
    for i, picture in enumerate(pictures):
        top, left = i // 2 * side, i % 2 * (width // 2)
        frame[top : top + side, left : left + side] = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return frame
