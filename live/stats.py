"""What the session measures about itself."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from live.histogram import Histogram, Tally

State = Literal["starting", "live", "no-face", "reconnecting", "failed"]
STAGES = ("capture", "detect", "crop", "generate", "calm", "upscale", "paste", "encode")
"""In the order in which a frame passes them."""
WINDOW = 300
"""Figures are taken over so many last frames: 10 s at 30 frames a second."""


@dataclass(frozen=True)
class Spread:
    """Median and 95th percentile of some durations, milliseconds; 0 where nothing was measured yet."""

    median: float = 0.0
    p95: float = 0.0


@dataclass(frozen=True)
class Stats:
    """How a session is doing.

    Attributes:
        state: "starting" until the first picture; "live"; "no-face"; "reconnecting" after a source that worked
            failed; "failed" where a source or style never worked, or where painting is stuck.
        message: one sentence for people about what is wrong or special, empty where nothing is.
        fps_captured: frames a second that the source delivered over the last seconds.
        fps_shown: painted and encoded frames a second over the last seconds.
        captured: frames since the start.
        shown: painted and encoded frames since the start.
        dropped: captured frames that a newer one replaced before they were painted, since the start.
        unpainted: captured frames that were passed over since nobody was watching, since the start.
        faults: frames since the start whose painting failed; the plain camera frame was shown instead.
        restarts: how often a source was opened anew after it failed.
        latency_ms: capture to encoded picture.
        stage_ms: per stage, see `STAGES`.
        faces: faces in the newest frame.
        viewers: open subscriptions.
        idle: nothing is painted since nobody is watching.
        runtime: what executes the graph, empty while none is loaded.
        fallback: why the graph does not run on what was hoped for (the GPU), one sentence; empty where it does.
        style: graph in use, empty while none is loaded.
        source: name of the source for people.
        spec: the source as it was chosen, see `live.sources.catalog`.
        view: one of `live.views.VIEWS`.
        mirror: whether pictures are turned as a mirror does.
        strength: 0 shows the face, 1 the portrait.
        frozen: the picture stands still.
        calm: portraits of still faces stand still.
        upscale: by what portraits are enlarged, see `live.upscaling`.
        width: of the camera's frame in pixels, 0 before the first.
        height: of the camera's frame in pixels, 0 before the first.
    """

    state: State = "starting"
    message: str = ""
    fps_captured: float = 0.0
    fps_shown: float = 0.0
    captured: int = 0
    shown: int = 0
    dropped: int = 0
    unpainted: int = 0
    faults: int = 0
    restarts: int = 0
    latency_ms: Spread = field(default_factory=Spread)
    stage_ms: dict[str, Spread] = field(default_factory=dict)
    faces: int = 0
    viewers: int = 0
    idle: bool = False
    runtime: str = ""
    fallback: str = ""
    style: str = ""
    source: str = ""
    spec: str = ""
    view: str = ""
    mirror: bool = False
    strength: float = 1.0
    frozen: bool = False
    calm: bool = True
    upscale: int = 1
    width: int = 0
    height: int = 0


class Stopwatch:
    """Splits a stretch of work into named laps.

    Attributes:
        laps_ms: duration of each lap, milliseconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._last = clock()
        self.laps_ms: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Book the time since the last lap under this name."""
        now = self._clock()
        self.laps_ms[name] = self.laps_ms.get(name, 0.0) + (now - self._last) * 1000
        self._last = now


class Timings:
    """Durations per stage, one by one over the last `WINDOW` frames and counted since the start.

    Any thread may add and read.
    """

    def __init__(self, window: int = WINDOW) -> None:
        self._lock = threading.Lock()
        self._window = window
        self._samples: dict[str, deque[float]] = {}
        self._tallies: dict[str, Tally] = {}

    def add(self, laps_ms: dict[str, float]) -> None:
        """Add one duration per stage, milliseconds."""
        with self._lock:
            for name, duration in laps_ms.items():
                self._samples.setdefault(name, deque(maxlen=self._window)).append(duration)
                self._tallies.setdefault(name, Tally()).add(duration)

    def samples(self) -> dict[str, list[float]]:
        """The durations per stage, oldest first, milliseconds."""
        with self._lock:
            return {name: list(durations) for name, durations in self._samples.items()}

    def histograms(self) -> dict[str, Histogram]:
        """The durations per stage since the start."""
        with self._lock:
            return {name: tally.histogram() for name, tally in self._tallies.items()}

    def spreads(self) -> dict[str, Spread]:
        """Median and p95 per stage."""
        return {name: spread(durations) for name, durations in self.samples().items()}


class Rate:
    """Events a second over the last `span_s` seconds; any thread may count and read.

    Attributes:
        total: events since the start.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, span_s: float = 3.0) -> None:
        self._clock = clock
        self._span_s = span_s
        self._since = clock()
        self._times: deque[float] = deque(maxlen=1000)
        self._lock = threading.Lock()
        self.total = 0

    def count(self) -> None:
        """One more event, now."""
        with self._lock:
            self.total += 1
            self._times.append(self._clock())

    def per_second(self) -> float:
        """Events a second; counted over the time since the start while that is shorter than the span."""
        with self._lock:
            now = self._clock()
            span_s = min(self._span_s, now - self._since)
            recent = sum(1 for moment in self._times if moment > now - span_s)
            return recent / span_s if span_s > 0 else 0.0


def spread(durations: Sequence[float]) -> Spread:
    """Median and p95 (nearest rank) of some durations; zeros for none."""
    if not durations:
        return Spread()
    ordered = sorted(durations)
    last = len(ordered) - 1
    return Spread(ordered[round(last * 0.5)], ordered[round(last * 0.95)])
