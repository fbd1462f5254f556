"""Video files and network streams, through PyAV (FFmpeg)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import cv2
import numpy as np

from face_crop.align import Frame
from live.sources.base import Reading, SourceError, fitted_size

if TYPE_CHECKING:
    import av

SCHEMES = ("rtsp", "rtsps", "rtmp", "http", "https", "udp", "tcp", "srt")
OPEN_TIMEOUT_S, READ_TIMEOUT_S = 8.0, 5.0
MAX_PIXELS = 7680 * 4320
"""8K. A file of some kilobytes can claim pictures that take gigabytes."""
LATE_S = 0.1
"""A frame that is later than this is decoded but not converted: the film catches up with the clock."""
JUMP_S = 1.0
"""A frame that is further from the clock than this does not catch up: the film goes on from there."""


class Pacer:
    """Says when each frame of a film is due, and which one comes too late to be worth showing.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._offset_s: float | None = None

    def wait_s(self, film_s: float) -> float | None:
        """Seconds until the frame at `film_s` is due, at least 0; None where it is late and should be skipped."""
        now = self._clock()
        if self._offset_s is None or abs(self._offset_s + film_s - now) > JUMP_S:
            self._offset_s = now - film_s  # the first frame, or the machine slept: go on from here
        ahead_s = self._offset_s + film_s - now
        return None if ahead_s < -LATE_S else max(0.0, ahead_s)


