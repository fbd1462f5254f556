"""A plan on the GPU: fixed buffers, one stream, one CUDA graph per batch size."""

from __future__ import annotations

import contextlib
import logging
import threading
import weakref
from typing import Any, Protocol

from engines.base import Batch, check_batch
from engines.contract import INPUT, OUTPUT
from engines.device import Device, PyCudaDevice, Work
from engines.errors import DeviceError, EngineError
from engines.tensorrt_api import TensorRT

WARM_UP = 8
"""Batch sizes up to this one are prepared when the plan is loaded, larger ones when they first come."""
RELEASE_S = 5.0
"""So long closing waits for a call that is under way; one that is stuck in its device keeps what it uses."""


class Executor(Protocol):
    """A loaded plan.

    Attributes:
        name: TensorRT flavour and version, for people.
        size: side of the pictures in pixels.
        max_batch: most pictures at once.
    """

    name: str
    size: int
    max_batch: int

    def prepare(self, count: int, image: int, portrait: int, stream: int) -> Work:
        """What queues `count` pictures on `stream` from and to these device addresses."""

    def close(self) -> None:
        """Let go of the plan."""


class TrtExecutor:
    """An `Executor` on TensorRT.

    Each batch size has an execution context of its own: a CUDA graph stays valid only while the shapes of the context
    it was captured from stay as they were.

    Raises:
        EngineError: the plan cannot be loaded, or does not keep the contract.
    """

    def __init__(self, api: TensorRT, plan: bytes) -> None:
        self.name = api.name
        self._runtime, self._engine = api.load(plan)
        self._contexts: list[Any] = []
        if sorted(tensors := api.io(self._engine)) != [(INPUT, True), (OUTPUT, False)]:
            self.close()  # Here, where the device is current: the error would keep it alive until later.
            raise EngineError(f"the plan has the tensors {tensors}: build it again with build_engine.py")
        largest = tuple(self._engine.get_tensor_profile_shape(INPUT, 0)[2])  # (min, opt, max)
        self.max_batch, self.size = int(largest[0]), int(largest[1])

    def prepare(self, count: int, image: int, portrait: int, stream: int) -> Work:
        """See `Executor`."""
        context = self._engine.create_execution_context()
        if context is None:
            raise DeviceError("the GPU has too little memory for the engine: close other programs that use it")
        shape = (count, self.size, self.size, 3)
        # TensorRT 8.6: only the first context has a profile by itself.
        profiled = context.active_optimization_profile >= 0 or context.set_optimization_profile_async(0, stream)
        accepted = profiled and context.set_input_shape(INPUT, shape)
        if not (accepted and context.set_tensor_address(INPUT, image) and context.set_tensor_address(OUTPUT, portrait)):
            raise DeviceError(f"{self.name} refuses a batch of {count}: build the plan again with build_engine.py")
        self._contexts.append(context)

        def enqueue() -> None:
            if not context.execute_async_v3(stream):
                raise DeviceError(f"{self.name} could not start a batch of {count}: load the model again")

        return enqueue

    def close(self) -> None:
        """See `Executor`: contexts, then the engine, then its runtime."""
        self._contexts.clear()
        self._engine = None
        self._runtime = None


