"""A test pattern that moves: shows that pictures flow where there is neither camera nor face."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from face_crop.align import Frame
from live.sources.base import Reading

COLOURS = [(235, 235, 235), (235, 235, 16), (16, 235, 235), (16, 235, 16), (235, 16, 235), (235, 16, 16), (16, 16, 235)]
"""The bars of the usual television test card, RGB."""


class Pattern:
    """Colour bars with a white line that sweeps across once in four seconds, in real time.

    Args:
        size: (width, height) in pixels.
        fps: frames a second.
        clock: seconds, monotonic.
        sleep: sleeps so many seconds; `close` interrupts the default.
    """

    label = "Test pattern"
    selfie = False

    def __init__(
        self,
        size: tuple[int, int] = (640, 480),
        fps: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._bars = _bars(*size)
        self._period_s = 1 / fps
        self._clock = clock
        self._next_at = clock()
        self._closed = threading.Event()
        self._sleep = sleep or self._closed.wait

    def read(self) -> Reading:
        """See `Source`."""
        self._sleep(max(0.0, self._next_at - self._clock()))
        now = self._clock()
        # After a pause at most one frame is early: the rate does not rise to make up for it.
        self._next_at = max(self._next_at + self._period_s, now)
        frame = self._bars.copy()
        column = int(now / 4 % 1 * frame.shape[1])
        frame[:, column : column + 4] = 255
        return Reading(frame, now)

    def close(self) -> None:
        """See `Source`."""
        self._closed.set()


def _bars(width: int, height: int) -> Frame:
    columns = np.arange(width) * len(COLOURS) // width
    row = np.array(COLOURS, np.uint8)[columns]  # [W,3]
    return np.ascontiguousarray(np.broadcast_to(row, (height, width, 3)))
