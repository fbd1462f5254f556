"""Visitors who show themselves to their own browser's camera, over WebRTC.

Each has a detector and a tracker of their own; all share the generator of the session, which lends it to one at a time.
Until the first animated picture is ready (a fraction of a second, while the detector loads) streamlit-webrtc sends the
visitor's own camera picture back to them and to nobody else; without a face they see the silhouette that every view
shows (`live.views`). Nothing is written to disk.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

import av
import numpy as np

from face_crop.align import Frame
from live.animate import Animator
from live.sources.base import fit
from live.stats import Rate, Spread, Timings
from live.views import check_view

CAMERA = {"width": {"ideal": 640}, "height": {"ideal": 480}, "frameRate": {"ideal": 30, "max": 30}}
"""Asked of the visitor's camera: the portrait is 256 pixels wide, and both directions have to be coded on the CPU."""
MAX_SIDE = 1280
_log = logging.getLogger(__name__)


class AnimatorFactory(Protocol):
    """What visitors need of `live.session.Session`."""

    def new_animator(self) -> Animator:
        """An Animator for one stream."""


class Visitor:
    """One visitor's stream, from the first frame to the end of the connection, any number of times.

    streamlit-webrtc calls `animate` on a thread of its own, and `end` when that thread has ended. The page sets `view`,
    `mirror`, `strength`, `frozen` and `calm` (see `live.animate.Animator`) at any time.

    Args:
        factory: makes the Animator.
        clock: seconds, monotonic.

    Attributes:
        problem: one sentence about what went wrong with the last frame, empty where nothing did.
        faces: faces in the newest frame.
    """

    def __init__(self, factory: AnimatorFactory, clock: Callable[[], float] = time.monotonic) -> None:
        self._factory, self._clock = factory, clock
        self._animator: Animator | None = None
        self._rate = Rate(clock)
        self._timings = Timings()
        self._view, self.mirror = "portrait", True
        self.strength, self.frozen, self.calm = 1.0, False, True
        self.problem, self.faces = "", 0

    @property
    def view(self) -> str:
        """One of `live.views.VIEWS`."""
        return self._view

    @view.setter
    def view(self, view: str) -> None:
        self._view = check_view(view)

    @property
    def running(self) -> bool:
        """Whether a stream runs: frames came, and it has not ended."""
        return self._animator is not None

    @property
    def fps(self) -> float:
        """Pictures animated a second."""
        return self._rate.per_second()

    @property
    def animated(self) -> int:
        """Pictures animated since the start."""
        return self._rate.total

    @property
    def stage_ms(self) -> dict[str, Spread]:
        """Median and p95 per stage, and "total" from the decoded frame to the picture handed back, milliseconds."""
        return self._timings.spreads()

    async def animate(self, frames: list[av.VideoFrame]) -> list[av.VideoFrame]:
        """The newest of the frames, animated; those before it are dropped.

        The answer carries no time stamp: streamlit-webrtc stamps it with that of the camera frame in whose place it is
        sent, so that stamps always grow.
        """
        began = self._clock()
        frame = fit(np.asarray(frames[-1].to_ndarray(format="rgb24"), np.uint8), MAX_SIDE)
        picture = self._animated(frame, int(began * 1000))
        answer = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        self._rate.count()
        self._timings.add({"total": (self._clock() - began) * 1000})
        return [answer]

    def _animated(self, frame: Frame, time_ms: int) -> Frame:
        try:
            if self._animator is None:
                self._animator = self._factory.new_animator()
            self._animator.view, self._animator.mirror = self._view, self.mirror
            self._animator.strength, self._animator.frozen = self.strength, self.frozen
            self._animator.calm = self.calm
            animation = self._animator(frame, time_ms)
        except Exception as error:  # noqa: BLE001 - the one guard of this stream: a fault in one frame must not end it
            if not self.problem:
                _log.exception("a visitor's frame could not be animated")
            self.problem = f"A frame could not be animated: {error or type(error).__name__}"
            return frame
        self.problem, self.faces = "", animation.faces
        self._timings.add(animation.stage_ms)
        return animation.picture

    def end(self) -> None:
        """Release the detector; the next frame, if there is one, starts anew. Calling it twice is harmless."""
        animator, self._animator = self._animator, None
        self.faces = 0
        if animator is not None:
            animator.close()


class Visitors:
    """Everybody whose page offered the browser's camera; any thread may call."""

    def __init__(self, factory: AnimatorFactory) -> None:
        self._factory = factory
        self._lock = threading.Lock()
        self._visitors: list[Visitor] = []

    def welcome(self) -> Visitor:
        """A visitor for one page."""
        visitor = Visitor(self._factory)
        with self._lock:
            self._visitors.append(visitor)
        return visitor

    @property
    def active(self) -> int:
        """How many streams run now."""
        with self._lock:
            return sum(visitor.running for visitor in self._visitors)

    def close(self) -> None:
        """End every stream; calling it twice is harmless."""
        with self._lock:
            visitors, self._visitors = self._visitors, []
        for visitor in visitors:
            visitor.end()
