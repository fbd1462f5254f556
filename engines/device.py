"""The few things of a CUDA device that running a plan needs, behind a Protocol, and PyCUDA as the real one."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from engines.base import Batch
from engines.errors import DeviceError, EngineError

Work = Callable[[], None]


class Device(Protocol):
    """One GPU with one stream. Every method but `current` is called inside `with device.current()`.

    Attributes:
        name: of the GPU.
        stream: handle of the stream on which everything runs in order.
        captures: whether `capture` gives more than the work itself.
    """

    name: str
    stream: int
    captures: bool

    def current(self) -> AbstractContextManager[None]:
        """Make the device this thread's; faults inside become DeviceError."""

    def page_locked(self, shape: tuple[int, ...]) -> Batch:
        """A uint8 array in memory that the device copies from and to by itself; not to be touched after `close`."""

    def allocate(self, count: int) -> int:
        """Address of `count` bytes on the device; freed by `close`."""

    def upload(self, address: int, source: Batch) -> None:
        """Queue a copy from page-locked memory to the device."""

    def download(self, target: Batch, address: int) -> None:
        """Queue a copy from the device to page-locked memory."""

    def capture(self, work: Work) -> Work:
        """Record what `work` queues, and return what queues it again in one call (a CUDA graph)."""

    def synchronize(self) -> None:
        """Wait for everything that was queued."""

    def elapsed_ms(self, work: Work) -> float:
        """Milliseconds that the device needs for what `work` queues."""

    def close(self) -> None:
        """Free everything; calling it twice is harmless."""


class PyCudaDevice:
    """A `Device` on PyCUDA, with CUDA graphs by cuda-bindings on the same stream where that is installed.

    It retains the primary context, the one that TensorRT and PyTorch use too, and holds it only during calls: it may be
    used from any thread, one at a time.

    Raises:
        EngineError: PyCUDA is not installed or the driver refuses.
    """

    def __init__(self, index: int = 0) -> None:
        self._cuda: Any = _pycuda()
        self._driver: Any = _cuda_bindings()
        self.captures = self._driver is not None
        self._memory: list[Any] = []
        self._pinned: list[Batch] = []
        self._graphs: list[Any] = []
        try:
            self._cuda.init()
            device = self._cuda.Device(index)
            self.name = str(device.name())
            self._context: Any = device.retain_primary_context()
        except self._cuda.Error as error:
            raise EngineError(f"the GPU cannot be used ({error}): see `python -m engines.doctor`") from None
        self._stream: Any = None
        try:
            with self.current():
                self._stream = self._cuda.Stream()
        except DeviceError:
            self.close()
            raise
        self.stream = int(self._stream.handle)

    @contextlib.contextmanager
    def current(self) -> Iterator[None]:
        """See `Device`."""
        try:
            self._context.push()
        except self._cuda.Error as error:
            raise _fault(error) from None
        try:
            yield
        except self._cuda.Error as error:
            raise _fault(error) from None
        finally:
            with contextlib.suppress(self._cuda.Error):  # A lost device cannot even give its context back.
                self._cuda.Context.pop()

    def page_locked(self, shape: tuple[int, ...]) -> Batch:
        """See `Device`."""
        array: Batch = self._cuda.pagelocked_zeros(shape, np.uint8)
        self._pinned.append(array)
        return array

    def allocate(self, count: int) -> int:
        """See `Device`."""
        self._memory.append(self._cuda.mem_alloc(count))
        return int(self._memory[-1])

    def upload(self, address: int, source: Batch) -> None:
        """See `Device`."""
        self._cuda.memcpy_htod_async(address, source, self._stream)

    def download(self, target: Batch, address: int) -> None:
        """See `Device`."""
        self._cuda.memcpy_dtoh_async(target, address, self._stream)

    def capture(self, work: Work) -> Work:
        """See `Device`; without cuda-bindings the work itself."""
        if self._driver is None:
            return work
        try:
            return self._capture(work)
        except RuntimeError as error:  # cuda-bindings: the driver is too old to have the function.
            raise _fault(error) from None

    def _capture(self, work: Work) -> Work:
        driver = self._driver
        stream = driver.CUstream(self.stream)
        mode = driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL
        _checked(driver.cuStreamBeginCapture(stream, mode))
        try:
            work()
        finally:
            graph = _checked(driver.cuStreamEndCapture(stream))
        launchable = _checked(driver.cuGraphInstantiate(graph, 0))
        _checked(driver.cuGraphDestroy(graph))
        self._graphs.append(launchable)

        def launch() -> None:
            _checked(driver.cuGraphLaunch(launchable, stream))

        return launch

    def synchronize(self) -> None:
        """See `Device`."""
        self._stream.synchronize()

    def elapsed_ms(self, work: Work) -> float:
        """See `Device`."""
        start, end = self._cuda.Event(), self._cuda.Event()
        start.record(self._stream)
        work()
        end.record(self._stream)
        end.synchronize()
        return float(end.time_since(start))

    def close(self) -> None:
        """See `Device`."""
        if self._context is None:
            return
        with contextlib.suppress(DeviceError), self.current():
            for graph in self._graphs:
                self._driver.cuGraphExecDestroy(graph)
            for memory in self._memory:
                memory.free()
            for array in self._pinned:
                array.base.free()  # type: ignore[union-attr]  # PyCUDA's PagelockedHostAllocation.
        self._graphs, self._memory, self._pinned, self._stream = [], [], [], None
        with contextlib.suppress(self._cuda.Error):
            self._context.detach()
        self._context = None


def _pycuda() -> Any:
    try:
        return importlib.import_module("pycuda.driver")
    except ImportError as error:
        raise EngineError(
            f"PyCUDA cannot be used ({error}): `pip install -r requirements-gpu.txt` (it is compiled, which takes some "
            "minutes and needs the CUDA toolkit)"
        ) from None


def _cuda_bindings() -> Any:
    """NVIDIA's own bindings of the driver; None where they are not installed (no CUDA graphs then)."""
    try:
        return importlib.import_module("cuda.bindings.driver")
    except ImportError:
        return None


def _checked(answer: tuple[Any, ...]) -> Any:
    """The value of a cuda-bindings call, which answers (error code, value)."""
    code = answer[0]
    if int(code):
        raise _fault(code)
    return answer[1] if len(answer) > 1 else None


def _fault(error: object) -> DeviceError:
    text = str(error)
    if "out of memory" in text.lower().replace("_", " "):  # Not "illegal memory access".
        remedy = "close other programs that use it, or take a smaller --max-batch"
    else:
        remedy = "load the model again; if it happens again, see `nvidia-smi` and update the driver"
    return DeviceError(f"the GPU failed ({text}): {remedy}")
