"""The cameras of this machine, through OpenCV."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from face_crop.align import Frame
from live.sources.base import Reading, SourceError, fit

WIDTH, HEIGHT, FPS = 1280, 720, 30
"""Asked of the camera; it answers with the nearest it has, and that is used."""


@dataclass(frozen=True)
class CameraInfo:
    """A camera of this machine.

    Attributes:
        name: unique among the cameras; stays the same when indices change.
        index: OpenCV's index.
        backend: OpenCV's API number (`cv2.CAP_V4L2` ...).
        path: device file or system identifier, empty where unknown.
    """

    name: str
    index: int
    backend: int
    path: str = ""


def list_cameras() -> list[CameraInfo]:
    """The cameras of this machine, sorted by index; empty where there is none."""
    from cv2_enumerate_cameras import enumerate_cameras

    found = sorted(enumerate_cameras(_backend()), key=lambda camera: int(camera.index))
    names = unique([str(camera.name or f"Camera {camera.index}") for camera in found])
    return [
        CameraInfo(name, int(camera.index), int(camera.backend), str(camera.path or ""))
        for name, camera in zip(names, found, strict=True)
    ]


def unique(names: Iterable[str]) -> list[str]:
    """Names told apart by a number: two equal webcams become "Webcam" and "Webcam (2)"."""
    seen: dict[str, int] = {}
    told_apart = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told_apart.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told_apart


def find_camera(wanted: str, cameras: list[CameraInfo]) -> CameraInfo:
    """The camera with this name, or with this index where no camera has it as its name.

    Raises:
        SourceError: there is no such camera; the message lists those there are.
    """
    by_name = [camera for camera in cameras if camera.name == wanted]
    by_index = [camera for camera in cameras if str(camera.index) == wanted]
    if by_name or by_index:
        return (by_name or by_index)[0]
    if not cameras:
        raise SourceError(f"no camera {wanted!r}: this machine has none; plug one in or choose the demo clip")
    names = ", ".join(f"{camera.name!r} ({camera.index})" for camera in cameras)
    raise SourceError(f"no camera {wanted!r}: plug it in or choose one of {names}")


class Camera:
    """A camera of this machine, asked for MJPEG 1280x720 at 30 frames a second and the shortest queue.

    Args:
        info: which one.
        max_side: frames with a longer side are averaged down to this many pixels.
        open_device: opens (index, backend); `cv2.VideoCapture`, or a stand-in in tests.

    Raises:
        SourceError: the camera is missing, taken by another program, or not permitted.
    """

    selfie = True

    def __init__(
        self, info: CameraInfo, max_side: int = 1280, open_device: Callable[[int, int], Any] | None = None
    ) -> None:
        self.label = info.name
        self._max_side = max_side
        _check_permission(info)
        self._device = (open_device or cv2.VideoCapture)(info.index, info.backend)
        if not self._device.isOpened():
            self._device.release()
            raise SourceError(
                f"camera {info.name!r} does not open: another program may be using it; close that program"
            )
        self._configure()

    def read(self) -> Reading:
        """See `Source`. OpenCV gives up after about 10 s without a frame."""
        try:
            arrived = self._device.grab()
            captured_at = time.monotonic()
            decoded, frame = self._device.retrieve() if arrived else (False, None)
        except cv2.error as error:
            raise SourceError(f"camera {self.label!r} failed: {str(error).strip().splitlines()[-1]}") from error
        if not decoded or frame is None:
            raise SourceError(f"camera {self.label!r} sends no picture: unplugged, or taken by another program")
        return Reading(fit(_rgb(frame), self._max_side), captured_at)

    def close(self) -> None:
        """See `Source`."""
        self._device.release()

    def _configure(self) -> None:
        # The order matters: uncompressed 720p exceeds USB 2, so the compression has to be chosen before the size.
        # A device that knows a setting not, ignores it; the size of each frame is read off the frame.
        self._device.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._device.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        self._device.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        self._device.set(cv2.CAP_PROP_FPS, FPS)
        self._device.set(cv2.CAP_PROP_BUFFERSIZE, 1)


def _backend() -> int:
    # DirectShow opens at once where Media Foundation takes up to 20 s (opencv issues 17687, 26495).
    return {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}.get(
        sys.platform, cv2.CAP_ANY
    )


def _check_permission(info: CameraInfo) -> None:
    if sys.platform == "linux" and info.path.startswith("/dev/") and not os.access(info.path, os.R_OK | os.W_OK):
        remedy = "add yourself to the group video (`sudo usermod -aG video $USER`) and log in again"
        raise SourceError(f"no permission for camera {info.name!r} ({info.path}): {remedy}")


def _rgb(frame: Any) -> Frame:
    """RGB uint8 [H, W, 3] of what OpenCV delivers: BGR, or grey [H, W] or [H, W, 1] from infrared cameras."""
    if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8 or frame.size == 0:
        raise SourceError(f"the camera sent {getattr(frame, 'dtype', type(frame).__name__)} instead of 8-bit pictures")
    channels = 1 if frame.ndim == 2 else frame.shape[2]
    codes = {1: cv2.COLOR_GRAY2RGB, 3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGB}
    if channels not in codes:
        raise SourceError(f"the camera sent frames with {channels} channels, expected 1, 3 or 4")
    return np.asarray(cv2.cvtColor(frame, codes[channels]), np.uint8)
