"""Keeps one source alive: a thread reads it, and opens it anew when it fails."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from live.slot import LatestSlot
from live.sources.base import Reading, Source, SourceError
from live.sources.camera import CameraInfo, list_cameras
from live.sources.catalog import choose, label_of, open_source

RETRY_S = (0.5, 1.0, 2.0, 4.0, 5.0)
"""Pauses before a source is opened anew; the last one repeats."""
STALLED_S = 2.0
BLACK_LEVEL = 24
"""A picture without any value above this (of 255) is called black; a dark room's noise exceeds it."""
BLACK_S = 2.0

OpenSource = Callable[[str, int], Source]
ListCameras = Callable[[], list[CameraInfo]]

_log = logging.getLogger(__name__)


class Capture:
    """Reads one source until it is stopped. Its newest frame waits in `slot`.

    "auto" is decided once; a camera chosen so is looked for again by its name, under whatever index it returns.

    Args:
        spec: see `live.sources.catalog`.
        max_side: frames with a longer side are scaled down to this many pixels.
        delivered: called for every frame with the milliseconds from its arrival until it was RGB.
        opener: opens a spec.
        cameras: lists the cameras, for "auto".
        clock: seconds, monotonic.

    Attributes:
        spec: as given.
        slot: the newest reading; closed by `stop`.
        label: name of the source for people.
        selfie: see `live.sources.base.Source`.
        restarts: how often the source was opened anew after a failure.
        worked: whether a frame ever arrived.
        size: (width, height) of the newest frame in pixels, (0, 0) before the first.
    """

    def __init__(
        self,
        spec: str,
        max_side: int = 1280,
        delivered: Callable[[float], None] = lambda _: None,
        opener: OpenSource = open_source,
        cameras: ListCameras = list_cameras,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.spec = spec
        self.slot: LatestSlot[Reading] = LatestSlot()
        self.label = label_of(spec)
        self.selfie = False
        self.restarts = 0
        self.worked = False
        self.size = (0, 0)
        self._max_side, self._delivered, self._open, self._cameras = max_side, delivered, opener, cameras
        self._clock = clock
        self._stopped = threading.Event()
        self._failure = self._note = ""
        self._attempt = 0
        self._last_at = self._last_light_at = clock()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end and wake those who wait for frames. Does not wait for a source that is stuck."""
        self._stopped.set()
        self.slot.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread's end; whether it ended, or never began."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def problem(self) -> str:
        """Why no frames come, one sentence; empty while they do."""
        silent_s = self._clock() - self._last_at
        if not self._failure and self.worked and silent_s > STALLED_S:
            return f"No new picture from {self.label} for {silent_s:.0f} s."
        return self._failure

    @property
    def remark(self) -> str:
        """What people should know about the frames that come, one sentence; mostly empty."""
        if self.selfie and self.worked and self._clock() - self._last_light_at > BLACK_S:
            return f"{self.label} sends black pictures: open its shutter, or close other programs that use it."
        return self._note

    def _run(self) -> None:
        spec = ""
        while not self._stopped.is_set():
            try:
                spec = spec or self._chosen()
                self._read_until_stopped(spec)
            except SourceError as error:
                self._note_failure(str(error))
                self._stopped.wait(RETRY_S[min(self._attempt, len(RETRY_S) - 1)])
                self._attempt += 1
                self.restarts += 1

    def _chosen(self) -> str:
        spec, self._note = choose(self.spec, self._cameras() if self.spec == "auto" else [])
        self.label = label_of(spec)
        return spec

    def _read_until_stopped(self, spec: str) -> None:
        source = self._open(spec, self._max_side)
        try:
            self.label, self.selfie = source.label, source.selfie
            while not self._stopped.is_set():
                self._deliver(source.read())
        finally:
            source.close()

    def _deliver(self, reading: Reading) -> None:
        now = self._clock()
        # One pixel of 32 x 32 is enough to see light, and costs microseconds.
        if not self.worked or self._failure or reading.frame[::32, ::32].max() > BLACK_LEVEL:
            self._last_light_at = now
        self.size = (reading.frame.shape[1], reading.frame.shape[0])
        self._last_at, self._failure, self._attempt, self.worked = now, "", 0, True
        self.slot.put(reading)
        self._delivered((now - reading.captured_at) * 1000)

    def _note_failure(self, message: str) -> None:
        if message != self._failure:
            _log.warning("%s", message)
        self._failure = message
