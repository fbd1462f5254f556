"""How each runtime of the benchmark is loaded. Nothing is imported before it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.base import Batch, Generator, check_batch
from engines.errors import DeviceError, EngineError

if TYPE_CHECKING:
    from engines.fingerprint import Precision
    from engines.gpu import Gpus
    from engines.openvino_cpu import Precision as CpuPrecision
    from engines.tensorrt_api import TensorRT

Make = Callable[[Path, int], Generator]
"""From a graph and the largest batch to a loaded runtime; raises EngineError or ImportError."""
LEAST_MAX_BATCH = 4
"""Faces that the live path may bring, whatever batches are measured."""

PRECISIONS: dict[str, CpuPrecision] = {"f32": "fp32", "int8": "int8"}
"""What OpenVINO has to be asked for to compute in that."""
CUDA_FP32 = [("CUDAExecutionProvider", {"use_tf32": "0"})]
"""By default ONNX Runtime rounds fp32 to TF32 on CUDA."""


def onnxruntime_cpu(graph: Path, max_batch: int) -> Generator:
    """ONNX Runtime as it serves."""
    _need("onnxruntime", "ONNX Runtime", "requirements.txt")
    from engines.onnx_cpu import OnnxCpuGenerator

    return OnnxCpuGenerator(graph)


def onnxruntime_cuda(graph: Path, max_batch: int) -> Generator:
    """ONNX Runtime's CUDA provider; never its silent fallback to the CPU."""
    return OnnxCudaGenerator(graph)


def openvino(dtype: str) -> Make:
    """OpenVINO in `f32`, in `int8` where the graph notes ranges, or in what it takes by itself: `bf16`, `f16`."""
    precision = PRECISIONS.get(dtype, "best")

    def make(graph: Path, max_batch: int) -> Generator:
        _need("openvino", "OpenVINO", "requirements.txt")
        from engines.openvino_cpu import OpenVinoGenerator

        generator = OpenVinoGenerator(graph, precision=precision)
        if f"({dtype})" not in generator.runtime:
            generator.close()
            lacking = "the graph notes no ranges for" if dtype == "int8" else "this processor has no fast"
            raise EngineError(f"{lacking} {dtype}: {generator.runtime} takes part without it")
        return generator

    return make


def torch(device: str, precision: str, *, compiled: bool) -> Make:
    """PyTorch from the graph's own weights."""

    def make(graph: Path, max_batch: int) -> Generator:
        _need("torch", "PyTorch", "requirements-train.txt")
        _need("onnx", "onnx", "requirements-bench.txt")
        from engines.bench.torch_run import StagedTorchGenerator, TorchGenerator

        if device == "cuda":
            return StagedTorchGenerator(graph, precision=precision, compiled=compiled)
        return TorchGenerator(graph, precision=precision, compiled=compiled)

    return make


def tensorrt(precision: Precision, *, graphs: bool) -> Make:
    """TensorRT from a plan of exactly this precision, built first where it is missing.

    The plans lie in a folder of their own: `load_generator` takes the newest plan that serves, whatever its precision,
    and must not find one that was made to be compared with.
    """

    def make(graph: Path, max_batch: int) -> Generator:
        from engines.gpu import find_gpus

        gpus = find_gpus()
        if not gpus.found:
            raise EngineError(f"TensorRT needs an NVIDIA GPU: {gpus.problem}")
        api = _tensorrt_for(gpus)
        for module, label in (("pycuda", "PyCUDA"), ("onnx", "onnx")):
            _need(module, label, "requirements-gpu.txt")
        generator = _planned(graph, precision, max(max_batch, LEAST_MAX_BATCH), api, gpus, graphs)
        if graphs and "CUDA graphs" not in generator.runtime:
            generator.close()
            raise EngineError("CUDA graphs need cuda-bindings: `pip install -r requirements-gpu.txt`")
        return generator

    return make


class OnnxCudaGenerator:
    """A `Generator` on ONNX Runtime's CUDA provider; any batch size, callable from any thread.

    Raises:
        EngineError: ONNX Runtime has no CUDA provider, or it cannot start; it is never replaced by the CPU's.
    """

    def __init__(self, graph: Path) -> None:
        _need("onnxruntime", "ONNX Runtime", "requirements.txt")
        import onnxruntime as ort
        from onnxruntime.capi import onnxruntime_pybind11_state as state

        if "CUDAExecutionProvider" not in ort.get_available_providers():
            raise EngineError(f"ONNX Runtime {ort.__version__} here has no CUDA: it needs onnxruntime-gpu instead")
        on_cpu = onnxruntime_cpu(graph, 1)  # Checks the file and the contract.
        self.size = on_cpu.size
        self.max_batch: int | None = None
        on_cpu.close()
        try:
            self._session: Any = ort.InferenceSession(str(graph), providers=CUDA_FP32)
        except (state.Fail, state.EPFail, state.RuntimeException) as error:
            raise EngineError(f"ONNX Runtime could not start CUDA ({str(error).splitlines()[0][:200]})") from None
        if self._session.get_providers()[0] != "CUDAExecutionProvider":
            raise EngineError("ONNX Runtime could not start CUDA: its CUDA and cuDNN must match the driver")
        self.runtime = f"ONNX Runtime CUDA {ort.__version__}"

    def __call__(self, batch: Batch) -> Batch:
        """See `Generator`."""
        if self._session is None:
            raise EngineError("this generator was closed: load the model again")
        from onnxruntime.capi import onnxruntime_pybind11_state as state

        try:
            portraits: Batch = self._session.run(None, {"image": check_batch(batch, self.size)})[0]
        except (state.Fail, state.EPFail, state.RuntimeException) as error:
            raise DeviceError(f"the GPU failed ({str(error).splitlines()[0][:200]})") from None
        return portraits

    def close(self) -> None:
        """See `Generator`."""
        self._session = None


def _planned(graph: Path, precision: Precision, max_batch: int, api: TensorRT, gpus: Gpus, graphs: bool) -> Generator:
    from engines.build_cli import build_shown
    from engines.cache import Cache, default_folder
    from engines.prepare import contracted
    from engines.request import Request
    from engines.trt import load_plan
    from engines.wrap import Wishes

    request = Request(precision=precision, max_batch=max_batch)
    cache = Cache(default_folder() / "bench")
    built = build_shown(contracted(graph, Wishes()), request, api, gpus, cache)
    return load_plan(api, built.plan.read_bytes(), precision, graphs=graphs)


def _tensorrt_for(gpus: Gpus) -> TensorRT:
    from engines.tensorrt_api import TensorRT, installed

    found = installed()
    for api in found.values():
        if isinstance(api, TensorRT) and api.supports(gpus.found[0].capability):
            return api
    raise EngineError("; ".join(str(api) for api in found.values() if isinstance(api, EngineError)))


def _need(module: str, label: str, requirements: str) -> None:
    if not find_spec(module):
        raise EngineError(f"{label} is not installed: `pip install -r {requirements}`")
