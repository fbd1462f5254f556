"""Made clips of one face in its crop, for `live.calm`: at rest, moving, blinking, in changing light, replaced."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from face_crop.align import EYE_DISTANCE, EYES_TO_MOUTH, EYES_Y

Clip = npt.NDArray[np.uint8]
Picture = npt.NDArray[np.uint8]

NOISE = 4.0
"""Standard deviation of the sensor noise, grey levels."""
JITTER = 0.3
"""Standard deviation of the crop's place around the true one, pixels of 256: docs/decisions/0002-smoothing.md."""
EVENT = 12
"""Frame in which a sudden change happens."""


def filmed(pictures: list[Picture], seed: int = 0, noise: float = NOISE, jitter: float = JITTER) -> Clip:
    """Pictures as a camera and a tracker deliver them: uint8 [F, S, S, 3] of RGB uint8 [S, S, 3] each."""
    random = np.random.default_rng(seed)
    shots = []
    for picture in pictures:
        moved = shifted(picture, *random.normal(0, jitter, 2))
        shots.append(moved + random.normal(0, noise, moved.shape))
    return np.clip(np.rint(np.stack(shots)), 0, 255).astype(np.uint8)


def shifted(picture: Picture, right: float, down: float, zoom: float = 1.0) -> Picture:
    """The picture moved by parts of a pixel and enlarged about its middle."""
    middle = (picture.shape[0] - 1) / 2
    matrix = np.array([[zoom, 0, right + middle * (1 - zoom)], [0, zoom, down + middle * (1 - zoom)]])
    size = (picture.shape[1], picture.shape[0])
    moved = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def sliding(picture: Picture, speed: float, frames: int) -> list[Picture]:
    """A steady move to the right by `speed` pixels a frame."""
    return [shifted(picture, speed * (frame - frames / 2), 0) for frame in range(frames)]


def nearing(picture: Picture, speed: float, frames: int) -> list[Picture]:
    """A steady growth by `speed` (0.01 is 1 %) a frame."""
    return [shifted(picture, 0, 0, 1 + speed * frame) for frame in range(frames)]


def dimming(picture: Picture, to: float, frames: int) -> list[Picture]:
    """The light falls evenly to the share `to`."""
    return [np.rint(picture * (1 + (to - 1) * frame / (frames - 1))).astype(np.uint8) for frame in range(frames)]


def switching(before: Picture, after: Picture, frames: int) -> list[Picture]:
    """One picture until `EVENT`, then the other."""
    return [before if frame < EVENT else after for frame in range(frames)]


def eyes_closed(picture: Picture) -> Picture:
    """Skin from below the eyes over both."""
    closed = picture
    for side in (-0.5, 0.5):
        at = (0.5 + side * EYE_DISTANCE, EYES_Y)
        closed = _covered(closed, at, (0.055, 0.03), _colour(picture, at[0], EYES_Y + 0.09))
    return closed


def mouth_open(picture: Picture) -> Picture:
    """A dark hollow over the mouth."""
    return _covered(picture, (0.5, EYES_Y + EYES_TO_MOUTH), (0.05, 0.03), np.array([60.0, 20.0, 20.0]))


def smiling(picture: Picture, pixels: float = 3.0) -> Picture:
    """The corners of the mouth lifted by so many pixels of 256, falling off within a tenth of the side."""
    size = picture.shape[0]
    y, x = np.mgrid[:size, :size].astype(np.float32) / size
    lift = sum(
        np.exp(-((x - 0.5 - side) ** 2 + (y - EYES_Y - EYES_TO_MOUTH) ** 2) / (2 * 0.04**2)) for side in (-0.07, 0.07)
    )
    down = (y * size + np.float32(pixels * size / 256) * lift).astype(np.float32)
    return np.asarray(cv2.remap(picture, x * size, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _covered(
    picture: Picture, at: tuple[float, float], axes: tuple[float, float], colour: npt.NDArray[np.float64]
) -> Picture:
    """An ellipse of one colour with a soft edge; middle and half axes as shares of the side."""
    size = picture.shape[0]
    y, x = np.mgrid[:size, :size] / size
    inside = 1.2 - np.hypot((x - at[0]) / axes[0], (y - at[1]) / axes[1])
    cover = np.clip(inside / 0.4, 0, 1)[..., None]
    return np.asarray(np.rint(picture * (1 - cover) + colour * cover), np.uint8)


def _colour(picture: Picture, x: float, y: float) -> npt.NDArray[np.float64]:
    size = picture.shape[0]
    left, top, half = int(x * size), int(y * size), max(1, size // 64)
    patch = picture[top - half : top + half, left - half : left + half].reshape(-1, 3)
    return np.asarray(np.median(patch, axis=0), np.float64)
