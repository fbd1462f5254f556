"""An MP4 file that grows picture by picture and plays whenever its writing stops."""

from __future__ import annotations

import contextlib
import io
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import av.video
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from face_crop.align import Frame
from live.outputs.files import OutputError

if TYPE_CHECKING:
    from typing_extensions import Buffer

TIME_BASE = Fraction(1, 90_000)
"""The clock of MPEG: 11 microseconds, so that rounding is far below a frame."""
FRAGMENT_S = 1.0
"""A key frame and a fragment so often: what a killed process loses at most."""
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
"""Each fragment carries its own index, so that nothing has to be written at the end."""
BT709 = 1
"""Primaries, transfer and matrix in the numbers of ISO/IEC 23091-2 (H.273)."""


class Mp4Writer:
    """Writes pictures with the times at which they were taken. One thread uses it.

    Args:
        path: must not exist.
        width: of the film in pixels; made even, because 4:2:0 needs that.
        height: of the film in pixels; made even.

    Attributes:
        frames: pictures written.
        duration_s: time of the last picture after the first one.

    Raises:
        OutputError: the file cannot be made.
    """

    def __init__(self, path: Path, width: int, height: int) -> None:
        self.path = path
        self.frames, self.duration_s = 0, 0.0
        self._size = (max(2, width - width % 2), max(2, height - height % 2))
        self._first_s: float | None = None
        self._broken, self._whole_bytes = False, 0
        self._last_pts, self._key_pts = -1, 0
        try:
            self._file = _WholeWrites(path, "xb")
        except OSError as error:
            raise OutputError(f"cannot make {path}: {error.strerror or error}") from error
        self._container = av.open(self._file, "w", format="mp4", options=FRAGMENTED)
        self._stream = self._container.add_stream("libx264", rate=30, options={"preset": "veryfast", "crf": "20"})
        self._set_up(self._stream.codec_context)

    def _set_up(self, context: av.VideoCodecContext) -> None:
        context.width, context.height = self._size
        context.pix_fmt = "yuv420p"
        context.time_base = self._stream.time_base = TIME_BASE
        context.gop_size = 600  # key frames come by time, see `write`; this is the most between two
        context.max_b_frames = 0  # a picture is in the file when it was written, not two later
        context.color_range = int(ColorRange.MPEG)
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.thread_count = 2

    def write(self, picture: Frame, at_s: float) -> None:
        """Add a picture.

        Args:
            picture: RGB uint8 [H, W, 3]; scaled into the film, with black bars, where its size is another.
            at_s: when it was taken, in seconds of any clock. One that is not later than the one before is left out.

        Raises:
            OutputError: the file cannot grow, for instance because the disk is full.
        """
        if self._first_s is None:
            self._first_s = at_s
        pts = round((at_s - self._first_s) / TIME_BASE)
        if pts <= self._last_pts:
            return
        frame = av.VideoFrame.from_ndarray(contained(picture, *self._size), format="rgb24")
        frame = frame.reformat(
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
        )
        frame.pts, frame.time_base = pts, TIME_BASE
        if self.frames == 0 or (pts - self._key_pts) * TIME_BASE >= FRAGMENT_S:
            frame.pict_type = av.video.frame.PictureType.I
            self._key_pts = pts
        self._mux(frame)
        self._last_pts, self.duration_s = pts, float(pts * TIME_BASE)
        self.frames += 1

    def close(self) -> None:
        """Write what the encoder still holds and close the file; calling it twice is harmless.

        Raises:
            OutputError: the end could not be written; what came before plays.
        """
        if self._file.closed:
            return
        try:
            if not self._broken:
                self._mux(None)
        finally:
            with contextlib.suppress(OSError, av.FFmpegError):  # the end of a fragmented file tells nothing new
                self._container.close()
            if self._broken:
                self._file.truncate(self._whole_bytes)  # half a fragment would confuse players
            self._file.close()

    def _mux(self, frame: av.VideoFrame | None) -> None:
        try:
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
                self._whole_bytes = self._file.tell()
        except (OSError, av.FFmpegError) as error:
            self._broken = True
            # PyAV wraps what the file itself said.
            cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
            reason = getattr(cause, "strerror", None) or cause
            raise OutputError(f"{self.path.name} ends here: {reason}. Is the disk full?") from error


class _WholeWrites(io.FileIO):
    """A file without a buffer that writes all or fails: on a disk that is nearly full, plain files write a part."""

    def write(self, data: Buffer, /) -> int:
        """See `io.RawIOBase`."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest:
            rest = rest[super().write(rest) or 0 :]
        return size


def contained(picture: Frame, width: int, height: int) -> Frame:
    """The whole picture in the middle of a film of another size, black around it: RGB uint8 [height, width, 3]."""
    if picture.shape[:2] == (height, width):
        return np.ascontiguousarray(picture)
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    scaled = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    film = np.zeros((height, width, 3), np.uint8)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    film[top : top + size[1], left : left + size[0]] = scaled
    return film
