"""One detected face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

RIGHT_EYE, LEFT_EYE, NOSE, MOUTH, RIGHT_EAR, LEFT_EAR = range(6)
"""Rows of `Face.keypoints`: MediaPipe's order. Left and right are the person's own."""


@dataclass(frozen=True, eq=False)
class Face:
    """A face found in a frame.

    Attributes:
        box: float32 [4], (left, top, right, bottom) in pixels; may reach over the frame's border.
        keypoints: float32 [6, 2], (x, y) in pixels: right eye, left eye, nose tip, mouth centre, right and left
            ear tragion.
        score: the detector's confidence, 0 .. 1.

    Raises:
        ValueError: on other shapes, a box without area, or values that are not finite.
    """

    box: npt.NDArray[np.float32]
    keypoints: npt.NDArray[np.float32]
    score: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "box", _finite("box", self.box, (4,)))
        object.__setattr__(self, "keypoints", _finite("keypoints", self.keypoints, (6, 2)))
        left, top, right, bottom = self.box
        if right <= left or bottom <= top:
            raise ValueError(f"a face box must have left < right and top < bottom, got {self.box.tolist()}")

    @property
    def eyes(self) -> npt.NDArray[np.float32]:
        """float32 [2, 2]: the eye on the image's left (the person's right) first."""
        return self.keypoints[[RIGHT_EYE, LEFT_EYE]]


def _finite(name: str, value: Any, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    array = np.asarray(value, np.float32)
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"a face's {name} must be finite numbers of shape {shape}, got {array.tolist()}")
    array = array.copy()
    array.setflags(write=False)
    return array
