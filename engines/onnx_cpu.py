"""ONNX Runtime on the CPU: the small runtime, and the fp32 reference (docs/decisions/0003-cpu-runtime.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engines.base import Batch, check_batch
from engines.contract import INPUT, OUTPUT, GraphInfo, Tensor, graph_info
from engines.errors import EngineError
from engines.graph_file import check_graph_file


class OnnxCpuGenerator:
    """A `Generator` on ONNX Runtime's CPU provider; any batch size, callable from any thread.

    Args:
        path: ONNX graph that keeps the contract (`engines.contract`).
        threads: threads for one call; None leaves the number to ONNX Runtime (one per physical core).

    Attributes:
        info: what the graph says about itself.
        fallback_reason: why the CPU runs although a GPU was wished for (set by `load_generator`), else None.

    Raises:
        EngineError: the file is missing, damaged, or does not keep the contract.
    """

    def __init__(self, path: str | Path, *, threads: int | None = None) -> None:
        import onnxruntime

        self._session: Any = open_session(path, threads)
        self.info: GraphInfo = _info(str(path), self._session)
        self.size = self.info.size
        self.max_batch: int | None = None
        self.runtime = f"ONNX Runtime CPU {onnxruntime.__version__}"
        self.fallback_reason: str | None = None

    def __call__(self, batch: Batch) -> Batch:
        """See `Generator`."""
        if self._session is None:
            raise EngineError("this generator was closed: load the model again")
        portraits: Batch = self._session.run([OUTPUT], {INPUT: check_batch(batch, self.size)})[0]
        return portraits

    def close(self) -> None:
        """See `Generator`."""
        self._session = None


def cpu_options(threads: int | None = None) -> Any:
    """`onnxruntime.SessionOptions` of every graph that runs beside the live path.

    Args:
        threads: threads for one call; None leaves the number to ONNX Runtime.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    # Spinning workers take the cores from camera, detector and encoder (docs/decisions/0003-cpu-runtime.md).
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # Errors only: they are raised anyway.
    return options


def open_session(path: str | Path, threads: int | None = None) -> Any:
    """An `onnxruntime.InferenceSession` of any graph.

    Args:
        path: ONNX graph.
        threads: threads for one call; None leaves the number to ONNX Runtime.

    Raises:
        EngineError: the file is missing or damaged, or cannot be run.
    """
    path = check_graph_file(path)
    import onnxruntime as ort
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    damaged = (state.InvalidProtobuf, state.InvalidGraph, state.Fail, state.NoSuchFile, state.InvalidArgument)
    try:
        return ort.InferenceSession(str(path), cpu_options(threads), providers=["CPUExecutionProvider"])
    except damaged as error:
        raise EngineError(
            f"{path} is not a valid ONNX graph ({_first_line(error)}): fetch or export it again"
        ) from None
    except (state.NotImplemented, state.RuntimeException) as error:
        raise EngineError(
            f"{path} uses what ONNX Runtime {ort.__version__} cannot run ({_first_line(error)}): "
            "export it again with opset 17 to 21"
        ) from None


def _info(graph: str, session: Any) -> GraphInfo:
    inputs = [_tensor(node) for node in session.get_inputs()]
    outputs = [_tensor(node) for node in session.get_outputs()]
    return graph_info(graph, inputs, outputs, session.get_modelmeta().custom_metadata_map)


def _tensor(node: Any) -> Tensor:
    dtype = node.type.removeprefix("tensor(").removesuffix(")")  # "tensor(uint8)", "tensor(float)"
    return Tensor(node.name, dtype, tuple(node.shape))


def _first_line(error: BaseException) -> str:
    """ONNX Runtime's message without its codes: `[ONNXRuntimeError] : 7 : NAME : Load model from P failed:TEXT`."""
    text = str(error).strip().splitlines() or [type(error).__name__]
    return text[0].split(" : ", 3)[-1].split(" failed:", 1)[-1][:200]
