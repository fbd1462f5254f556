"""The GPU generator's logic on a fake device that is asynchronous and strict; the same code drives the real one."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pytest

from engines import DeviceError, EngineError
from engines.trt import TrtGenerator
from tests.engines.fakes import FakeDevice, FakeExecutor


def pictures(count: int, seed: int = 0) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 8, 8, 3), np.uint8)


def made(captures: bool = True, max_batch: int = 4) -> tuple[TrtGenerator, FakeDevice, FakeExecutor]:
    device = FakeDevice(captures)
    executor = FakeExecutor(device, max_batch=max_batch)
    return TrtGenerator(executor, device, "fp16"), device, executor


@pytest.mark.parametrize("captures", [True, False])
@pytest.mark.parametrize("count", [1, 3, 4])
def test_draws_every_picture(captures: bool, count: int) -> None:
    generator, _, _ = made(captures)
    np.testing.assert_array_equal(generator(pictures(count)), 255 - pictures(count))


def test_the_caller_owns_the_result() -> None:
    generator, _, _ = made()
    first = generator(pictures(2, seed=1))
    generator(pictures(2, seed=2))
    np.testing.assert_array_equal(first, 255 - pictures(2, seed=1))


def test_batch_sizes_take_turns_without_leftovers() -> None:
    generator, _, _ = made()
    for seed, count in enumerate([4, 1, 3, 1, 4, 2]):
        np.testing.assert_array_equal(generator(pictures(count, seed)), 255 - pictures(count, seed))


def test_a_frame_is_one_launch_and_one_wait_and_allocates_nothing() -> None:
    generator, device, executor = made()
    device.log.clear()
    generator(pictures(2))
    assert device.log == ["current", "launch", "synchronize"]
    assert executor.prepared == [1, 2, 3, 4]


def test_without_graphs_a_frame_is_upload_compute_download() -> None:
    generator, device, _ = made(captures=False)
    device.log.clear()
    generator(pictures(2))
    assert device.log == ["current", "upload", "download", "synchronize"]
    assert "graphs" not in generator.runtime


def test_each_size_runs_once_before_it_is_captured() -> None:
    generator, device, _ = made(max_batch=1)
    assert generator.max_batch == 1
    tail = device.log[device.log.index("upload") :]
    assert tail == ["upload", "download", "synchronize", "capture", "upload", "download", "launch", "synchronize"]


def test_where_graphs_cannot_be_captured_frames_run_without_and_it_is_told(caplog: pytest.LogCaptureFixture) -> None:
    device = FakeDevice()
    device.fail = "capture"
    generator = TrtGenerator(FakeExecutor(device), device, "fp16")
    assert generator.runtime == "TensorRT 10.0.0, fp16, fake GPU"
    assert caplog.text.count("CUDA graphs cannot be used") == 1
    np.testing.assert_array_equal(generator(pictures(3)), 255 - pictures(3))


def test_large_batches_are_prepared_when_they_come() -> None:
    generator, _, executor = made(max_batch=20)
    assert executor.prepared == list(range(1, 9))
    np.testing.assert_array_equal(generator(pictures(20)), 255 - pictures(20))
    assert executor.prepared[-1] == 20


def test_tells_what_it_is() -> None:
    generator, _, _ = made()
    assert generator.runtime == "TensorRT 10.0.0, fp16, fake GPU, CUDA graphs"
    assert (generator.size, generator.max_batch, generator.fallback_reason) == (8, 4, None)
    assert generator.stage_ms(2) == (0.5, 0.5, 0.5)


def test_too_many_pictures_are_refused() -> None:
    generator, _, _ = made()
    with pytest.raises(EngineError, match="N from 1 to 4"):
        generator(pictures(5))


def test_plan_goes_before_the_device_and_closing_twice_is_harmless() -> None:
    generator, device, _ = made()
    generator.close()
    generator.close()
    assert device.log[-2:] == ["executor closed", "device closed"]
    with pytest.raises(EngineError, match="closed"):
        generator(pictures(1))


def test_a_forgotten_generator_is_closed_all_the_same() -> None:
    generator, device, _ = made()
    del generator
    gc.collect()
    assert device.log[-2:] == ["executor closed", "device closed"]


@pytest.mark.parametrize("what", ["launch", "synchronize", "current"])
def test_a_fault_is_one_error_and_closing_still_works(what: str) -> None:
    generator, device, _ = made()
    device.fail = what
    with pytest.raises(DeviceError, match=what):
        generator(pictures(1))
    generator.close()
    assert device.log[-1] == "device closed"


def held_up(device: FakeDevice) -> tuple[threading.Event, threading.Event]:
    """Let the device stop in the next frame: (it has, let it go on)."""
    entered, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        entered.set()
        assert go_on.wait(10)

    device.queue(wait)
    return entered, go_on


def test_closing_does_not_pull_the_device_away_from_a_call_that_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """As at the end of the program, while a worker thread still waits for the GPU."""
    monkeypatch.setattr("engines.trt.RELEASE_S", 0.05)
    generator, device, _ = made(captures=False)
    entered, go_on = held_up(device)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(generator, pictures(1))
        assert entered.wait(10)
        generator.close()
        assert not device.closed
        go_on.set()
        np.testing.assert_array_equal(call.result(10), 255 - pictures(1))
    with pytest.raises(EngineError, match="closed"):
        generator(pictures(1))


def test_closing_waits_for_a_call_that_goes_on() -> None:
    generator, device, _ = made(captures=False)
    entered, go_on = held_up(device)
    with ThreadPoolExecutor(2) as pool:
        call = pool.submit(generator, pictures(1))
        assert entered.wait(10)
        closing = pool.submit(generator.close)
        go_on.set()
        np.testing.assert_array_equal(call.result(10), 255 - pictures(1))
        closing.result(10)
    assert device.log[-2:] == ["executor closed", "device closed"]


def test_too_little_memory_at_the_start_leaves_nothing_open() -> None:
    device = FakeDevice()
    device.fail = "allocate"
    with pytest.raises(DeviceError, match="allocate"):
        TrtGenerator(FakeExecutor(device), device)
    assert device.log[-2:] == ["executor closed", "device closed"]


def test_calls_from_several_threads_wait_for_each_other() -> None:
    generator, _, _ = made()
    batches = [pictures(1 + index % 4, index) for index in range(40)]
    with ThreadPoolExecutor(8) as pool:
        for batch, drawn in zip(batches, pool.map(generator, batches), strict=True):
            np.testing.assert_array_equal(drawn, 255 - batch)
