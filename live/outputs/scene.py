"""Animated frames on their way to the outputs, before anything is encoded."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from face_crop.align import Frame
from live.views import Person, compose


@dataclass(frozen=True, eq=False)
class Scene:
    """One animated frame and all that a picture of it is made from. Nobody writes to its arrays.

    Attributes:
        picture: RGB uint8, as the page shows it.
        frame: RGB uint8 [H, W, 3], the camera's.
        people: those seen lately, by slot.
        time_ms: capture time of `frame`; stands still while the picture is frozen.
        captured_at: `time.monotonic()` seconds at which the newest camera frame arrived; never stands still.
        sequence: counts the scenes from 1.
        view: one of `live.views.VIEWS`, that of `picture`.
        mirror: whether `picture` is turned as a mirror does.
        strength: 0 shows the face, 1 the portrait.
    """

    picture: Frame
    frame: Frame
    people: tuple[Person, ...]
    time_ms: int
    captured_at: float
    sequence: int
    view: str
    mirror: bool = False
    strength: float = 1.0

    def unmirrored(self, view: str | None = None) -> Frame:
        """The picture as others see it: writing in it can be read.

        Args:
            view: one of `live.views.VIEWS`; None takes that of the page.

        Returns:
            RGB uint8, see `live.views.compose`.
        """
        if not self.mirror and view in (None, self.view):
            return self.picture
        return compose(view or self.view, self.frame, self.people, self.time_ms, strength=self.strength)


class Taps:
    """Hands every scene to any number of outputs; putting one in never blocks. Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taps: tuple[Tap, ...] = ()
        self._closed = False

    @property
    def count(self) -> int:
        """How many taps are open."""
        return len(self._taps)

    def attach(self, depth: int = 1) -> Tap:
        """A new tap; close it when the output ends.

        Args:
            depth: so many scenes wait for a slow taker; the oldest is dropped for a newer one.
        """
        tap = Tap(self, depth)
        with self._lock:
            self._taps = (*self._taps, tap)
            closed = self._closed
        if closed:
            tap.close()
        return tap

    def put(self, scene: Scene) -> None:
        """Hand a scene to every tap."""
        for tap in self._taps:
            tap.put(scene)

    def leave(self, tap: Tap) -> None:
        """Forget a tap; called by `Tap.close`."""
        with self._lock:
            self._taps = tuple(other for other in self._taps if other is not tap)

    def close(self) -> None:
        """Wake every taker with None, for good; calling it twice is harmless."""
        with self._lock:
            self._closed = True
            taps = self._taps
        for tap in taps:
            tap.close()


class Tap:
    """One output's place for scenes; made by `Taps.attach`.

    Attributes:
        dropped: scenes that newer ones replaced before they were taken.
        closed: whether `close` was called.
    """

    def __init__(self, taps: Taps, depth: int) -> None:
        self._taps = taps
        self._waiting: deque[Scene] = deque(maxlen=depth)
        self._changed = threading.Condition()
        self.dropped = 0
        self.closed = False

    def put(self, scene: Scene) -> None:
        """Add a scene; called by `Taps.put`."""
        with self._changed:
            if self.closed:
                return
            self.dropped += len(self._waiting) == self._waiting.maxlen
            self._waiting.append(scene)
            self._changed.notify()

    def take(self, timeout_s: float) -> Scene | None:
        """The oldest scene that waits; None after `timeout_s` seconds, or once closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self.closed, timeout_s)
            return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        """Accept no more and wake the taker; what waits can still be taken. Calling it twice is harmless."""
        self._taps.leave(self)
        with self._changed:
            self.closed = True
            self._changed.notify_all()