class VideoFile:
    """A video file that plays in real time and starts again at its end.

    A frame's capture time is the moment it is due, as if a camera had just taken it.

    Args:
        path: any file that FFmpeg reads.
        label: name for people; the file's name if empty.
        max_side: frames with a longer side are scaled down to this many pixels.
        clock: seconds, monotonic.
        sleep: sleeps so many seconds; `close` interrupts the default.

    Raises:
        SourceError: the file is missing, not readable or not a video.
    """

    selfie = False

    def __init__(
        self,
        path: Path,
        label: str = "",
        max_side: int = 1280,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        if not path.is_file():
            raise SourceError(f"no video file {path}: check the path")
        self.label = label or path.name
        self._max_side = max_side
        self._clock = clock
        self._closed = threading.Event()
        self._sleep = sleep or self._closed.wait
        self._container = _open(str(path), self.label, {})
        self._container.streams.video[0].thread_type = "AUTO"
        self._film = self._endless()
        self._pacer = Pacer(clock)

    def read(self) -> Reading:
        """See `Source`."""
        for film_s, frame in self._film:
            wait_s = self._pacer.wait_s(film_s)
            if wait_s is not None:
                self._sleep(wait_s)
                captured_at = self._clock()
                return Reading(to_rgb(frame, self._max_side), captured_at)
        raise SourceError(f"{self.label} has no picture that can be decoded: choose another file")

    def close(self) -> None:
        """See `Source`."""
        self._closed.set()
        self._container.close()

    def _endless(self) -> Iterator[tuple[float, av.VideoFrame]]:
        """(seconds since the very first start, frame), round after round; ends where a round has no frame at all."""
        start_s = 0.0
        while True:
            film_s = None
            for film_s, frame in _timed(self._container, self.label):
                yield start_s + film_s, frame
            if film_s is None:
                return
            start_s += film_s + _period_s(self._container)
            self._container.seek(0)


class Stream:
    """A network camera; or a finite film behind an address, which is then played in real time.

    Args:
        url: with one of `SCHEMES`.
        max_side: frames with a longer side are scaled down to this many pixels.

    Raises:
        SourceError: unknown scheme, no answer, or not a video.
    """

    selfie = False

    def __init__(self, url: str, max_side: int = 1280) -> None:
        self.label = without_password(url)
        if urlsplit(url).scheme.lower() not in SCHEMES:
            raise SourceError(f"{self.label} is not an address of a stream: it must start with {', '.join(SCHEMES)}")
        self._max_side = max_side
        transport = {"rtsp_transport": "tcp"} if url.lower().startswith("rtsp") else {}
        self._container = _open(url, self.label, transport | {"flags": "low_delay"})
        # Frame threads would hold back one frame per thread.
        self._container.streams.video[0].thread_type = "SLICE"
        self._film = _timed(self._container, self.label)
        self._pacer = Pacer(time.monotonic) if self._container.duration else None
        self._closed = threading.Event()

    def read(self) -> Reading:
        """See `Source`. A film that ends raises, too: it is then opened anew, that is, repeated."""
        for film_s, frame in self._film:
            wait_s = self._pacer.wait_s(film_s) if self._pacer else 0.0
            if wait_s is not None:
                self._closed.wait(wait_s)
                captured_at = time.monotonic()
                return Reading(to_rgb(frame, self._max_side), captured_at)
        raise SourceError(f"{self.label} ended")

    def close(self) -> None:
        """See `Source`."""
        self._closed.set()
        self._container.close()


def without_password(url: str) -> str:
    """The address without user name, password and query, fit for a page or a log."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def to_rgb(frame: av.VideoFrame, max_side: int) -> Frame:
    """RGB uint8 [H, W, 3], upright (a telephone's rotation mark is obeyed), at most `max_side` pixels."""
    width, height = fitted_size(frame.width, frame.height, max_side)
    rgb = frame.to_ndarray(format="rgb24", width=width, height=height)
    # FFmpeg counts the mark anticlockwise.
    turns: dict[int, int] = {
        90: cv2.ROTATE_90_COUNTERCLOCKWISE,
        180: cv2.ROTATE_180,
        270: cv2.ROTATE_90_CLOCKWISE,
    }
    turn = turns.get(frame.rotation % 360)
    return np.asarray(rgb if turn is None else cv2.rotate(rgb, turn), np.uint8)


def _open(address: str, label: str, options: dict[str, str]) -> Any:
    import av

    try:
        container = av.open(address, options=options, timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S))
    except (av.FFmpegError, OSError) as error:
        raise SourceError(f"{label} does not open as a video ({_reason(error)})") from error
    if not container.streams.video:
        container.close()
        raise SourceError(f"{label} has no pictures in it: choose a video")
    codec = container.streams.video[0].codec_context
    if codec.width * codec.height > MAX_PIXELS:
        container.close()
        raise SourceError(f"{label} has pictures of {codec.width} x {codec.height}: choose one of at most 7680 x 4320")
    # Pictures may grow later on; FFmpeg refuses those before it decodes. It counts its margins, hence twice.
    codec.options = {"max_pixels": str(2 * MAX_PIXELS)}
    return container


def _decoded(container: Any, label: str) -> Iterator[av.VideoFrame]:
    """Frames to the end of the stream; damaged packets in between are passed over."""
    import av

    try:
        for packet in container.demux(video=0):
            try:
                yield from packet.decode()
            except av.InvalidDataError:
                continue
    except (av.FFmpegError, OSError) as error:
        raise SourceError(f"{label} stopped ({_reason(error)})") from error


def _timed(container: Any, label: str) -> Iterator[tuple[float, av.VideoFrame]]:
    """(seconds since the first frame, frame) to the end of the film; frames without a time follow at its rate."""
    first_s = last_s = None
    for frame in _decoded(container, label):
        time_s = frame.time
        if time_s is None:
            time_s = 0.0 if last_s is None else last_s + _period_s(container)
        first_s = time_s if first_s is None else first_s
        last_s = time_s
        yield max(time_s - first_s, 0.0), frame


def _period_s(container: Any) -> float:
    return 1 / float(container.streams.video[0].average_rate or 30)


def _reason(error: Exception) -> str:
    import av

    if isinstance(error, av.error.ExitError):  # PyAV's time-out
        return "no data came for some seconds"
    return str(getattr(error, "strerror", "") or error)
