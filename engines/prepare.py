"""From any ONNX file to the two graphs a build needs: one that keeps the contract, and its twin for TensorRT."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import ModelProto

from engines.cache import write_whole
from engines.calibrate import Trial, largest_magnitudes
from engines.contract import INPUT, GraphInfo
from engines.errors import EngineError
from engines.fingerprint import Precision
from engines.opset import lower_opset
from engines.parity import Parity, compare, portraits
from engines.precision import emulated, to_half
from engines.surgery import casts_to_the_edges, constants_to_weights, model_info, read_model, unpack_weights
from engines.wrap import Wishes, keeps_contract, wrap


@dataclass(frozen=True)
class Contracted:
    """A graph that keeps the contract: where it lies and what it says about itself."""

    path: Path
    info: GraphInfo
    model: ModelProto


def contracted(path: str | Path, wishes: Wishes, folder: Path | None = None) -> Contracted:
    """The graph, wrapped first where it does not keep the contract.

    Args:
        path: any image-to-image ONNX file.
        wishes: what a foreign graph cannot tell about itself.
        folder: where a wrapped graph is written, as NAME.wrapped.onnx; None for beside the original.

    Raises:
        EngineError: the file cannot be used; the message says why.
    """
    path = Path(path)
    model = read_model(path)
    if not keeps_contract(model):
        model = wrap(model, wishes)
        path = (folder or path.parent) / f"{path.stem}.wrapped.onnx"
        write_whole(path, model.SerializeToString())
    return Contracted(path, model_info(str(path), model), model)


def for_tensorrt(graph: Contracted, precision: Precision, opset: int | None = None) -> tuple[bytes, Parity]:
    """The graph as TensorRT wants it, with its precision inside, and how close it stays to the original on the CPU.

    Args:
        graph: see `contracted`.
        precision: see `Request`.
        opset: newest one that this TensorRT reads (`TensorRT.opset`), None for any.

    Raises:
        EngineError: it computes in uint8, or needs a newer opset.
    """
    model = ModelProto()
    model.CopyFrom(graph.model)
    casts_to_the_edges(model)
    pictures, source = portraits(graph.info.size, most=4)
    if precision == "fp32":
        constants_to_weights(model.graph)
        unpack_weights(model.graph)
    else:
        to_half(model, lambda whole: largest_magnitudes(whole, pictures[:2]))
    if opset is not None:
        model = lower_opset(model, opset)
    onnx.checker.check_model(model, full_check=True)
    rounding, original = Trial(emulated(model)), Trial(graph.model)
    parity = compare(
        lambda batch: rounding({INPUT: batch})[0],
        lambda batch: original({INPUT: batch})[0],
        pictures,
        source,
    )
    return model.SerializeToString(), parity


def check_parity(parity: Parity, least: float, force: bool) -> None:
    """Raise EngineError where two runtimes draw too differently and nobody forced it."""
    if parity.psnr_db < least and not force:
        raise EngineError(
            f"the engine draws something else than the CPU ({parity}; at least {least:.0f} dB expected): "
            "build it with --precision fp32, or keep it with --force"
        )
