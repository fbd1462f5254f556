"""What every source of frames has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from face_crop.align import Frame


class SourceError(Exception):
    """A source cannot be opened or stopped delivering; the message is one line for people, with the remedy."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One frame and when it was taken.

    Attributes:
        frame: RGB uint8 [H, W, 3].
        captured_at: `time.monotonic()` seconds of the moment the frame arrived, before it was decoded or converted.

    Raises:
        SourceError: the frame is not such an array.
    """

    frame: Frame
    captured_at: float

    def __post_init__(self) -> None:
        frame = self.frame
        shape, kind = getattr(frame, "shape", None), getattr(frame, "dtype", type(frame).__name__)
        if shape is None or kind != np.uint8 or len(shape) != 3 or shape[2] != 3 or 0 in shape:
            raise SourceError(f"a frame must be RGB uint8 [H, W, 3], the source sent {kind} {shape}")


class Source(Protocol):
    """Delivers frames in real time. One thread reads and closes it.

    Attributes:
        label: name for people.
        selfie: whether people expect to see themselves as in a mirror.
    """

    label: str
    selfie: bool

    def read(self) -> Reading:
        """The next frame; waits for it at most some seconds.

        Raises:
            SourceError: no frame came; open the source anew.
        """

    def close(self) -> None:
        """Release the device or file; calling it twice is harmless."""


def fitted_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """(width, height) scaled down, aspect kept, so that the longer side is at most `max_side` pixels."""
    scale = min(1.0, max_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def fit(frame: Frame, max_side: int) -> Frame:
    """The frame averaged down to at most `max_side` pixels on its longer side; the same array where it fits."""
    height, width = frame.shape[:2]
    size = fitted_size(width, height, max_side)
    if size == (width, height):
        return frame
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
