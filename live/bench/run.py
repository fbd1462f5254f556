"""One measured run of the live path, on frames that come like a webcam's."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

import av
import cv2
import numpy as np

from engines.base import Batch, Generator
from face_crop.align import Frame
from live.demo import CLIP, SECONDS_WITH_FACES
from live.encode import encode_jpeg
from live.session import Session
from live.settings import Settings
from live.sources.base import Reading, SourceError
from live.sources.media import to_rgb
from live.styles import Styles
from live.viewers import Viewer

CAMERA_FPS = 30.0
WARM_UP_S = 0.3
PATIENCE_S = 10.0
"""Without a picture for so long, the live path stands still."""


@dataclass(frozen=True)
class Run:
    """What one run of the live path gave.

    Attributes:
        faces: people in the picture.
        pace: "camera" at 30 frames a second, or "free" as fast as it goes.
        seconds: measured time.
        shown: pictures painted in it.
        dropped: frames in it that a newer one replaced.
        found: mean number of faces found.
        cores: CPU time used per second.
        samples_ms: durations per stage, and "latency", of the last frames, milliseconds.
    """

    faces: int
    pace: str
    seconds: float
    shown: int
    dropped: int
    found: float
    cores: float
    samples_ms: dict[str, list[float]]


class ClipCamera:
    """A camera that sends JPEGs from memory, forwards and backwards for ever.

    Args:
        jpegs: the frames.
        fps: frames a second; None waits for `painted` instead, so that the next frame is ready when it is wanted.
    """

    label = "Benchmark clip"
    selfie = False

    def __init__(self, jpegs: Sequence[bytes], fps: float | None) -> None:
        self._jpegs = [*jpegs, *reversed(jpegs)]
        self._fps = fps
        self._next = 0
        self._started_at = time.monotonic()
        # One frame is being painted while the next one waits.
        self._wanted = threading.Semaphore(2)

    def painted(self) -> None:
        """A picture was shown: one more frame is wanted."""
        self._wanted.release()

    def read(self) -> Reading:
        """See `live.sources.base.Source`."""
        if self._fps is None:
            self._wanted.acquire(timeout=5)
        else:
            time.sleep(max(0.0, self._started_at + self._next / self._fps - time.monotonic()))
        captured_at = time.monotonic()
        jpeg = self._jpegs[self._next % len(self._jpegs)]
        self._next += 1
        return Reading(_decoded(jpeg), captured_at)

    def close(self) -> None:
        """See `live.sources.base.Source`."""


class _Borrowed:
    """A generator that outlives the session it is lent to."""

    def __init__(self, generator: Generator) -> None:
        self.size, self.runtime, self.max_batch = generator.size, generator.runtime, generator.max_batch
        self._generator = generator

    def __call__(self, batch: Batch) -> Batch:
        return self._generator(batch)

    def close(self) -> None:
        """It is somebody else's."""


def run_once(
    jpegs: Sequence[bytes], faces: int, pace: str, settings: Settings, generator: Generator, seconds: float
) -> Run:
    """Run a session on these frames with this generator and measure it after a warm-up.

    Raises:
        SourceError: nothing was painted; says why.
    """
    camera = ClipCamera(jpegs, CAMERA_FPS if pace == "camera" else None)
    styles = Styles(settings.models, load=lambda path, device: _Borrowed(generator))
    session = Session(settings, styles=styles, opener=lambda spec, max_side: camera, cameras=list)
    with contextlib.closing(session), contextlib.closing(session.subscribe()) as viewer:
        session.start()
        _wait_for_style(session)
        _watch(session, viewer, camera, WARM_UP_S)
        before, cpu_before, began_at = session.stats(), time.process_time(), time.perf_counter()
        found = _watch(session, viewer, camera, seconds)
        took, cpu, after = time.perf_counter() - began_at, time.process_time() - cpu_before, session.stats()
        shown = after.shown - before.shown
        if not shown or after.faults:
            raise SourceError(f"the live path failed: {after.message or after.state}")
        samples = {name: durations[-shown:] for name, durations in session.stage_samples().items()}
        return Run(faces, pace, took, shown, after.dropped - before.dropped, mean(found), cpu / took, samples)


def clip_jpegs(faces: int, size: tuple[int, int]) -> list[bytes]:
    """The piece of the demo clip with so many faces, scaled to (width, height), as JPEGs."""
    begin_s, end_s = SECONDS_WITH_FACES[faces]
    with av.open(str(CLIP)) as container:
        return [
            encode_jpeg(_filled(to_rgb(frame, max(size)), size), 90)
            for frame in container.decode(video=0)
            if begin_s <= (frame.time or 0.0) <= end_s
        ]


def _wait_for_style(session: Session) -> None:
    """Wait until the graph is loaded.

    Raises:
        SourceError: it cannot be.
    """
    while not session.stats().runtime:
        if session.stats().state == "failed":
            raise SourceError(session.stats().message)
        time.sleep(0.02)


def _watch(session: Session, viewer: Viewer, camera: ClipCamera, seconds: float) -> list[int]:
    """Take every picture for some time; the numbers of faces found, looked up now and then."""
    found: list[int] = []
    seen, began_at = 0, time.perf_counter()
    # The first picture may have been painted before.
    while time.perf_counter() - began_at < seconds or seen < 2:
        if viewer.next(PATIENCE_S) is None:
            raise SourceError(f"the live path stands still: {session.stats().message or session.stats().state}")
        seen += 1
        camera.painted()
        if len(found) < (time.perf_counter() - began_at) * 5:
            found.append(session.stats().faces)
    return found


def _decoded(jpeg: bytes) -> Frame:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(np.asarray(picture, np.uint8), cv2.COLOR_BGR2RGB), np.uint8)


def _filled(frame: Frame, size: tuple[int, int]) -> Frame:
    """The frame scaled so that it fits, upon grey: faces stay whole and keep their shape."""
    scale = min(size[0] / frame.shape[1], size[1] / frame.shape[0])
    inner = cv2.resize(
        frame, (round(frame.shape[1] * scale), round(frame.shape[0] * scale)), interpolation=cv2.INTER_CUBIC
    )
    canvas = np.full((size[1], size[0], 3), 128, np.uint8)
    top, left = (size[1] - inner.shape[0]) // 2, (size[0] - inner.shape[1]) // 2
    canvas[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
    return canvas
