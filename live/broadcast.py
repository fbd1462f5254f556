"""From the session's threads to any number of web viewers, each of which sees the newest frame only."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from typing import Generic, Protocol, TypeVar

from live.viewers import Picture

P = TypeVar("P", bound=Picture)
Sent = TypeVar("Sent", bound=Picture, covariant=True)

FRESH_S = 1.0
"""A picture that was painted so long before the first viewer came is a memory and not shown as live."""


class Painter(Protocol[Sent]):
    """What the broadcast needs of `live.session.Session`."""

    def subscribe(self) -> Subscription[Sent]:
        """A view of its own on the newest painted frame."""


class Subscription(Protocol[Sent]):
    """What the broadcast needs of `live.viewers.Viewer`."""

    def next(self, timeout_s: float) -> Sent | None:
        """The newest frame not seen yet; None after `timeout_s` seconds without one."""

    def close(self) -> None:
        """End the subscription."""


class Broadcast(Generic[P]):
    """One thread waits for painted frames, however many people watch; without viewers there is no thread.

    A viewer that is slow or stalled misses frames. It holds no queue, so it neither delays the others nor grows memory.
    All methods belong to the event loop's thread.
    """

    def __init__(self, painter: Painter[P]) -> None:
        self._painter = painter
        self._feeds: set[Feed[P]] = set()
        self._stop: threading.Event | None = None

    @property
    def viewers(self) -> int:
        """How many feeds are open."""
        return len(self._feeds)

    def kinds(self) -> dict[str, int]:
        """How many feeds of each kind are open."""
        return dict(Counter(feed.kind for feed in list(self._feeds)))

    def open(self, kind: str = "other") -> Feed[P]:
        """A new viewer; close it when the connection ends.

        Args:
            kind: what the viewer is, for the metrics: "mjpeg", "websocket" ...
        """
        feed: Feed[P] = Feed(self, kind)
        self._feeds.add(feed)
        if self._stop is None:
            self._stop = threading.Event()
            loop = asyncio.get_running_loop()
            threading.Thread(target=self._pump, args=(loop, self._stop), name="broadcast", daemon=True).start()
        return feed

    def end(self) -> None:
        """Tell every viewer that no more will come: the server stops."""
        for feed in list(self._feeds):
            feed.end()

    def leave(self, feed: Feed[P]) -> None:
        """Forget a viewer; called by `Feed.close`."""
        self._feeds.discard(feed)
        if not self._feeds and self._stop is not None:
            self._stop.set()
            self._stop = None

    def _pump(self, loop: asyncio.AbstractEventLoop, stop: threading.Event) -> None:
        oldest = time.monotonic() - FRESH_S
        with contextlib.closing(self._painter.subscribe()) as subscription:
            while not stop.is_set():
                painted = subscription.next(timeout_s=0.5)
                if painted is None and loop.is_closed():
                    return
                if painted is None:
                    stop.wait(0.01)  # a closed session answers at once
                    continue
                if painted.encoded_at < oldest:
                    continue
                try:
                    loop.call_soon_threadsafe(self._publish, painted)
                except RuntimeError:  # the loop was closed while the server shut down
                    return

    def _publish(self, painted: P) -> None:
        for feed in self._feeds:
            feed.offer(painted)


class Feed(Generic[P]):
    """One viewer's place for the newest frame; made by `Broadcast.open`.

    Attributes:
        kind: what the viewer is.
        ended: no more frames will come.
    """

    def __init__(self, broadcast: Broadcast[P], kind: str = "other") -> None:
        self._broadcast = broadcast
        self.kind = kind
        self._newest: P | None = None
        self._arrived = asyncio.Event()
        self.ended = False

    def end(self) -> None:
        """Wake the viewer for the last time."""
        self.ended = True
        self._arrived.set()

    def offer(self, painted: P) -> None:
        """Replace whatever this viewer has not taken yet."""
        self._newest = painted
        self._arrived.set()

    async def next(self, timeout_s: float) -> P | None:
        """The newest frame not taken yet, waiting for one; None after `timeout_s` seconds or once ended."""
        try:
            await asyncio.wait_for(self._arrived.wait(), timeout_s)
        except TimeoutError:
            return None
        if self.ended:
            return None
        self._arrived.clear()
        painted, self._newest = self._newest, None
        return painted

    def close(self) -> None:
        """Leave the broadcast; calling it twice is harmless."""
        self._broadcast.leave(self)
