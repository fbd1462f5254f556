"""PyCudaDevice on stand-ins for PyCUDA and cuda-bindings: order, faults, shutdown. It was never on a real GPU."""

from __future__ import annotations

import numpy as np
import pytest

from engines import DeviceError, EngineError, device
from engines.device import PyCudaDevice
from tests.engines.fake_cuda import FakeCuda


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> FakeCuda:
    fake = FakeCuda()
    monkeypatch.setattr(device, "_pycuda", lambda: fake.pycuda)
    monkeypatch.setattr(device, "_cuda_bindings", lambda: fake.bindings)
    return fake


def round_trip(gpu: PyCudaDevice) -> None:
    """Up and down again through one captured graph, three times with other pictures."""
    with gpu.current():
        source, target, address = gpu.page_locked((2, 4)), gpu.page_locked((2, 4)), gpu.allocate(8)

        def copies() -> None:
            gpu.upload(address, source)
            gpu.download(target, address)

        launch = gpu.capture(copies)
        for value in (1, 2, 3):
            source[:] = value
            launch()
            gpu.synchronize()
            np.testing.assert_array_equal(target, value)


def test_a_captured_graph_copies_what_is_in_memory_when_it_is_launched(cuda: FakeCuda) -> None:
    gpu = PyCudaDevice()
    assert (gpu.name, gpu.stream, gpu.captures) == ("fake GPU", 7, True)
    round_trip(gpu)
    assert cuda.log.count("upload") == 1, "recorded once, launched three times"
    assert cuda.pushed == 0
    gpu.close()


def test_without_cuda_bindings_the_work_itself_runs(cuda: FakeCuda, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_cuda_bindings", lambda: None)
    gpu = PyCudaDevice()
    assert not gpu.captures
    round_trip(gpu)
    assert cuda.log.count("upload") == 3
    gpu.close()


def test_closing_frees_everything_once(cuda: FakeCuda) -> None:
    gpu = PyCudaDevice()
    round_trip(gpu)
    assert cuda.alive
    gpu.close()
    gpu.close()
    assert (cuda.alive, cuda.retained, cuda.pushed) == (set(), 0, 0)


@pytest.mark.parametrize("what", ["allocate", "page_locked"])
def test_too_little_memory_is_one_error_with_the_remedy(cuda: FakeCuda, what: str) -> None:
    gpu = PyCudaDevice()
    cuda.refuse = what
    with pytest.raises(DeviceError, match=r"out of memory.*smaller --max-batch"), gpu.current():
        gpu.allocate(8)
        gpu.page_locked((8,))
    gpu.close()
    assert (cuda.alive, cuda.retained) == (set(), 0)


def test_a_graph_that_does_not_fit_is_a_fault_too(cuda: FakeCuda) -> None:
    gpu = PyCudaDevice()
    cuda.refuse = "instantiate"
    with pytest.raises(DeviceError), gpu.current():
        gpu.capture(lambda: None)
    gpu.close()


def test_a_driver_without_the_function_is_a_fault_too(cuda: FakeCuda, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(graph: object, flags: int) -> None:
        raise RuntimeError('Function "cuGraphInstantiateWithFlags" not found')

    gpu = PyCudaDevice()
    monkeypatch.setattr(cuda.bindings, "cuGraphInstantiate", missing)
    with pytest.raises(DeviceError, match="not found"), gpu.current():
        gpu.capture(lambda: None)
    gpu.close()


def test_a_fault_while_capturing_ends_the_capture(cuda: FakeCuda) -> None:
    gpu = PyCudaDevice()

    def broken() -> None:
        raise DeviceError("TensorRT could not start")

    with pytest.raises(DeviceError, match="could not start"), gpu.current():
        gpu.capture(broken)
    assert cuda.log[-1] == "end capture"
    gpu.close()


def test_a_lost_device_is_one_error_and_can_still_be_closed(cuda: FakeCuda) -> None:
    gpu = PyCudaDevice()
    with gpu.current():
        launch = gpu.capture(lambda: None)
    cuda.lost = True
    with pytest.raises(DeviceError, match=r"illegal memory access.*load the model again"), gpu.current():
        gpu.synchronize()
    cuda.lost = False
    with pytest.raises(DeviceError, match="700"), gpu.current():
        cuda.lost = True
        launch()
    gpu.close()
    assert (cuda.retained, cuda.pushed) == (0, 0)


def test_a_device_without_room_for_a_stream_is_given_back(cuda: FakeCuda) -> None:
    cuda.refuse = "stream"
    with pytest.raises(DeviceError, match="out of memory"):
        PyCudaDevice()
    assert (cuda.retained, cuda.pushed) == (0, 0)


def test_a_driver_that_refuses_names_the_doctor(cuda: FakeCuda) -> None:
    cuda.lost = True
    with pytest.raises(EngineError, match=r"engines\.doctor"):
        PyCudaDevice()


def test_time_on_the_device_is_measured_between_events(cuda: FakeCuda) -> None:
    gpu = PyCudaDevice()
    with gpu.current():
        assert gpu.elapsed_ms(lambda: None) == 0.25
    gpu.close()
