"""PyTorch as a `Generator`: the baselines of the benchmark, never used to serve."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engines.base import Batch, check_batch
from engines.bench.torch_graph import to_torch
from engines.errors import DeviceError, EngineError
from engines.surgery import model_info, read_model

DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
CAPTURE_AFTER = 3
"""Calls before a CUDA graph is captured: cuDNN and Triton set themselves up in the first ones."""
Run = Callable[[Tensor], Tensor]


class TorchGenerator:
    """A `Generator` on PyTorch, from the weights of the ONNX graph, in channels_last; calls wait for each other.

    Eager mode launches operation by operation. Compiled, the network goes through `torch.compile`; on CUDA each batch
    size is then captured as a CUDA graph, as TensorRT's is (what mode="reduce-overhead" does, but callable from any
    thread).

    Args:
        path: ONNX graph that keeps the contract.
        device: `cpu` or `cuda`.
        precision: `fp32`, `fp16` or `bf16`.
        compiled: use `torch.compile`.

    Raises:
        EngineError: the graph cannot be translated, or PyTorch cannot use the device.
    """

    def __init__(self, path: str | Path, *, device: str = "cpu", precision: str = "fp32", compiled: bool) -> None:
        if device == "cuda" and not torch.cuda.is_available():
            raise EngineError(f"PyTorch {torch.__version__} cannot use CUDA: install a build of it for CUDA")
        torch.backends.cudnn.benchmark = True  # Lets cuDNN time its convolutions: what a careful user switches on.
        model = read_model(path)
        self.size = model_info(str(path), model).size
        self.max_batch: int | None = None
        self._device = torch.device(device)
        module = to_torch(model, DTYPES[precision]).to(self._device)
        self._module: Any = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._compiled = compiled
        # On the CPU one compilation serves every batch size; on CUDA each has kernels of its own.
        self._run: Run = torch.compile(self._module, dynamic=device == "cpu") if compiled else self._module
        self._graphs: dict[int, Run] = {}
        self._lock = threading.Lock()
        self.runtime = f"PyTorch {torch.__version__} {self._how()} ({precision}, {self._where()})"

    def __call__(self, batch: Batch) -> Batch:
        """See `Generator`."""
        batch = check_batch(batch, self.size)
        with self._lock, torch.inference_mode():
            if self._module is None:
                raise EngineError("this generator was closed: load the model again")
            try:
                drawn = self._launch(len(batch))(self._upload(batch)).cpu().numpy()
            except RuntimeError as error:
                raise _fault(error) from None
            # Copied: `.cpu()` of a CPU tensor copies nothing, and a last transposition is but a view to PyTorch.
            return np.array(drawn, order="C")

    def close(self) -> None:
        """See `Generator`."""
        with self._lock:
            self._module = None
            self._graphs.clear()

    @property
    def _on_cuda(self) -> bool:
        return self._device.type == "cuda"

    def _launch(self, count: int) -> Run:
        if not (self._compiled and self._on_cuda):
            return self._run
        if count not in self._graphs:
            self._graphs[count] = _captured(self._run, count, self.size)
        return self._graphs[count]

    def _upload(self, batch: Batch) -> Tensor:
        image = torch.from_numpy(batch)
        return image.pin_memory().to(self._device, non_blocking=True) if self._on_cuda else image

    def _how(self) -> str:
        if not self._compiled:
            return "eager"
        return "torch.compile" + (", CUDA graphs" if self._on_cuda else "")

    def _where(self) -> str:
        return torch.cuda.get_device_name(self._device) if self._on_cuda else "CPU"


class StagedTorchGenerator(TorchGenerator):
    """A `TorchGenerator` on CUDA that tells the stages on the device apart (see `engines.bench.timing.Staged`)."""

    def __init__(self, path: str | Path, *, precision: str = "fp16", compiled: bool) -> None:
        super().__init__(path, device="cuda", precision=precision, compiled=compiled)

    def stage_ms(self, count: int) -> tuple[float, float, float]:
        """Milliseconds for `count` pictures by CUDA events: (host to device, compute, device to host)."""
        with self._lock, torch.inference_mode():
            host = torch.zeros((count, self.size, self.size, 3), dtype=torch.uint8).pin_memory()
            there, run = host.to(self._device), self._launch(count)
            upload = elapsed_ms(lambda: there.copy_(host, non_blocking=True))
            compute = elapsed_ms(lambda: run(there))
            return upload, compute, elapsed_ms(lambda: host.copy_(there, non_blocking=True))


def _captured(run: Run, count: int, size: int) -> Run:
    """`run` for one batch size as one launch."""
    image = torch.zeros((count, size, size, 3), dtype=torch.uint8, device="cuda")
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(CAPTURE_AFTER):
            run(image)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        portrait = run(image)

    def launch(batch: Tensor) -> Tensor:
        image.copy_(batch)
        graph.replay()
        return portrait

    return launch


def elapsed_ms(work: Callable[[], object]) -> float:
    """Milliseconds on the GPU for what `work` queues."""
    event: Callable[..., torch.cuda.Event] = torch.cuda.Event
    start, end = event(enable_timing=True), event(enable_timing=True)
    start.record()
    work()
    end.record()
    end.synchronize()
    return float(start.elapsed_time(end))


def _fault(error: RuntimeError) -> EngineError:
    text = " ".join(str(error).split()) or type(error).__name__  # A compiler's reason stands on the second line.
    kind = DeviceError if "CUDA" in text else EngineError
    return kind(f"PyTorch failed ({text[:250]})")
