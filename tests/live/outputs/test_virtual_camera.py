"""Against a stand-in backend that is registered in pyvirtualcam's own registry."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import pyvirtualcam
from pyvirtualcam.camera import BACKENDS
from pyvirtualcam.util import encode_fourcc

from live.outputs.files import OutputError
from live.outputs.virtual_camera import REMEDIES, Format, VirtualCamera, open_device
from tests.live.fakes import until
from tests.live.outputs.scenes import FakeStage, scene, two_colours


class Standin:
    """Keeps what it is sent, and behaves as pyvirtualcam asks of a backend."""

    made: list[Standin]
    fault = ""

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None) -> None:
        if type(self).fault == "taken":
            raise RuntimeError("device /dev/video10 is busy")
        self.asked = (width, height, fps, fourcc)
        self.frames: list[npt.NDArray[np.uint8]] = []
        self.times: list[float] = []
        self.closed = 0
        type(self).made.append(self)

    def send(self, frame: npt.NDArray[np.uint8]) -> None:
        if type(self).fault == "breaks":
            raise RuntimeError("device was unplugged")
        self.times.append(time.monotonic())
        self.frames.append(frame.copy())

    def close(self) -> None:
        self.closed += 1

    def device(self) -> str:
        return "Stand-in"

    def native_fourcc(self) -> Any:
        return None


@pytest.fixture
def backend() -> Iterator[type[Standin]]:
    class Fresh(Standin):
        pass

    Fresh.made = []
    pyvirtualcam.register_backend("standin", Fresh)
    yield Fresh
    del BACKENDS["standin"]


def camera(stage: FakeStage, fps: int = 50) -> VirtualCamera:
    return VirtualCamera(stage, Format(64, 36, fps, backend="standin"))


def test_colours_size_and_direction_reach_the_backend(backend: type[Standin]) -> None:
    stage = FakeStage()
    output = camera(stage)
    output.start()
    assert output.device == "Stand-in"
    stage.taps.put(scene(two_colours(64, 36), mirror=True))
    until(lambda: any(frame.any() for frame in backend.made[0].frames))
    output.stop()
    (device,) = backend.made
    assert device.asked == (64, 36, 50, encode_fourcc("raw "))
    shown = next(frame for frame in device.frames if frame.any())
    assert shown.size == 64 * 36 * 3
    # RGB, row by row, and not mirrored although the preview is: red is on the left.
    assert np.array_equal(shown.reshape(36, 64, 3), two_colours(64, 36))
    assert device.closed == 1
    assert stage.taps.count == 0


def test_another_shape_is_shown_whole_between_bars(backend: type[Standin]) -> None:
    stage = FakeStage()
    output = camera(stage)
    output.start()
    stage.taps.put(scene(np.full((36, 36, 3), 200, np.uint8)))
    until(lambda: any(frame.any() for frame in backend.made[0].frames))
    output.stop()
    shown = next(frame for frame in backend.made[0].frames if frame.any()).reshape(36, 64, 3)
    assert (shown[:, 14:50] == 200).all()
    assert not shown[:, :14].any()
    assert not shown[:, 50:].any()


def test_never_more_pictures_than_agreed_and_none_lost_to_silence(backend: type[Standin]) -> None:
    """200 scenes a second into a camera of 20, then silence: it sends on, because a silent camera looks broken."""
    stage = FakeStage()
    output = camera(stage, fps=20)
    output.start()
    for index in range(100):
        stage.taps.put(scene(np.full((36, 64, 3), index + 1, np.uint8), index / 200))
        time.sleep(0.005)
    device = backend.made[0]
    until(lambda: bool(device.frames) and int(device.frames[-1][0]) == 100)
    sent = len(device.frames)
    until(lambda: len(device.frames) >= sent + 5)
    output.stop()
    span = device.times[-1] - device.times[0]
    assert len(device.times) - 1 <= span * 20 + 1
    seen = [int(frame[0]) for frame in device.frames]
    assert all(earlier <= later for earlier, later in pairwise(seen)), "an older picture came after a newer one"
    assert int(device.frames[-1][0]) == 100


def test_a_taken_device_is_told_with_the_remedy(backend: type[Standin]) -> None:
    backend.fault = "taken"
    stage = FakeStage()
    output = camera(stage)
    with pytest.raises(OutputError, match=r"no virtual camera: .*device /dev/video10 is busy"):
        output.start()
    assert not output.on
    assert "busy" in output.problem
    assert stage.taps.count == 0


def test_a_device_that_breaks_stops_with_a_sentence(backend: type[Standin]) -> None:
    stage = FakeStage()
    output = camera(stage)
    backend.fault = "breaks"
    output.start()
    until(lambda: not output.on)
    assert output.problem == "the virtual camera Stand-in stopped: device was unplugged. Switch it on again."
    assert backend.made[0].closed == 1
    backend.fault = ""
    output.start()
    assert output.on
    assert output.problem == ""
    output.stop()


def test_an_unknown_backend_names_those_there_are() -> None:
    with pytest.raises(OutputError, match="no virtual camera backend 'nothing': choose one of"):
        open_device(Format(backend="nothing"))


@pytest.mark.skipif(sys.platform != "linux", reason="names the Linux kernel module")
@pytest.mark.skipif(bool(list(Path("/sys/devices/virtual/video4linux").glob("*"))), reason="there is a virtual device")
def test_where_there_is_no_device_the_real_backend_fails_with_the_remedy() -> None:
    with pytest.raises(OutputError, match="modprobe v4l2loopback") as failure:
        open_device(Format())
    assert "\n" not in str(failure.value)


def test_every_system_has_a_remedy() -> None:
    assert set(REMEDIES) == {"linux", "win32", "darwin"}
    assert "Start Virtual Camera" in REMEDIES["darwin"]
    assert "Unity Capture" in REMEDIES["win32"]
