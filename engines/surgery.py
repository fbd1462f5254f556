"""Small tools to edit ONNX graphs. Only building needs them, so only building imports `onnx`."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from engines.contract import GraphInfo, Tensor, graph_info
from engines.errors import EngineError
from engines.graph_file import check_graph_file

LAYOUT_OPS = frozenset({"Transpose", "Reshape", "Identity", "Squeeze", "Unsqueeze", "Flatten", "DepthToSpace"})
"""Operations that move values but never change them: a Cast before one equals a Cast behind it."""


def read_model(path: str | Path) -> ModelProto:
    """Load a graph with its weights.

    Raises:
        EngineError: the file is missing or no valid ONNX graph.
    """
    path = check_graph_file(path)
    try:
        model = onnx.load(str(path))
        onnx.checker.check_model(model)
    except (_decode_error(), onnx.checker.ValidationError, OSError) as error:
        raise EngineError(f"{path} is not a valid ONNX graph ({reason(error)}): fetch or export it again") from None
    return model


def _decode_error() -> type[Exception]:
    error: type[Exception] = importlib.import_module("google.protobuf.message").DecodeError
    return error


def model_info(graph: str, model: ModelProto) -> GraphInfo:
    """The contract's view of a model; raises EngineError as `engines.contract.graph_info` does."""
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    return graph_info(graph, inputs(model.graph), outputs(model.graph), metadata)


def reason(error: BaseException) -> str:
    """The first line of somebody else's error, without codes and paths in front, at most 200 characters."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].split(" : ", 3)[-1].split(" failed:", 1)[-1][:200]


def inputs(graph: GraphProto) -> list[Tensor]:
    """The inputs that a caller must feed (old graphs list their weights as inputs, too)."""
    weights = {weight.name for weight in graph.initializer}
    return [_tensor(value) for value in graph.input if value.name not in weights]


def outputs(graph: GraphProto) -> list[Tensor]:
    """The outputs."""
    return [_tensor(value) for value in graph.output]


def producer(graph: GraphProto, name: str) -> NodeProto | None:
    """The node that makes a tensor; None for inputs and weights."""
    return next((node for node in graph.node if name in node.output), None)


def rename_uses(nodes: Iterable[NodeProto], old: str, new: str) -> None:
    """Let every node that read `old` read `new`."""
    for node in nodes:
        for index, name in enumerate(node.input):
            if name == old:
                node.input[index] = new


def constants_to_weights(graph: GraphProto) -> None:
    """Turn Constant nodes into initializers, so that one rule covers both."""
    for node in [node for node in graph.node if node.op_type == "Constant"]:
        value = helper.get_node_attr_value(node, node.attribute[0].name)
        tensor = TensorProto()
        tensor.CopyFrom(value if isinstance(value, TensorProto) else numpy_helper.from_array(_constant(value)))
        tensor.name = node.output[0]
        graph.initializer.append(tensor)
        graph.node.remove(node)


def unpack_weights(graph: GraphProto) -> None:
    """Turn weights that are stored in float16 and cast to float32 when they are read into float32 weights."""
    weights = {weight.name: weight for weight in graph.initializer}
    for node in [node for node in graph.node if node.op_type == "Cast" and node.input[0] in weights]:
        if helper.get_node_attr_value(node, "to") == TensorProto.FLOAT:
            values = numpy_helper.to_array(weights[node.input[0]]).astype(np.float32)
            graph.initializer.append(numpy_helper.from_array(values, node.output[0]))
            graph.node.remove(node)
    drop_unused(graph)


def drop_unused(graph: GraphProto) -> None:
    """Remove nodes and weights that nothing reads."""
    while True:
        used = {name for node in graph.node for name in node.input} | {value.name for value in graph.output}
        idle = [node for node in graph.node if not used.intersection(node.output)]
        if not idle:
            break
        for node in idle:
            graph.node.remove(node)
    kept = [weight for weight in graph.initializer if weight.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def casts_to_the_edges(model: ModelProto) -> None:
    """Make uint8 appear at the input and the output only, in place.

    TensorRT computes nothing in uint8, not even a transpose: it wants a Cast as the first and as the last operation.
    The operations between are layout operations, which give the same result in float.

    Raises:
        EngineError: the input reaches an operation that needs uint8.
    """
    graph = model.graph
    image, portrait = inputs(graph)[0].name, graph.output[0].name
    rename_uses(graph.node, image, f"{image}_float")
    graph.node.insert(0, helper.make_node("Cast", [image], [f"{image}_float"], "cast_in", to=TensorProto.FLOAT))
    last = producer(graph, portrait)
    while last is not None and last.op_type in LAYOUT_OPS:
        last = producer(graph, last.input[0])
    if last is not None and last.op_type == "Cast" and last.name != "cast_in":
        source = last.input[0]
        made = last.output[0]
        graph.node.remove(last)
        rename_uses(graph.node, made, source)
        if made == portrait:
            rename_output(graph, source, f"{portrait}_float")
    rename_output(graph, portrait, f"{portrait}_float")
    graph.node.append(helper.make_node("Cast", [f"{portrait}_float"], [portrait], "cast_out", to=TensorProto.UINT8))
    _recheck(model)


def rename_output(graph: GraphProto, old: str, new: str) -> None:
    """Let the node that made `old` make `new`, and its readers read that."""
    node = producer(graph, old)
    if node is not None:
        node.output[list(node.output).index(old)] = new
        rename_uses(graph.node, old, new)


def _recheck(model: ModelProto) -> None:
    del model.graph.value_info[:]  # Types between have changed.
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise EngineError(
            f"the graph computes in uint8, which TensorRT cannot ({reason(error)}): export it in float"
        ) from None


def _constant(value: object) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    array = np.asarray(value)
    return array.astype(np.float32) if array.dtype == np.float64 else array


def _tensor(value: onnx.ValueInfoProto) -> Tensor:
    kind = value.type.tensor_type
    dtype = "none" if not kind.elem_type else str(helper.tensor_dtype_to_np_dtype(kind.elem_type).name)
    return Tensor(value.name, dtype, tuple(_dimension(dim) for dim in kind.shape.dim))


def _dimension(dim: onnx.TensorShapeProto.Dimension) -> int | str | None:
    if dim.HasField("dim_value") and dim.dim_value > 0:
        return int(dim.dim_value)
    return str(dim.dim_param) or None