class TrtGenerator:
    """A `Generator` on TensorRT; callable from any thread (calls wait for each other).

    Args:
        executor: the loaded plan; closed with the generator.
        device: the GPU it was loaded on; closed with the generator.
        note: what to add to `runtime`, such as the precision.
        graphs: use CUDA graphs where the device can.

    Attributes:
        fallback_reason: always None: this is what was wished for.

    Raises:
        DeviceError: the GPU fails or has too little memory.
    """

    def __init__(self, executor: Executor, device: Device, note: str = "", *, graphs: bool = True) -> None:
        self.size = executor.size
        self.max_batch: int | None = executor.max_batch
        self.fallback_reason: str | None = None
        self._most = executor.max_batch
        self._executor, self._device = executor, device
        self._graphs = graphs and device.captures
        self._parts = (executor.name, note, device.name)
        self.runtime = self._runtime()
        self._lock = threading.Lock()
        self._launches: dict[int, Work] = {}
        # Also at exit, and before the interpreter takes modules apart: TensorRT must go before the CUDA context does.
        self._release = weakref.finalize(self, _release, executor, device, self._launches, self._lock)
        try:
            with device.current():
                self._allocate()
                for count in range(1, min(self._most, WARM_UP) + 1):
                    self._launch(count)
        except EngineError:
            self.close()
            raise

    def __call__(self, batch: Batch) -> Batch:
        """See `Generator`."""
        batch = check_batch(batch, self.size, self.max_batch)
        count = len(batch)
        with self._lock:
            if not self._release.alive:
                raise EngineError("this generator was closed: load the model again")
            with self._device.current():
                self._host_in[:count] = batch
                self._launch(count)()
                self._device.synchronize()
            return self._host_out[:count].copy()

    def stage_ms(self, count: int) -> tuple[float, float, float]:
        """Milliseconds on the device for `count` pictures: (host to device, compute, device to host).

        Each stage is launched alone, as calls are: as a CUDA graph of its own where those are used.
        """
        with self._lock, self._device.current():
            if count not in self._alone:
                self._launch(count)
                stages = self._stages[count]
                self._alone[count] = tuple(map(self._device.capture, stages)) if self._graphs else stages
            upload, compute, download = map(self._device.elapsed_ms, self._alone[count])
            return upload, compute, download

    def close(self) -> None:
        """See `Generator`; waits for a call that is under way, but no longer than `RELEASE_S`."""
        self._release()

    def _allocate(self) -> None:
        shape = (self._most, self.size, self.size, 3)
        count = self._most * self.size * self.size * 3
        self._host_in = self._device.page_locked(shape)
        self._host_out = self._device.page_locked(shape)
        self._image, self._portrait = self._device.allocate(count), self._device.allocate(count)
        self._stages: dict[int, tuple[Work, Work, Work]] = {}
        self._alone: dict[int, tuple[Work, ...]] = {}

    def _launch(self, count: int) -> Work:
        """What runs `count` pictures, prepared and tried once at its first use."""
        if count not in self._launches:
            compute = self._executor.prepare(count, self._image, self._portrait, self._device.stream)
            self._stages[count] = self._work(count, compute)
            self._all(count)  # TensorRT sets itself up during the first run, which must not be captured.
            self._device.synchronize()
            self._launches[count] = self._captured(lambda: self._all(count))
            self._launches[count]()
            self._device.synchronize()
        return self._launches[count]

    def _runtime(self) -> str:
        return ", ".join(part for part in (*self._parts, "CUDA graphs" if self._graphs else "") if part)

    def _captured(self, work: Work) -> Work:
        """As one CUDA graph; as it is where a driver or an engine refuses that, which may run it all the same."""
        if self._graphs:
            try:
                return self._device.capture(work)
            except DeviceError as error:
                self._graphs = False
                self.runtime = self._runtime()
                logging.getLogger(__name__).warning("CUDA graphs cannot be used, frames take longer: %s", error)
        return work

    def _work(self, count: int, compute: Work) -> tuple[Work, Work, Work]:
        device, host_in, host_out = self._device, self._host_in[:count], self._host_out[:count]
        image, portrait = self._image, self._portrait
        return (lambda: device.upload(image, host_in), compute, lambda: device.download(host_out, portrait))

    def _all(self, count: int) -> None:
        for stage in self._stages[count]:
            stage()


def _release(executor: Executor, device: Device, launches: dict[int, Work], lock: threading.Lock) -> None:
    if not lock.acquire(timeout=RELEASE_S):
        return
    launches.clear()
    with contextlib.suppress(DeviceError), device.current():  # A lost device refuses; its plan must go all the same.
        device.synchronize()
    with contextlib.suppress(DeviceError), device.current():
        executor.close()
    device.close()
    lock.release()


def load_plan(api: TensorRT, plan: bytes, note: str = "", *, graphs: bool = True) -> TrtGenerator:
    """A generator from the bytes of a plan.

    Raises:
        EngineError: PyCUDA is missing, or the plan cannot be loaded here.
    """
    device = PyCudaDevice()
    try:
        with device.current():
            executor = TrtExecutor(api, plan)
    except EngineError:
        device.close()
        raise
    return TrtGenerator(executor, device, note, graphs=graphs)
