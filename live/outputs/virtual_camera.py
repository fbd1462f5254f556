"""A camera that other programs see: pyvirtualcam over v4l2loopback, OBS Virtual Camera or Unity Capture."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol

import numpy as np
import numpy.typing as npt

from face_crop.align import Frame
from live.outputs.files import OutputError
from live.outputs.mp4 import contained
from live.outputs.scene import Scene
from live.outputs.worker import Stage, Worker

REMEDIES = {
    "linux": "Load the kernel module: sudo apt install v4l2loopback-dkms && "
    'sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label="TwinGAN Live"; '
    "if it is loaded, close the program that sends to the device.",
    "win32": "Install OBS Studio (its virtual camera comes with it) or Unity Capture; "
    'if OBS is running, press "Stop Virtual Camera" there.',
    "darwin": 'Install OBS Studio 30 or later, press "Start Virtual Camera" once, allow the system extension in the '
    'system settings and restart; then press "Stop Virtual Camera" in OBS.',
}
INSTALL = "pyvirtualcam is not installed: run `pip install -r requirements.txt`"


@dataclass(frozen=True)
class Format:
    """What other programs see.

    Attributes:
        width: pixels, even.
        height: pixels, even.
        fps: pictures a second.
        device: name of the device, /dev/video10 for one; None takes the first.
        backend: a name in pyvirtualcam's registry; None tries all.
    """

    width: int = 1280
    height: int = 720
    fps: int = 30
    device: str | None = None
    backend: str | None = None


class Device(Protocol):
    """What is needed of `pyvirtualcam.Camera`."""

    @property
    def device(self) -> str:
        """Its name."""

    def send(self, frame: npt.NDArray[np.uint8]) -> None:
        """Show RGB uint8 [height, width, 3]."""

    def close(self) -> None:
        """Release it."""


def open_device(wanted: Format) -> Device:
    """Open a virtual camera.

    Raises:
        OutputError: there is none, or another program holds it; with the remedy for this system.
    """
    if not find_spec("pyvirtualcam"):
        raise OutputError(INSTALL)
    import pyvirtualcam
    from pyvirtualcam.camera import BACKENDS

    if wanted.backend is not None and wanted.backend not in BACKENDS:
        raise OutputError(f"no virtual camera backend {wanted.backend!r}: choose one of {', '.join(sorted(BACKENDS))}")
    try:
        camera: Device = pyvirtualcam.Camera(
            wanted.width,
            wanted.height,
            wanted.fps,
            fmt=pyvirtualcam.PixelFormat.RGB,
            device=wanted.device,
            backend=wanted.backend,
        )
    except (RuntimeError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise OutputError(f"no virtual camera: {reason}. {REMEDIES.get(sys.platform, '')}".strip()) from error
    return camera


class VirtualCamera(Worker):
    """Shows what the page shows, not mirrored, to other programs. Any thread may call.

    Args:
        stage: where scenes come from.
        wanted: what other programs see.
        open_device: opens the device.
    """

    def __init__(
        self, stage: Stage, wanted: Format | None = None, open_device: Callable[[Format], Device] = open_device
    ) -> None:
        self.wanted = wanted or Format()
        super().__init__(stage, "virtual camera", idle_s=1 / self.wanted.fps)
        self._open = open_device
        self._screen: _Screen | None = None

    @property
    def device(self) -> str:
        """Name of the device in use, empty while it is off."""
        return self._screen.device if self._screen and self.on else ""

    def start(self, view: str | None = None) -> None:
        """Open the device and send.

        Args:
            view: one of `live.views.VIEWS`; None follows the page.

        Raises:
            OutputError: the device is missing or taken; with the remedy.
        """
        self._begin(lambda: self._make(view))

    def _make(self, view: str | None) -> _Screen:
        self._screen = _Screen(self._open(self.wanted), self.wanted, view)
        return self._screen


class _Screen:
    """A sink that sends at most `fps` pictures a second, and the last one again while none comes.

    Programs take a camera that falls silent for a broken one.
    """

    def __init__(
        self,
        camera: Device,
        wanted: Format,
        view: str | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._camera, self._wanted, self._view = camera, wanted, view
        self._clock, self._sleep = clock, sleep
        self._interval_s = 1 / wanted.fps
        self._due = clock()
        self._last = np.zeros((wanted.height, wanted.width, 3), np.uint8)
        self._closed = False
        self.device = camera.device

    def take(self, scene: Scene | None) -> None:
        if scene is not None:
            self._last = _framed(scene.unmirrored(self._view), self._wanted)
        self._sleep(max(0.0, self._due - self._clock()))
        self._due = max(self._due + self._interval_s, self._clock())
        try:
            self._camera.send(self._last)
        except (RuntimeError, OSError) as error:
            raise OutputError(f"the virtual camera {self.device} stopped: {error}. Switch it on again.") from error

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._camera.close()


def _framed(picture: Frame, wanted: Format) -> Frame:
    return contained(picture, wanted.width, wanted.height)
