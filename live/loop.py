"""The loop of the painting thread: the newest frame is taken and painted, over and over."""

from __future__ import annotations

import threading
from collections.abc import Callable

from live.capture import Capture
from live.feed import Feed
from live.painter import Look, Painter

STUCK_S = 10.0
"""A picture that takes longer is not slow: the graph, or the device that runs it, is stuck."""


class Loop:
    """Paints the newest frame of a feed until it is ended. One thread runs it; any thread may read its figures.

    Args:
        feed: where frames come from.
        painter: opened and closed by `run`.
        look: how frames of this source are painted now.
        idle: whether nobody is watching, so that frames are passed over.
        clock: seconds, monotonic.

    Attributes:
        unpainted: frames passed over since nobody was watching.
    """

    def __init__(
        self,
        feed: Feed,
        painter: Painter,
        look: Callable[[Capture], Look],
        idle: Callable[[], bool],
        clock: Callable[[], float],
    ) -> None:
        self._feed, self._painter, self._look, self._idle, self._clock = feed, painter, look, idle, clock
        self._ended = threading.Event()
        self._painting_since: float | None = None
        self.unpainted = 0

    @property
    def stuck(self) -> str:
        """One sentence about a picture that does not get ready; empty where all goes on."""
        since = self._painting_since
        lasted_s = self._clock() - since if since is not None else 0.0
        if lasted_s < STUCK_S:
            return ""
        return f"One picture has been in the making for {lasted_s:.0f} s: the graph is stuck. Restart the app."

    def end(self) -> None:
        """Let `run` return; it does so after its next look for a frame, which stopping the feed wakes."""
        self._ended.set()

    def run(self) -> None:
        """Paint until `end` is called."""
        self._painter.open()
        source: Capture | None = None
        while not self._ended.is_set():
            capture = self._feed.capture
            reading = capture.slot.take(0.5)
            if reading is None:
                continue
            if self._idle():
                self.unpainted += 1
                continue
            if capture is not source:
                self._painter.reset()
                source = capture
            self._painting_since = self._clock()
            self._painter(reading, self._look(capture))
            self._painting_since = None
        self._painter.close()
