"""A device that fails while the app runs: the generator is the real one of engines.trt, on the engines' fake device."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engines.base import Generator
from engines.errors import DeviceError, EngineError
from engines.load import Device
from engines.trt import TrtGenerator
from live.recovery import FAULTS, WITHIN_S, Recovery
from live.session import Session
from live.settings import Settings
from live.styles import Styles
from tests.engines.fakes import FakeDevice, FakeExecutor
from tests.live.fakes import FixedDetector, GatedGenerator, Sources, face_at, numbered, shown, until

CROPS = np.full((1, 8, 8, 3), 55, np.uint8)


class Gpu:
    """Loads styles on fake devices, as `load_generator` does where there is a GPU; `broken` ones cannot be opened."""

    def __init__(self) -> None:
        self.devices: list[FakeDevice] = []
        self.asked: list[str] = []
        self.broken = False

    def __call__(self, path: Path, device: Device) -> Generator:
        self.asked.append(f"{path.stem} {device}")
        if device == "cpu":
            return GatedGenerator(8)
        if self.broken:
            raise EngineError("the GPU cannot be used (lost): see `python -m engines.doctor`")
        self.devices.append(FakeDevice())
        return TrtGenerator(FakeExecutor(self.devices[-1]), self.devices[-1])


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in ("a.onnx", "b.onnx"):
        (tmp_path / name).touch()
    return tmp_path


def draw(styles: Styles) -> np.ndarray | None:
    with styles.lease() as generator:
        return None if generator is None else generator(CROPS)


def fail(styles: Styles, gpu: Gpu) -> None:
    """Let the newest device fail in the next frame, and wait until a style is there again or is given up."""
    gpu.devices[-1].fail = "launch"
    with pytest.raises(DeviceError, match="launch"):
        draw(styles)
    until(lambda: draw(styles) is not None or styles.current is None)


@pytest.fixture
def started(models: Path) -> Callable[[Device], tuple[Styles, Gpu]]:
    def start(device: Device) -> tuple[Styles, Gpu]:
        gpu = Gpu()
        styles = Styles(models, device, gpu)
        styles.use(None)
        return styles, gpu

    return start


Started = Callable[[Device], tuple[Styles, Gpu]]


def test_after_a_fault_the_model_is_loaded_again(started: Started, caplog: pytest.LogCaptureFixture) -> None:
    styles, gpu = started("tensorrt")
    with caplog.at_level(logging.ERROR):
        fail(styles, gpu)
    np.testing.assert_array_equal(draw(styles), 255 - CROPS)
    assert gpu.devices[0].log[-2:] == ["executor closed", "device closed"]
    assert (styles.problem, styles.runtime) == ("", "TensorRT 10.0.0, fake GPU, CUDA graphs")
    assert "launch" in caplog.text
    styles.close()
    assert gpu.devices[-1].closed


def test_the_other_styles_on_that_device_are_closed_as_well(started: Started, models: Path) -> None:
    styles, gpu = started("tensorrt")
    styles.use(models / "b.onnx")
    fail(styles, gpu)
    assert [device.closed for device in gpu.devices] == [True, True, False]
    assert gpu.asked == ["a tensorrt", "b tensorrt", "b tensorrt"]


def test_a_device_that_keeps_failing_is_replaced_by_the_cpu_where_that_may_be(started: Started, models: Path) -> None:
    styles, gpu = started("auto")
    for _ in range(FAULTS):
        fail(styles, gpu)
    assert gpu.asked == [*["a auto"] * FAULTS, "a cpu"]
    assert "The CPU runs until the app is started again" in styles.problem
    assert styles.runtime == "test runtime"
    styles.use(models / "b.onnx")
    assert gpu.asked[-1] == "b cpu"
    assert "The CPU runs" in styles.problem


def test_a_device_asked_for_by_name_is_given_up_and_never_replaced(started: Started) -> None:
    styles, gpu = started("tensorrt")
    for _ in range(FAULTS):
        fail(styles, gpu)
    assert gpu.asked == ["a tensorrt"] * FAULTS
    assert styles.current is None
    assert "--device auto" in styles.problem
    assert all(device.closed for device in gpu.devices)
    styles.use(None)
    assert draw(styles) is not None
    assert styles.problem == ""


def test_a_device_that_is_gone_says_so(started: Started) -> None:
    styles, gpu = started("tensorrt")
    gpu.broken = True
    fail(styles, gpu)
    assert styles.current is None
    assert "engines.doctor" in styles.problem


def test_faults_that_are_far_apart_are_not_added_up() -> None:
    now = [0.0]
    recovery = Recovery("tensorrt", lambda: now[0])
    for _ in range(10):
        recovery.note(DeviceError("out of memory"))
        now[0] += WITHIN_S / (FAULTS - 1) + 1
    assert recovery.device == "tensorrt"


def test_the_stream_goes_on_over_a_fault(models: Path) -> None:
    gpu, sources = Gpu(), Sources()
    styles = Styles(models, "tensorrt", gpu)
    settings = Settings(source="pattern", view="portrait", models=models)
    session = Session(
        settings, styles=styles, opener=sources, cameras=list, make_detector=lambda: FixedDetector(face_at())
    )
    viewer = session.subscribe()
    session.start()
    until(lambda: bool(sources.opened) and bool(session.stats().style))
    gpu.devices[-1].fail = "launch"
    for index in range(3):
        sources.newest.send(numbered(index))
        assert shown(viewer).sequence == index + 1
        until(lambda: styles.problem == "")
    assert (session.stats().faults, session.stats().state, len(gpu.devices)) == (1, "live", 2)
    sources.end()
    session.close()
