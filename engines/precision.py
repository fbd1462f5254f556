"""Half precision written into the graph itself, on terms that keep the picture.

TensorRT 11 and TensorRT for RTX take every tensor's precision from the graph (strong typing), so the choice is made
here, once, and every version of TensorRT and ONNX Runtime executes the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import numpy.typing as npt
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from engines.surgery import constants_to_weights, drop_unused, unpack_weights

HALF_MAX = 65504.0
TWIN = "/f16"
"""Ending of the name of a tensor's float16 twin."""
HEAVY = frozenset({"Conv", "ConvTranspose", "MatMul", "Gemm"})
"""Where the time goes; what comes before the first and after the last of them stays in float32, being cheap."""
_LIGHT = (
    "Add Sub Mul Div Relu LeakyRelu PRelu Elu Sigmoid Tanh Clip Concat Split Slice Pad Resize Upsample Transpose "
    "Reshape Identity AveragePool MaxPool GlobalAveragePool BatchNormalization SpaceToDepth DepthToSpace Squeeze "
    "Unsqueeze Flatten Gather Expand Tile HardSigmoid HardSwish Max Min Where Neg Abs"
)
HALF_OPS = HEAVY.union(_LIGHT.split(" "))
"""What may compute in float16. Sums of squares, roots, exponentials and normalizations over the picture are left out:
they overflow or lose digits."""
FLOAT_INPUTS: dict[str, Collection[int]] = {"Resize": (1, 2), "Upsample": (1,)}
"""Inputs that the operator wants in float32 whatever its precision: regions and scales."""

Floats = npt.NDArray[np.float32]


def to_half(model: ModelProto, largest: Callable[[ModelProto], dict[str, float]] | None = None) -> int:
    """Let the heavy middle of a graph compute in float16, in place.

    Kept in float32: operations before the first and after the last convolution, those not in `HALF_OPS`, those with
    weights that float16 cannot hold, and those whose input or result comes near its limit of 65504 on sample pictures.

    Args:
        model: float32 graph.
        largest: measures the largest magnitude of every tensor on sample pictures (`engines.calibrate`); None skips it.

    Returns:
        How many nodes compute in float16.
    """
    constants_to_weights(model.graph)
    unpack_weights(model.graph)
    typed = onnx.shape_inference.infer_shapes(model)
    floats = _float_tensors(typed.graph)
    magnitudes = largest(model) if largest else {}
    chosen = _choose(model.graph, floats, magnitudes)
    _rewrite(model.graph, chosen, floats)
    del model.graph.value_info[:]
    onnx.checker.check_model(model, full_check=True)
    return len(chosen)


def _choose(graph: GraphProto, floats: set[str], magnitudes: dict[str, float]) -> list[NodeProto]:
    middle = _between_heavy(graph)
    weights = {weight.name: weight for weight in graph.initializer}
    return [
        node
        for index, node in enumerate(graph.node)
        if index in middle
        and node.op_type in HALF_OPS
        and node.output[0] in floats
        and all(_fits(weights[name]) for name in node.input if name in weights and name in floats)
        and all(magnitudes.get(name, 0) < HALF_MAX / 4 for name in [*node.input, *node.output])
    ]


def _between_heavy(graph: GraphProto) -> set[int]:
    """Indices of nodes that are heavy, or have a heavy one both upstream and downstream."""
    after: set[str] = set()
    behind: set[int] = set()
    for index, node in enumerate(graph.node):
        if node.op_type in HEAVY or after.intersection(node.input):
            behind.add(index)
            after.update(node.output)
    before: set[str] = set()
    ahead: set[int] = set()
    for index, node in reversed(list(enumerate(graph.node))):
        if node.op_type in HEAVY or before.intersection(node.output):
            ahead.add(index)
            before.update(node.input)
    return behind & ahead


def _fits(weight: TensorProto) -> bool:
    values = numpy_helper.to_array(weight)
    return values.size == 0 or bool(np.isfinite(values).all() and np.abs(values).max() <= HALF_MAX)


def _float_tensors(graph: GraphProto) -> set[str]:
    values = [*graph.input, *graph.output, *graph.value_info]
    names = {value.name for value in values if value.type.tensor_type.elem_type == TensorProto.FLOAT}
    return names | {weight.name for weight in graph.initializer if weight.data_type == TensorProto.FLOAT}


def _rewrite(graph: GraphProto, chosen: list[NodeProto], floats: set[str]) -> None:
    """Give chosen nodes float16 twins of their float tensors; casts stand only where precisions meet."""
    halves = {id(node) for node in chosen}
    weights = {weight.name: weight for weight in graph.initializer}
    made: set[str] = set()  # Tensors that already have a float16 twin.
    nodes: list[NodeProto] = []

    def half(name: str) -> str:
        twin = f"{name}{TWIN}"
        if twin not in made:
            made.add(twin)
            if name in weights:
                graph.initializer.append(_half_weight(weights[name], twin))
            else:
                nodes.append(helper.make_node("Cast", [name], [twin], f"{twin}_cast", to=TensorProto.FLOAT16))
        return twin

    read_in_float = _read_in_float(graph, halves)
    for node in graph.node:
        if id(node) not in halves:
            nodes.append(node)
            continue
        kept = FLOAT_INPUTS.get(node.op_type, ())
        for index, name in enumerate(node.input):
            if name in floats and index not in kept:
                node.input[index] = half(name)
        outputs = [name for name in node.output if name in floats]
        for index, name in enumerate(node.output):
            if name in floats:
                node.output[index] = f"{name}{TWIN}"
                made.add(f"{name}{TWIN}")
        nodes.append(node)
        nodes.extend(
            helper.make_node("Cast", [f"{name}{TWIN}"], [name], f"{name}_cast", to=TensorProto.FLOAT)
            for name in outputs
            if name in read_in_float
        )
    del graph.node[:]
    graph.node.extend(nodes)
    drop_unused(graph)


def _read_in_float(graph: GraphProto, halves: set[int]) -> set[str]:
    """Tensors that something in float32 reads."""
    names = {value.name for value in graph.output}
    for node in graph.node:
        kept = FLOAT_INPUTS.get(node.op_type, ()) if id(node) in halves else range(len(node.input))
        names.update(node.input[index] for index in kept if index < len(node.input))
    return names


def _half_weight(weight: TensorProto, name: str) -> TensorProto:
    return numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), name)


def emulated(model: ModelProto) -> ModelProto:
    """A float32 graph that rounds as a graph of `to_half` does on a GPU: sums in float32, results stored in float16.

    ONNX Runtime has no float16 kernels on the CPU. Given the graph itself it computes whole stretches in float32
    without rounding between, and hides what a GPU would show.
    """
    copy = ModelProto()
    copy.CopyFrom(model)
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        if node.op_type == "Cast" or not any(name.endswith(TWIN) for name in [*node.input, *node.output]):
            nodes.append(node)
            continue
        wide = NodeProto()
        wide.CopyFrom(node)
        for index, name in enumerate(node.input):
            if name.endswith(TWIN):
                wide.input[index] = f"{name}>{node.output[0]}:{index}"  # A square reads one tensor twice.
                nodes.append(helper.make_node("Cast", [name], [wide.input[index]], to=TensorProto.FLOAT))
        nodes.append(wide)
        for index, name in enumerate(node.output):
            if name.endswith(TWIN):
                wide.output[index] = f"{name}<"
                nodes.append(helper.make_node("Cast", [f"{name}<"], [name], to=TensorProto.FLOAT16))
    del copy.graph.node[:]
    copy.graph.node.extend(nodes)
    return copy
