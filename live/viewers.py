"""Painted pictures on their way to those who watch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Picture(Protocol):
    """An encoded picture as it goes to web viewers; see `Painted` for the attributes."""

    @property
    def data(self) -> bytes:
        """The encoded picture."""

    @property
    def sequence(self) -> int:
        """Grows from picture to picture."""

    @property
    def captured_at(self) -> float:
        """`time.monotonic()` seconds."""

    @property
    def encoded_at(self) -> float:
        """`time.monotonic()` seconds."""


@dataclass(frozen=True, eq=False)
class Painted:
    """One painted picture, encoded once for every viewer.

    Attributes:
        jpeg: the picture.
        sequence: counts the painted pictures from 1; a gap is a picture that this viewer missed.
        captured_at: `time.monotonic()` seconds at which the camera's frame arrived.
        encoded_at: `time.monotonic()` seconds at which the JPEG was ready.
        width: of the picture in pixels.
        height: of the picture in pixels.
    """

    jpeg: bytes
    sequence: int
    captured_at: float
    encoded_at: float
    width: int
    height: int

    @property
    def data(self) -> bytes:
        """The JPEG; see `Picture`."""
        return self.jpeg


class Viewers:
    """Shows the newest picture to any number of viewers.

    Only one picture is kept, so a viewer that stalls costs nothing and delays nobody. Any thread may call.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._changed = threading.Condition()
        self._newest: Painted | None = None
        self._viewers: set[Viewer] = set()
        self._clock = clock
        self._last_left_at = clock()
        self._closed = False

    def show(self, painted: Painted) -> None:
        """Replace the newest picture and wake those who wait for it."""
        with self._changed:
            self._newest = painted
            self._changed.notify_all()

    def subscribe(self) -> Viewer:
        """A new viewer; close it when its connection ends."""
        viewer = Viewer(self)
        with self._changed:
            self._viewers.add(viewer)
        return viewer

    def next(self, after: int, timeout_s: float) -> Painted | None:
        """The newest picture with a sequence above `after`; None after `timeout_s` seconds or once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._is_newer(after), timeout_s)
            return self._newest if self._is_newer(after) and not self._closed else None

    def leave(self, viewer: Viewer) -> None:
        """Forget a viewer; called by `Viewer.close`."""
        with self._changed:
            if viewer in self._viewers:
                self._viewers.remove(viewer)
                self._last_left_at = self._clock()

    def close(self) -> None:
        """Wake everybody with None; calling it twice is harmless."""
        with self._changed:
            self._closed = True
            self._newest = None
            self._changed.notify_all()

    @property
    def count(self) -> int:
        """How many viewers there are."""
        return len(self._viewers)

    @property
    def alone_s(self) -> float:
        """Seconds since the last viewer left, or since the start where none ever came; 0 while there is one."""
        with self._changed:
            return 0.0 if self._viewers else self._clock() - self._last_left_at

    def _is_newer(self, after: int) -> bool:
        return self._newest is not None and self._newest.sequence > after


class Viewer:
    """One viewer's view; made by `Viewers.subscribe`."""

    def __init__(self, viewers: Viewers) -> None:
        self._viewers = viewers
        self._seen = 0

    def next(self, timeout_s: float) -> Painted | None:
        """The newest picture that this viewer has not seen; None after `timeout_s` seconds or once closed."""
        painted = self._viewers.next(self._seen, timeout_s)
        if painted is not None:
            self._seen = painted.sequence
        return painted

    def close(self) -> None:
        """Leave; calling it twice is harmless."""
        self._viewers.leave(self)
