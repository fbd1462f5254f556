"""Stand-ins for what this machine lacks: TensorRT modules of several versions, a GPU, and a driver."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from engines.base import Batch
from engines.errors import DeviceError
from engines.gpu import Gpu, Gpus

H200 = Gpus((Gpu("NVIDIA H200", "9.0", 143771),), "13.0")
RTX4090 = Gpus((Gpu("NVIDIA GeForce RTX 4090", "8.9", 24564),), "13.0")
NONE = Gpus(problem="no NVIDIA driver")


class FakeFlag(int):
    """A member of an enumeration; its number differs between versions on purpose."""


def _enumeration(first: int, *names: str) -> Any:
    members = {name: FakeFlag(first + index) for index, name in enumerate(names)}
    return SimpleNamespace(__members__=members, **members)


class FakeTensorRT:
    """The part of a `tensorrt` module that building uses, as version 8, 10, 11 or RTX has it.

    It "builds" a plan that repeats what it was told, so that a test can read it. Calling what a version does not have
    raises AttributeError or KeyError, as the real one does.

    Args:
        version: such as `8.6.1`.
        rtx: TensorRT for RTX.
        gpu: without one, `Builder` fails as the real one does.
        timing_matches: False for a timing cache of another GPU.
    """

    def __init__(self, version: str, *, rtx: bool = False, gpu: bool = True, timing_matches: bool = True) -> None:
        major = int(version.split(".")[0])
        strong = rtx or major >= 10
        self.__version__ = version
        self.told: dict[str, Any] = {"flags": set(), "network": None, "profile": None, "timing": [], "capabilities": {}}
        names = (["EXPLICIT_BATCH"] if not rtx and major <= 10 else []) + (["STRONGLY_TYPED"] if strong else [])
        self.NetworkDefinitionCreationFlag = _enumeration(major % 3, *names)
        weak = ["FP16"] if not rtx and major <= 10 else []
        self.BuilderFlag = _enumeration(major, *weak, "TF32")
        if major == 8:
            self.PreviewFeature = _enumeration(2, "PROFILE_SHARING_0806")
        if rtx:
            self.ComputeCapability = _enumeration(5, "SM75", "SM80", "SM86", "SM89", "SM120", "SM121")
        if strong:
            self.IProgressMonitor = _Plain
        self.ILogger = _Logger
        told, trt = self.told, self

        class Builder:
            def __init__(self, log: Any) -> None:
                if not gpu:
                    if major == 8:
                        log.log(_Logger.WARNING, "Unable to determine GPU memory usage")
                    told_as = _Logger.WARNING if major == 8 else _Logger.ERROR
                    log.log(told_as, "CUDA initialization failure\nwith error: 35")
                    raise TypeError("pybind11::init(): factory function returned nullptr")

            def create_network(self, flags: int) -> Any:
                told["network"] = {name for name, bit in trt.flags().items() if flags & (1 << int(bit))}
                return SimpleNamespace()

            def create_builder_config(self) -> Any:
                return _Config(told, timing_matches)

            def create_optimization_profile(self) -> Any:
                return SimpleNamespace(set_shape=lambda *shape: told.update(profile=shape))

            def build_serialized_network(self, network: Any, config: Any) -> bytes | None:
                monitor = getattr(config, "progress_monitor", None)
                told["monitored"] = monitor is not None
                if monitor and not trt.run(monitor):
                    return None
                return f"plan of {version}: {told['graph']}".encode()

        class OnnxParser:
            num_errors = 1

            def __init__(self, network: Any, log: Any) -> None:
                """As the real one."""

            def parse(self, graph: bytes) -> bool:
                told["graph"] = graph.decode(errors="replace")
                return graph != b"broken"

            def get_error(self, index: int) -> Any:
                return SimpleNamespace(desc=lambda: "Invalid Node -\n/Transpose")

        self.Builder, self.OnnxParser = Builder, OnnxParser
        self.step: Callable[[int], None] = lambda index: None

    def flags(self) -> dict[str, FakeFlag]:
        members: dict[str, FakeFlag] = self.NetworkDefinitionCreationFlag.__members__
        return members

    def run(self, monitor: Any) -> bool:
        """Report a build of 20 steps; False if it was told to stop."""
        monitor.phase_start("Building engine", None, 20)
        for index in range(20):
            self.step(index)
            if not monitor.step_complete("Building engine", index):
                return False
        monitor.phase_finish("Building engine")
        return True


class _Plain:
    """A base class that takes nothing."""

    def __init__(self) -> None:
        pass


class _Logger(_Plain):
    ERROR, INTERNAL_ERROR, WARNING = "ERROR", "INTERNAL_ERROR", "WARNING"


class _Config:
    def __init__(self, told: dict[str, Any], timing_matches: bool) -> None:
        self._told, self._matches = told, timing_matches

    def set_flag(self, flag: FakeFlag) -> None:
        self._told["flags"].add(("+", int(flag)))

    def clear_flag(self, flag: FakeFlag) -> None:
        self._told["flags"].add(("-", int(flag)))

    def set_preview_feature(self, feature: FakeFlag, on: bool) -> None:
        self._told["preview"] = (int(feature), on)

    def add_optimization_profile(self, profile: Any) -> int:
        return 0

    def set_compute_capability(self, capability: FakeFlag, index: int) -> None:
        self._told["capabilities"][index] = int(capability)

    def create_timing_cache(self, stored: bytes) -> Any:
        return SimpleNamespace(stored=stored, serialize=lambda: b"timing")

    def set_timing_cache(self, timing: Any, ignore_mismatch: bool) -> bool:
        self._told["timing"].append(timing.stored)
        return self._matches or not timing.stored


class FakeDevice:
    """A `Device` in ordinary memory that really is asynchronous: nothing happens before `synchronize`.

    Reading a result without waiting, or running outside `current`, therefore shows.

    Attributes:
        log: what happened, in order.
        fail: raise DeviceError when the named thing happens.
    """

    def __init__(self, captures: bool = True) -> None:
        self.name, self.stream, self.captures = "fake GPU", 7, captures
        self.log: list[str] = []
        self.fail = ""
        self.memory: dict[int, Batch] = {}
        self._queue: list[Callable[[], None]] = []
        self._recording: list[Callable[[], None]] | None = None
        self._entered = 0
        self.closed = False

    @contextlib.contextmanager
    def current(self) -> Iterator[None]:
        self._happen("current")
        self._entered += 1
        try:
            yield
        finally:
            self._entered -= 1

    def page_locked(self, shape: tuple[int, ...]) -> Batch:
        self._happen("page_locked")
        return np.zeros(shape, np.uint8)

    def allocate(self, count: int) -> int:
        self._happen("allocate")
        address = 1000 + len(self.memory)
        self.memory[address] = np.zeros(count, np.uint8)
        return address

    def upload(self, address: int, source: Batch) -> None:
        self._happen("upload")
        self.queue(lambda: np.copyto(self.memory[address][: source.size], source.reshape(-1)))

    def download(self, target: Batch, address: int) -> None:
        self._happen("download")
        self.queue(lambda: np.copyto(target.reshape(-1), self.memory[address][: target.size]))

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        self._happen("capture")
        recording: list[Callable[[], None]] = []
        self._recording = recording
        work()
        self._recording = None

        def launch() -> None:
            self._happen("launch")
            self._queue.extend(recording)

        return launch

    def synchronize(self) -> None:
        self._happen("synchronize")
        queued, self._queue = self._queue, []
        for work in queued:
            work()

    def elapsed_ms(self, work: Callable[[], None]) -> float:
        work()
        self.synchronize()
        return 0.5

    def close(self) -> None:
        self.log.append("device closed")
        self.closed = True

    def queue(self, work: Callable[[], None]) -> None:
        (self._queue if self._recording is None else self._recording).append(work)

    def _happen(self, what: str) -> None:
        assert not self.closed, f"{what} after close"
        assert self._entered or what == "current", f"{what} outside current()"
        self.log.append(what)
        if self.fail == what:
            raise DeviceError(f"the GPU failed ({what})")


class FakeExecutor:
    """An `Executor` that draws negatives on a `FakeDevice`."""

    def __init__(self, device: FakeDevice, size: int = 8, max_batch: int = 4) -> None:
        self.name, self.size, self.max_batch = "TensorRT 10.0.0", size, max_batch
        self.prepared: list[int] = []
        self._device = device

    def prepare(self, count: int, image: int, portrait: int, stream: int) -> Callable[[], None]:
        assert stream == self._device.stream
        self.prepared.append(count)
        used = count * self.size * self.size * 3
        memory = self._device.memory

        def draw() -> None:
            memory[portrait][:used] = 255 - memory[image][:used]

        return lambda: self._device.queue(draw)

    def close(self) -> None:
        self._device.log.append("executor closed")


class FakeDriver:
    """The functions of libcuda that `find_gpus` calls.

    Args:
        code: what cuInit answers.
        gpus: (name, major, minor, bytes).
    """

    def __init__(self, code: int = 0, gpus: tuple[tuple[str, int, int, int], ...] = ()) -> None:
        self._code, self._gpus = code, gpus

    def cuInit(self, flags: int) -> int:  # noqa: N802 - CUDA's names.
        return self._code

    def cuDeviceGetCount(self, count: Any) -> None:  # noqa: N802
        count._obj.value = len(self._gpus)

    def cuDriverGetVersion(self, version: Any) -> None:  # noqa: N802
        version._obj.value = 12080

    def cuDeviceGet(self, device: Any, index: int) -> None:  # noqa: N802
        device._obj.value = index

    def cuDeviceGetName(self, name: Any, length: int, device: ctypes.c_int) -> None:  # noqa: N802
        name.value = self._gpus[device.value][0].encode()

    def cuDeviceGetAttribute(self, value: Any, attribute: int, device: ctypes.c_int) -> None:  # noqa: N802
        value._obj.value = self._gpus[device.value][1 if attribute == 75 else 2]

    def cuDeviceTotalMem_v2(self, memory: Any, device: ctypes.c_int) -> None:  # noqa: N802
        memory._obj.value = self._gpus[device.value][3]
