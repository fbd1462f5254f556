"""OpenVINO on the CPU: the faster of the two CPU runtimes (docs/decisions/0003-cpu-runtime.md)."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from engines.base import Batch, check_batch
from engines.contract import INPUT, GraphInfo, Tensor, graph_info
from engines.errors import EngineError
from engines.graph_file import check_graph_file
from engines.openvino_model import join_upsampling, to_int8

Precision = Literal["best", "int8", "fp32"]


class OpenVinoGenerator:
    """A `Generator` on OpenVINO's CPU plugin; any batch size, callable from any thread (calls wait for each other).

    Args:
        path: ONNX graph that keeps the contract (`engines.contract`).
        precision: `best` lets OpenVINO compute in bfloat16 where the processor has instructions for it (at most a
            few of 255 levels off), elsewhere in 8 bits what the graph tells the ranges for (`GraphInfo.ranges`), and
            else in float32; `int8` does the same but never takes bfloat16; `fp32` computes in float32 alone.
        threads: threads for one call; None leaves the number to OpenVINO (one per physical core).

    Attributes:
        info: what the graph says about itself.
        fallback_reason: why the CPU runs although a GPU was wished for (set by `load_generator`), else None.

    Raises:
        EngineError: the file is missing, damaged, or does not keep the contract.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        precision: Precision = "best",
        threads: int | None = None,
    ) -> None:
        model = _read(check_graph_file(path))
        self.info: GraphInfo = _info(str(path), model)
        # A graph for one face at a time: with an open batch every node's shape is worked out anew at each call, and
        # nodes are joined less; four faces one by one take as long as together (docs/decisions/0030).
        model.reshape([1, self.info.size, self.info.size, 3])
        precision, eight = _chosen(precision), 0
        if precision != "best":
            join_upsampling(model)
        if precision == "int8":
            eight = to_int8(model, self.info.ranges)
        compiled = _compile(path, model, precision, threads)
        self._request: Any = compiled.create_infer_request()
        self._lock = threading.Lock()
        self.size = self.info.size
        self.max_batch: int | None = None
        self.runtime = _runtime(compiled, eight)
        self.fallback_reason: str | None = None

    def __call__(self, batch: Batch) -> Batch:
        """See `Generator`."""
        batch = check_batch(batch, self.size)
        with self._lock:
            if self._request is None:
                raise EngineError("this generator was closed: load the model again")
            portraits = np.empty_like(batch)
            for face, portrait in zip(batch, portraits, strict=True):
                result = self._request.infer({INPUT: face[None]}, share_inputs=True, share_outputs=True)
                portrait[:] = result[0][0]  # the request reuses its output tensor: this copy is what the caller owns
            return portraits

    def close(self) -> None:
        """See `Generator`."""
        with self._lock:
            self._request = None


def cpu_request(path: str | Path) -> tuple[Any, str]:
    """An `openvino.InferRequest` of any graph, for one thread at a time, and what executes it, for people to read.

    Raises:
        EngineError: the file is missing or damaged, or cannot be run.
    """
    compiled = _compile(path, _read(check_graph_file(path)), "best", None)
    return compiled.create_infer_request(), _runtime(compiled)


def _chosen(precision: Precision) -> Precision:
    """`best` where OpenVINO would take a shorter float than float32 by itself, else what is as fast without."""
    return "int8" if precision == "best" and _float() == "f32" else precision


@cache
def _float() -> str:
    """What OpenVINO computes in by itself on this processor: "f32", "bf16", "f16"."""
    import openvino
    from openvino import opset13 as ops

    value = ops.parameter([1], openvino.Type.f32)
    return _dtype_of(openvino.Core().compile_model(openvino.Model([ops.relu(value)], [value]), "CPU"))


def _read(path: Path) -> Any:
    import openvino

    try:
        return openvino.Core().read_model(str(path))
    except RuntimeError as error:
        raise EngineError(f"{path} is not a valid ONNX graph ({_reason(error)}): fetch or export it again") from None


def _compile(path: str | Path, model: Any, precision: Precision, threads: int | None) -> Any:
    import openvino

    settings: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
    if precision != "best":
        settings["INFERENCE_PRECISION_HINT"] = "f32"
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    try:
        return openvino.Core().compile_model(model, "CPU", settings)
    except RuntimeError as error:
        raise EngineError(
            f"OpenVINO {openvino.__version__} cannot run {path} ({_reason(error)}): export it again with opset 17 to 21"
        ) from None


def _runtime(compiled: Any, eight: int = 0) -> str:
    import openvino

    version = openvino.__version__.split("-")[0]
    return f"OpenVINO CPU {version} ({'int8' if eight else _dtype_of(compiled)})"


def _dtype_of(compiled: Any) -> str:
    return str(compiled.get_property("INFERENCE_PRECISION_HINT").to_string())


def _info(graph: str, model: Any) -> GraphInfo:
    metadata = model.get_rt_info("framework").value if model.has_rt_info("framework") else {}
    entries = {key: str(value) for key, value in metadata.items()}
    return graph_info(graph, _tensors(model.inputs), _tensors(model.outputs), entries)


def _tensors(ports: Any) -> list[Tensor]:
    return [Tensor(port.any_name, _dtype(port), _shape(port.partial_shape)) for port in ports]


def _dtype(port: Any) -> str:
    return str(port.element_type.to_dtype().name)


def _shape(partial: Any) -> tuple[int | str | None, ...]:
    return tuple(None if dim.is_dynamic else dim.get_length() for dim in partial)


def _reason(error: BaseException) -> str:
    """The line of OpenVINO's message that says what is wrong, without where in its source it was raised."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("Exception from", "Check '"))]
    if any(line.startswith("Unable to read the model") for line in told):
        return "it is something else, or was cut off"
    return (told or lines or [type(error).__name__])[-1][:200]
