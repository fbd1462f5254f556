"""Stand-ins for `pycuda.driver` and `cuda.bindings.driver`: what `engines.device` uses of them, strict about the rules.

Nothing works outside a pushed context, nothing may be used after it was freed, the context must be given back, and a
lost device refuses everything, as the real ones do.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np


class FakeCuda:
    """One GPU; `pycuda` and `bindings` are the two modules over it.

    Attributes:
        log: what happened, in order.
        alive: allocations, streams and graphs that were not freed.
        lost: every call fails, as after an error that cannot be recovered from.
        refuse: the named call fails as for lack of memory.
    """

    def __init__(self) -> None:
        self.log: list[str] = []
        self.alive: set[str] = set()
        self.lost, self.refuse = False, ""
        self.pushed = self.retained = 0
        self._recording: list[Callable[[], None]] | None = None
        self._queue: list[Callable[[], None]] = []
        self.memory: dict[int, Any] = {}
        self.pycuda, self.bindings = self._pycuda(), self._bindings()

    def happen(self, what: str, *, needs_context: bool = True) -> None:
        """Write down a call, and fail where the real one would."""
        if self.lost:
            raise self.pycuda.LogicError(f"{what} failed: an illegal memory access was encountered")
        if self.refuse == what:
            raise self.pycuda.MemoryError(f"{what} failed: out of memory")
        assert self.pushed or not needs_context, f"{what} without a context"
        self.log.append(what)

    def _pycuda(self) -> Any:
        class Error(Exception):
            """The root of PyCUDA's errors."""

        class LogicError(Error):
            """A wrong call, or a broken context."""

        class OutOfMemoryError(Error):
            """Too little memory."""

        return SimpleNamespace(
            Error=Error,
            LogicError=LogicError,
            MemoryError=OutOfMemoryError,
            init=lambda: self.happen("init", needs_context=False),
            Device=lambda index: SimpleNamespace(name=lambda: "fake GPU", retain_primary_context=self._retain),
            Context=SimpleNamespace(pop=self._pop),
            Stream=self._stream,
            pagelocked_zeros=lambda shape, dtype: np.asarray(_Pinned(self, shape)),
            mem_alloc=lambda count: _Memory(self, count),
            memcpy_htod_async=lambda address, source, stream: self._copy("upload", self.memory[address], source),
            memcpy_dtoh_async=lambda target, address, stream: self._copy("download", target, self.memory[address]),
            Event=lambda: SimpleNamespace(
                record=lambda stream: None, synchronize=self.synchronize, time_since=lambda start: 0.25
            ),
        )

    def _retain(self) -> Any:
        self.retained += 1
        return SimpleNamespace(push=self._push, detach=self._detach)

    def _push(self) -> None:
        self.happen("push", needs_context=False)
        self.pushed += 1

    def _pop(self) -> None:
        self.pushed -= 1

    def _detach(self) -> None:
        assert not self.pushed
        self.retained -= 1
        if self.lost:
            raise self.pycuda.LogicError("detach failed")

    def _stream(self) -> Any:
        self.happen("stream")
        return SimpleNamespace(handle=7, synchronize=self.synchronize)

    def synchronize(self) -> None:
        self.happen("synchronize")
        queued, self._queue = self._queue, []
        for work in queued:
            work()

    def _copy(self, what: str, target: Any, source: Any) -> None:
        self.happen(what)

        def copy() -> None:
            into, out = np.asarray(target).reshape(-1), np.asarray(source).reshape(-1)
            count = min(into.size, out.size)
            into[:count] = out[:count]

        (self._queue if self._recording is None else self._recording).append(copy)

    def _bindings(self) -> Any:
        def begin(stream: int, mode: str) -> tuple[int]:
            self.happen("begin capture")
            self._recording = []
            return (0,)

        def end(stream: int) -> tuple[int, list[Callable[[], None]]]:
            self.happen("end capture")
            recorded, self._recording = self._recording or [], None
            return 0, recorded

        def instantiate(graph: Any, flags: int) -> tuple[int, Any]:
            if self.refuse == "instantiate":
                return 2, None
            self.alive.add("graph")
            return 0, graph

        def launch(graph: list[Callable[[], None]], stream: int) -> tuple[int]:
            if self.lost:
                return (700,)
            self.happen("launch")
            self._queue.extend(graph)
            return (0,)

        def destroy(graph: Any) -> tuple[int]:
            self.alive.discard("graph")
            return (0,)

        return SimpleNamespace(
            CUstream=int,
            CUstreamCaptureMode=SimpleNamespace(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL="thread"),
            cuStreamBeginCapture=begin,
            cuStreamEndCapture=end,
            cuGraphInstantiate=instantiate,
            cuGraphDestroy=lambda graph: (0,),
            cuGraphLaunch=launch,
            cuGraphExecDestroy=destroy,
        )


class _Pinned:
    """PyCUDA's PagelockedHostAllocation."""

    def __init__(self, cuda: FakeCuda, shape: tuple[int, ...]) -> None:
        cuda.happen("page_locked")
        self._cuda, self._array = cuda, np.zeros(shape, np.uint8)
        cuda.alive.add(f"pinned {id(self)}")
        self.__array_interface__ = self._array.__array_interface__

    def free(self) -> None:
        self._cuda.happen("free")
        self._cuda.alive.remove(f"pinned {id(self)}")


class _Memory:
    """PyCUDA's DeviceAllocation."""

    def __init__(self, cuda: FakeCuda, count: int) -> None:
        cuda.happen("allocate")
        self._cuda, self._address = cuda, 1000 + len(cuda.memory)
        cuda.memory[self._address] = np.zeros(count, np.uint8)
        cuda.alive.add(f"memory {self._address}")

    def __int__(self) -> int:
        return self._address

    def free(self) -> None:
        self._cuda.happen("free")
        self._cuda.alive.remove(f"memory {self._address}")
