"""How much a painter boils: change of its output per change of its input, on clips of faces that hold still.

Of the portraits as they are drawn, and as the live app shows them: through `live.calm`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from live import calm, change

Pictures = npt.NDArray[np.uint8]

FRAMES = 5
RATE = 30
"""Frames a second."""
NOISE = 4.0
"""Standard deviation of the sensor noise, grey levels: a webcam in room light."""
SHIFT = 0.004
"""Standard deviation of the shift between frames, as a share of the side: one pixel of 256."""


def clip(picture: Pictures, seed: int, frames: int = FRAMES, noise: float = NOISE, shift: float = SHIFT) -> Pictures:
    """A still face as a camera and a detector deliver it: every frame shifted by a part of a pixel, with new noise.

    Args:
        picture: RGB uint8 [S,S,3].
        seed: the same seed, the same clip.
        frames: length of the clip.
        noise: standard deviation of the noise in grey levels.
        shift: standard deviation of each frame's shift, as a share of the side, along both axes.

    Returns:
        RGB uint8 [frames,S,S,3].
    """
    random = np.random.default_rng(seed)
    size = picture.shape[0]
    shots = []
    for dx, dy in random.normal(0, shift * size, (frames, 2)):
        matrix = np.array([[1, 0, dx], [0, 1, dy]])
        moved = cv2.warpAffine(picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        shots.append(moved + random.normal(0, noise, picture.shape))
    return np.clip(np.rint(np.stack(shots)), 0, 255).astype(np.uint8)


def drawn(painter: Callable[[Pictures], Pictures], frames: Pictures) -> Pictures:
    """The portraits of a clip, made one by one: uint8 [F,S,S,3].

    Args:
        painter: uint8 [1,S,S,3] -> uint8 [1,S,S,3].
        frames: uint8 [F,S,S,3].
    """
    return np.concatenate([painter(frame[None]) for frame in frames])


def shown(portraits: Pictures, frames: Pictures) -> Pictures:
    """What the live app makes of a clip's portraits, from the first on, at `RATE`: uint8 [F,S,S,3]."""
    calmed = calm.Calm()
    pairs = zip(portraits, frames, strict=True)
    return np.concatenate(
        [calmed([0], frame[None], portrait[None], 1000 * at // RATE) for at, (portrait, frame) in enumerate(pairs)]
    )


def shown_by() -> str:
    """Names the version of the live app's filter."""
    sources = [Path(module.__file__ or "").read_bytes() for module in (calm, change)]
    return hashlib.sha256(b"".join(sources)).hexdigest()[:16]


def flicker(portraits: Pictures, frames: Pictures) -> npt.NDArray[np.float64]:
    """Mean absolute change of the output divided by that of the input, for each pair of neighbouring frames.

    1 is what doing nothing gives; 0 where the output stands still, also when the input does.

    Args:
        portraits: uint8 [F,S,S,3].
        frames: uint8 [F,S,S,3].

    Returns:
        float64 [F-1].
    """
    output, given = _changes(portraits), _changes(frames)
    quiet = (given == 0) & (output == 0)
    return np.where(quiet, 0.0, output / np.maximum(given, 1e-9))


def _changes(frames: Pictures) -> npt.NDArray[np.float64]:
    return np.asarray(np.abs(np.diff(frames.astype(np.int16), axis=0)).mean((1, 2, 3)), np.float64)
