"""Say a graph again in an older opset: TensorRT 8.6 reads opset 17, and exporters of today write 18 or newer."""

from __future__ import annotations

import onnx
from onnx import ModelProto, helper, version_converter

from engines.errors import EngineError
from engines.surgery import reason

IR_VERSION = 8
"""The ONNX file format that came with opset 17."""
_HELD = "held"


def lower_opset(model: ModelProto, most: int) -> ModelProto:
    """The graph in opset `most`; itself where it is that old already. Whether it draws the same, `engines.parity` sees.

    Raises:
        EngineError: it needs something that the old opset does not have.
    """
    opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    if opset <= most:
        return model
    held = ModelProto()
    held.CopyFrom(model)
    _hold_pads(held, _HELD)
    _drop_dilations_of_one(held)
    try:
        lowered = version_converter.convert_version(held, most)
        _hold_pads(lowered, "")
        lowered.ir_version = min(lowered.ir_version, IR_VERSION)
        onnx.checker.check_model(lowered, full_check=True)
    except (RuntimeError, onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise EngineError(
            f"the graph is of opset {opset}, this TensorRT reads {most}, and it cannot be converted "
            f"({reason(error)}): export it again with opset {most}, or use a newer TensorRT"
        ) from None
    return lowered


def _hold_pads(model: ModelProto, domain: str) -> None:
    """Keep Pad out of the converter's sight, which knows no way down for it: what opset 18 added is optional."""
    for node in model.graph.node:
        if node.op_type == "Pad":
            node.domain = domain
    kept = [entry for entry in model.opset_import if entry.domain != _HELD]
    del model.opset_import[:]
    model.opset_import.extend(kept + ([helper.make_opsetid(domain, 1)] if domain else []))


def _drop_dilations_of_one(model: ModelProto) -> None:
    """Average pooling got dilations with opset 19; 1 is what was meant before."""
    for node in model.graph.node:
        for attribute in list(node.attribute):
            if node.op_type == "AveragePool" and attribute.name == "dilations" and set(attribute.ints) == {1}:
                node.attribute.remove(attribute)
