"""The threads of the live path: a source in, the newest painted picture out to every viewer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from engines.errors import EngineError
from face_crop.detect import Detector
from live.animate import Animator, Moment
from live.capture import Capture, ListCameras, OpenSource
from live.histogram import Histogram
from live.hush import HushedDetector
from live.outputs.scene import Tap, Taps
from live.painter import Look, Painter
from live.settings import Settings
from live.sources.camera import list_cameras
from live.sources.catalog import check_spec, label_of, list_sources, open_source
from live.stats import Rate, Spread, State, Stats, Timings
from live.styles import Styles
from live.viewers import Viewer, Viewers
from live.views import check_strength, check_view

JOIN_S = 5.0
STUCK_S = 10.0
"""A picture that takes longer is not slow: the graph, or the device that runs it, is stuck."""

_log = logging.getLogger(__name__)


class Session:
    """One source, animated for any number of viewers. Any thread may call any method.

    Two threads: one reads the source, one paints; between them waits the newest frame only, so the delay stays
    bounded however slow the painting is. Source, style and view change while they run.

    Args:
        settings: how to start.
        styles: the graphs; by default those of the settings' folder.
        opener: opens the spec of a source.
        cameras: lists the cameras.
        make_detector: a new face detector; called once per stream.
        remember: is told the spec of every source that people choose.
        clock: seconds, the same monotonic clock as the sources'.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        styles: Styles | None = None,
        opener: OpenSource = open_source,
        cameras: ListCameras = list_cameras,
        make_detector: Callable[[], Detector] = HushedDetector,
        remember: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings or Settings()
        self._styles = styles or Styles(self.settings.models, self.settings.device, more=self.settings.more_models)
        self._opener, self._cameras, self._make_detector, self._clock = opener, cameras, make_detector, clock
        self._view, self._mirror = self.settings.view, self.settings.mirror
        self._strength, self._frozen = 1.0, False
        self._captured, self._timings, self._viewers, self._taps = Rate(clock), Timings(), Viewers(clock), Taps()
        quality = self.settings.jpeg_quality
        self._painter = Painter(self.new_animator, self._viewers, self._taps, self._timings, quality, clock)
        self._unpainted = self._dropped_before = self._restarts_before = 0
        self._painting_since: float | None = None
        self._changing = threading.Lock()
        self._closed = threading.Event()
        self._remember = remember
        self._retired: list[Capture] = []
        self._capture = self._new_capture(self.settings.source)
        self._threads = [
            threading.Thread(target=self._load_first_style, name="style", daemon=True),
            threading.Thread(target=self._paint_until_closed, name="paint", daemon=True),
        ]

    def start(self) -> None:
        """Begin; returns at once. What cannot be opened or loaded is told by `stats`, and can be changed."""
        for thread in self._threads:
            thread.start()
        self._capture.start()

    def close(self) -> None:
        """End every thread and release source, detector and generator; calling it twice is harmless."""
        self._closed.set()
        with self._changing:
            self._capture.stop()
            captures = [*self._retired, self._capture]
        self._viewers.close()
        self._taps.close()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(JOIN_S)
        for capture in captures:
            capture.join(JOIN_S)
        self._styles.close()

    def sources(self) -> list[tuple[str, str]]:
        """(spec, label) of what can be chosen: this machine's sources, and the one in use."""
        found = list_sources(self._cameras())
        spec = self._capture.spec
        return found if spec in dict(found) else [(spec, label_of(spec)), *found]

    def styles(self) -> list[tuple[str, str]]:
        """(path, label) of the graphs that can be chosen."""
        return self._styles.available()

    def set_source(self, spec: str) -> None:
        """Change the source, or open the same one anew; see `live.sources.catalog` for specs. Returns at once.

        Raises:
            live.sources.base.SourceError: the spec names no kind of source.
        """
        spec = check_spec(spec)
        with self._changing:
            if self._closed.is_set():
                return
            before, self._capture = self._capture, self._new_capture(spec)
            self._dropped_before += before.slot.dropped
            self._restarts_before += before.restarts
            before.stop()
            # One that is stuck in its device ends later; it is kept only to be waited for.
            self._retired = [capture for capture in [*self._retired, before] if not capture.join(0)]
            self._capture.start()
        self._remember(spec)

    def set_view(self, view: str) -> None:
        """Change the view: one of `live.views.VIEWS`.

        Raises:
            ValueError: there is no such view.
        """
        self._view = check_view(view)

    def set_style(self, path: str | Path) -> None:
        """Change the graph; the one before goes on until this one is loaded, which is when the call returns.

        Raises:
            engines.errors.EngineError: the graph cannot be used; the one before stays.
        """
        self._styles.use(Path(path))

    def set_mirror(self, mirror: bool | None) -> None:
        """Turn pictures as a mirror does; None does so for this machine's cameras only."""
        self._mirror = mirror

    def set_strength(self, strength: float) -> None:
        """Blend portraits and faces: 0 shows the face, 1 the portrait.

        Raises:
            ValueError: not from 0 to 1.
        """
        self._strength = check_strength(strength)

    def set_frozen(self, frozen: bool) -> None:
        """Let the picture stand still, or go on."""
        self._frozen = frozen

    def attach(self, depth: int = 1) -> Tap:
        """An output's tap of the scenes before they are encoded; while one is open, painting goes on."""
        return self._taps.attach(depth)

    def subscribe(self) -> Viewer:
        """A viewer of the painted pictures; close it when its connection ends."""
        return self._viewers.subscribe()

    def new_animator(self) -> Animator:
        """An Animator for one more stream, such as a visitor's: own detector and tracker, this session's generator.

        One thread calls it; close it at the end of the stream. Its faults are the caller's to catch.
        """
        return Animator(self._styles, self._make_detector(), view=self._view)

    def moment(self) -> Moment | None:
        """What the newest picture was painted from; None before the first."""
        return self._painter.moment

    def stage_samples(self) -> dict[str, list[float]]:
        """Milliseconds of each stage in the last frames (`live.stats.WINDOW`), and "latency": capture to encoded."""
        return self._timings.samples()

    def histograms(self) -> dict[str, Histogram]:
        """Durations since the start, of the same stages as `stage_samples`."""
        return self._timings.histograms()

    def stats(self) -> Stats:
        """How the session is doing now."""
        capture, painter, spreads = self._capture, self._painter, self._timings.spreads()
        state, message = self._condition(capture)
        return Stats(
            state=state,
            message=message,
            fps_captured=self._captured.per_second(),
            fps_shown=painter.shown.per_second(),
            captured=self._captured.total,
            shown=painter.shown.total,
            dropped=self._dropped_before + capture.slot.dropped,
            unpainted=self._unpainted,
            faults=painter.faults,
            restarts=self._restarts_before + capture.restarts,
            latency_ms=spreads.pop("latency", Spread()),
            stage_ms=spreads,
            faces=painter.faces,
            viewers=self._viewers.count,
            idle=self._idle,
            runtime=self._styles.runtime,
            fallback=self._styles.problem if self._styles.current else "",
            style=str(self._styles.current or ""),
            source=capture.label,
            spec=capture.spec,
            view=self._view,
            mirror=self._mirrors(capture),
            strength=self._strength,
            frozen=self._frozen,
            width=capture.size[0],
            height=capture.size[1],
        )

    @property
    def _idle(self) -> bool:
        return not self._taps.count and self._viewers.alone_s > self.settings.idle_after_s

    def _mirrors(self, capture: Capture) -> bool:
        return capture.selfie if self._mirror is None else self._mirror

    def _condition(self, capture: Capture) -> tuple[State, str]:
        """The state, and the most important sentence about it."""
        no_source, painter, styles = capture.problem, self._painter, self._styles
        unloaded = styles.problem if styles.current is None else ""
        message = no_source or painter.broken or painter.fault or unloaded or capture.remark
        if no_source:
            return ("reconnecting" if capture.worked else "failed"), message
        if stuck := self._stuck:
            return "failed", stuck
        if painter.broken or unloaded:
            return "failed", message
        if not capture.worked or not painter.shown.total:
            return "starting", message
        return ("live" if painter.faces else "no-face"), message

    @property
    def _stuck(self) -> str:
        """One sentence about a picture that does not get ready; empty where all goes on."""
        since = self._painting_since
        lasted_s = self._clock() - since if since is not None else 0.0
        if lasted_s < STUCK_S:
            return ""
        return f"One picture has been in the making for {lasted_s:.0f} s: the graph is stuck. Restart the app."

    def _new_capture(self, spec: str) -> Capture:
        return Capture(spec, self.settings.max_side, self._count_capture, self._opener, self._cameras, self._clock)

    def _count_capture(self, duration_ms: float) -> None:
        self._captured.count()
        self._timings.add({"capture": duration_ms})

    def _load_first_style(self) -> None:
        try:
            self._styles.use(self.settings.style)
            self._styles.preload()
        except EngineError as error:
            _log.error("%s", error)

    def _paint_until_closed(self) -> None:
        self._painter.open()
        source: Capture | None = None
        while not self._closed.is_set():
            capture = self._capture
            reading = capture.slot.take(0.5)
            if reading is None:
                continue
            if self._idle:
                self._unpainted += 1
                continue
            if capture is not source:
                self._painter.reset()
                source = capture
            self._painting_since = self._clock()
            self._painter(reading, Look(self._view, self._mirrors(capture), self._strength, self._frozen))
            self._painting_since = None
        self._painter.close()
