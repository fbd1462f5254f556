"""The threads of the live path: a source in, the newest painted picture out to every viewer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from engines.errors import EngineError
from face_crop.detect import Detector
from face_crop.hush import HushedDetector
from live.animate import Animator, Moment
from live.capture import Capture, ListCameras, OpenSource
from live.condition import condition
from live.feed import Feed
from live.histogram import Histogram
from live.loop import Loop
from live.outputs.scene import Tap, Taps
from live.painter import Look, Painter
from live.settings import Settings
from live.sources.camera import list_cameras
from live.sources.catalog import open_source
from live.stats import Rate, Spread, Stats, Timings
from live.styles import Styles
from live.upscaling import Upscaling
from live.viewers import Viewer, Viewers
from live.views import check_strength, check_view

JOIN_S = 5.0

_log = logging.getLogger(__name__)


class Session:
    """One source, animated for any number of viewers. Any thread may call any method.

    Two threads: one reads the source, one paints; between them waits the newest frame only, so the delay stays
    bounded however slow the painting is. Source, style and view change while they run.

    Args:
        settings: how to start.
        styles: the graphs; by default those of the settings' folder.
        upscaling: enlarges portraits where it is switched on.
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
        upscaling: Upscaling | None = None,
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
        self._strength, self._frozen, self._calm = 1.0, False, self.settings.calm
        self._upscaling = Upscaling() if upscaling is None else upscaling
        self._captured, self._timings, self._viewers, self._taps = Rate(clock), Timings(), Viewers(clock), Taps()
        quality = self.settings.jpeg_quality
        self._painter = Painter(self.new_animator, self._viewers, self._taps, self._timings, quality, clock)
        self._feed = Feed(self.settings.source, self._new_capture, cameras, remember)
        self._loop = Loop(self._feed, self._painter, self._look, lambda: self._idle, clock)
        self._threads = [
            threading.Thread(target=self._load_first_style, name="style", daemon=True),
            threading.Thread(target=self._loop.run, name="paint", daemon=True),
        ]

    def start(self) -> None:
        """Begin; returns at once. What cannot be opened or loaded is told by `stats`, and can be changed."""
        for thread in self._threads:
            thread.start()
        self._feed.start()

    def close(self) -> None:
        """End every thread and release source, detector and generator; calling it twice is harmless."""
        self._loop.end()
        self._feed.stop()
        self._viewers.close()
        self._taps.close()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(JOIN_S)
        self._feed.join(JOIN_S)
        self._styles.close()

    def sources(self) -> list[tuple[str, str]]:
        """(spec, label) of what can be chosen: this machine's sources, and the one in use."""
        return self._feed.available()

    def styles(self) -> list[tuple[str, str]]:
        """(path, label) of the graphs that can be chosen."""
        return self._styles.available()

    def set_source(self, spec: str) -> None:
        """Change the source, or open the same one anew; see `live.sources.catalog` for specs. Returns at once.

        Raises:
            live.sources.base.SourceError: the spec names no kind of source.
        """
        self._feed.use(spec)

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

    def set_calm(self, calm: bool) -> None:
        """Let portraits of still faces stand still (`live.calm`), or show every one as it is drawn."""
        self._calm = calm

    def set_upscale(self, scale: int) -> None:
        """Enlarge portraits, visitors' too, by 2, or with 1 show them as they are drawn. Returns when it is in force.

        Raises:
            ValueError: another scale.
            engines.errors.EngineError: the upscaler cannot be loaded; the picture goes on without it.
        """
        self._upscaling.use(scale)

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
        return Animator(
            self._styles, self._make_detector(), view=self._view, calm=self._calm, upscaling=self._upscaling
        )

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
        capture, painter, spreads = self._feed.capture, self._painter, self._timings.spreads()
        state, message = condition(capture, painter, self._styles, self._loop.stuck, self._upscaling.problem)
        return Stats(
            state=state,
            message=message,
            fps_captured=self._captured.per_second(),
            fps_shown=painter.shown.per_second(),
            captured=self._captured.total,
            shown=painter.shown.total,
            dropped=self._feed.dropped,
            unpainted=self._loop.unpainted,
            faults=painter.faults,
            restarts=self._feed.restarts,
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
            calm=self._calm,
            upscale=self._upscaling.scale,
            width=capture.size[0],
            height=capture.size[1],
        )

    @property
    def _idle(self) -> bool:
        return not self._taps.count and self._viewers.alone_s > self.settings.idle_after_s

    def _mirrors(self, capture: Capture) -> bool:
        return capture.selfie if self._mirror is None else self._mirror

    def _look(self, capture: Capture) -> Look:
        return Look(self._view, self._mirrors(capture), self._strength, self._frozen, self._calm)

    def _new_capture(self, spec: str) -> Capture:
        return Capture(spec, self.settings.max_side, self._count_capture, self._opener, self._cameras, self._clock)

    def _count_capture(self, duration_ms: float) -> None:
        self._captured.count()
        self._timings.add({"capture": duration_ms})

    def _load_first_style(self) -> None:
        try:
            # First: once there are portraits, all of them are enlarged.
            self._upscaling.use(self.settings.upscale)
        except EngineError as error:
            _log.error("%s", error)
        try:
            self._styles.use(self.settings.style)
            self._styles.preload()
        except EngineError as error:
            _log.error("%s", error)
