"""Stand-ins for hardware and networks, controlled by the test step by step."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from engines.base import Batch, Generator
from face_crop.align import Frame
from face_crop.face import Face
from live.sources.base import Reading, SourceError
from live.viewers import Painted, Viewer


def numbered(index: int, size: tuple[int, int] = (64, 48)) -> Frame:
    """A frame, RGB uint8 [H, W, 3], whose every pixel is its index, 0 .. 255."""
    return np.full((size[1], size[0], 3), index, np.uint8)


def number_of(picture: Frame | bytes) -> int:
    """The index of a numbered frame, also after JPEG."""
    if isinstance(picture, bytes):
        picture = np.asarray(cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    return round(float(picture.mean()))


def face_at(x: float = 32, y: float = 24, eyes: float = 8) -> Face:
    """An upright face with its eyes' middle at (x, y) and so far apart, in pixels."""
    offsets = [(-0.5, 0), (0.5, 0), (0, 0.6), (0, 1.1), (-1.0, 0.2), (1.0, 0.2)]
    points = np.array([(x + dx * eyes, y + dy * eyes) for dx, dy in offsets], np.float32)
    box = np.array([x - eyes, y - eyes, x + eyes, y + 1.6 * eyes], np.float32)
    return Face(box, points, 0.95)


class SteppedSource:
    """A camera that delivers what the test hands it, when the test hands it; until then it is stuck, as a stalled one.

    `end` lets a stuck `read` go, as a device's own time-out does.
    """

    def __init__(self, label: str = "Stepped", selfie: bool = False) -> None:
        self.label, self.selfie = label, selfie
        self.closed = False
        self._steps: queue.Queue[object] = queue.Queue()

    def send(self, *steps: object) -> None:
        """Frames to deliver, or exceptions to raise."""
        for step in steps:
            self._steps.put(step)

    def end(self) -> None:
        """Fail from now on."""
        self.send(SourceError(f"{self.label} stopped"))

    def read(self) -> Reading:
        """See `Source`."""
        step = self._steps.get()
        if isinstance(step, Exception):
            raise step
        return Reading(step, time.monotonic())  # type: ignore[arg-type]

    def close(self) -> None:
        """See `Source`."""
        self.closed = True


class Sources:
    """Opens stepped sources by spec; keeps every one it opened. A spec in `missing` does not open."""

    def __init__(self) -> None:
        self.opened: list[SteppedSource] = []
        self.specs: list[str] = []
        self.missing: set[str] = set()
        self.selfie = False

    def __call__(self, spec: str, max_side: int) -> SteppedSource:
        """See `live.capture.OpenSource`."""
        self.specs.append(spec)
        if spec in self.missing:
            raise SourceError(f"no {spec}: plug it in")
        self.opened.append(SteppedSource(spec, self.selfie))
        return self.opened[-1]

    @property
    def newest(self) -> SteppedSource:
        """The source that was opened last."""
        return self.opened[-1]

    def end(self) -> None:
        """Let every stuck read go, so that threads can end."""
        for source in self.opened:
            source.end()


class FixedDetector:
    """Finds the same faces in every frame; `faces` may be changed at any time."""

    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)
        self.closed = False
        self.resets = 0

    def __call__(self, frame: Frame, time_ms: int) -> list[Face]:
        """See `Detector`."""
        return list(self.faces)

    def reset(self) -> None:
        """See `Detector`."""
        self.resets += 1

    def close(self) -> None:
        """See `Detector`."""
        self.closed = True


class GatedGenerator:
    """Returns its input, or raises what is in `failures` first.

    Attributes:
        batches: number of crops in each call.
        stepped: whether each call waits for one `allow`, like a slow graph.
        entered: is released at the beginning of each call.
    """

    runtime = "test runtime"

    def __init__(self, size: int = 16, max_batch: int | None = None) -> None:
        self.size, self.max_batch = size, max_batch
        self.batches: list[int] = []
        self.failures: list[Exception] = []
        self.stepped = False
        self._allowed = threading.Semaphore(0)
        self.entered = threading.Semaphore(0)
        self.closed = False

    def __call__(self, batch: Batch) -> Batch:
        """See `Generator`."""
        self.batches.append(len(batch))
        self.entered.release()
        if self.stepped:
            assert self._allowed.acquire(timeout=10)
        if self.failures:
            raise self.failures.pop(0)
        return batch.copy()

    def forget(self) -> None:
        """As if nobody had called it yet."""
        self.batches.clear()
        while self.entered.acquire(blocking=False):
            pass

    def allow(self) -> None:
        """Let one call through."""
        self._allowed.release()

    def close(self) -> None:
        """See `Generator`."""
        self.closed = True


class OneStyle:
    """Lends one generator."""

    def __init__(self, generator: Generator | None) -> None:
        self.generator = generator

    @contextlib.contextmanager
    def lease(self) -> Iterator[Generator | None]:
        """See `live.animate.GeneratorLease`."""
        yield self.generator


class Clock:
    """A clock that moves when it is told to, or when someone sleeps on it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        self.slept.append(seconds)
        self.now += seconds


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Wait for other threads to bring something about; fails if they do not."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "this did not happen in time"
        time.sleep(0.002)


def shown(viewer: Viewer, timeout_s: float = 10.0) -> Painted:
    """The next picture of a viewer; fails if none comes."""
    painted = viewer.next(timeout_s)
    assert painted is not None, "no picture came"
    return painted
