"""What a graph really computes, measured by running it with ONNX Runtime on pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto, TensorProto

from engines.base import Batch
from engines.errors import EngineError
from engines.surgery import reason


class Trial:
    """A graph opened once, to be run on several feeds.

    Raises:
        EngineError: ONNX Runtime is not installed or cannot run the graph.
    """

    def __init__(self, model: ModelProto) -> None:
        try:
            import onnxruntime as ort
        except ImportError:
            raise EngineError("building needs ONNX Runtime to try graphs: `pip install onnxruntime==1.32.0`") from None
        options = ort.SessionOptions()
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        with _explained():
            self._session = ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])

    def __call__(self, feeds: dict[str, Any], wanted: list[str] | None = None) -> list[Any]:
        """Values of the wanted tensors, by default of the outputs."""
        with _explained():
            values: list[Any] = self._session.run(wanted, feeds)
        return values


def run(model: ModelProto, feeds: dict[str, Any], wanted: list[str] | None = None) -> list[Any]:
    """Run a graph once; see `Trial`."""
    return Trial(model)(feeds, wanted)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    try:
        yield
    except (
        state.Fail,
        state.InvalidGraph,
        state.InvalidArgument,
        state.NotImplemented,
        state.RuntimeException,
    ) as error:
        raise EngineError(f"ONNX Runtime cannot run the graph ({reason(error)})") from None


def sample_pictures(size: int, count: int = 2) -> Batch:
    """Pictures with every brightness, edges and noise: a smooth one, then noisy ones; RGB uint8 [N,S,S,3]."""
    random = np.random.default_rng(0)
    ramp = np.linspace(0, 255, size)
    smooth = np.stack([*np.meshgrid(ramp, ramp), 255 - ramp[:, None] + 0 * ramp], -1)
    noise = random.normal(0, 60, (count - 1, size, size, 3))
    return np.asarray(np.concatenate([smooth[None], smooth + noise]).clip(0, 255), np.uint8)


def largest_magnitudes(model: ModelProto, pictures: Batch) -> dict[str, float]:
    """Largest magnitude of every float32 tensor between the nodes of a graph while it draws the pictures.

    Args:
        model: graph that keeps the contract.
        pictures: RGB uint8 [N,S,S,3].
    """
    probe = ModelProto()
    probe.CopyFrom(model)
    known = {value.name for value in probe.graph.output}
    typed = onnx.shape_inference.infer_shapes(model).graph.value_info
    floats = [value for value in typed if value.type.tensor_type.elem_type == TensorProto.FLOAT]
    wanted = [value for value in floats if value.name not in known]
    probe.graph.output.extend(wanted)
    names = [value.name for value in wanted]
    values = run(probe, {model.graph.input[0].name: pictures}, names) if names else []
    return {name: float(np.abs(value).max(initial=0)) for name, value in zip(names, values, strict=True)}
