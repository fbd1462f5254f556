"""How much work a graph is, counted from its shapes: multiply-accumulates and bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

import onnx
from onnx import ModelProto, NodeProto, helper

from engines.contract import INPUT, OUTPUT
from engines.errors import EngineError
from engines.surgery import constants_to_weights, unpack_weights

HEAVY = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})
"""What the count is of; the rest can be computed on the way and costs next to nothing beside."""
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Work:
    """What one call of a graph takes.

    Attributes:
        batch: pictures per call.
        macs: multiply-accumulates of the convolutions and matrix products (1 MAC = 2 FLOP).
        weights: numbers that these read as weights and biases.
        activations: numbers that these read and write besides, layer by layer: what goes through memory where no
            cache keeps them between two layers.
        pictures: bytes of the pictures that come in and go out (uint8).
    """

    batch: int
    macs: int
    weights: int
    activations: int
    pictures: int

    def least_bytes(self, width: int) -> int:
        """Bytes that must move in any case, at `width` bytes per number: weights once, pictures in, pictures out."""
        return self.weights * width + self.pictures

    def layer_bytes(self, width: int) -> int:
        """Bytes that move where every layer reads its input from memory and writes its output there."""
        return self.least_bytes(width) + self.activations * width


def count(model: ModelProto, batch: int) -> Work:
    """Count one call with so many pictures.

    Args:
        model: a graph that keeps the contract; not changed.
        batch: pictures per call.

    Raises:
        EngineError: the shapes cannot be inferred.
    """
    shapes, weights = _shapes(model, batch)
    nodes = [node for node in model.graph.node if node.op_type in HEAVY]
    used = {name for node in nodes for name in node.input if name in weights}
    passed = [name for node in nodes for name in [*node.input, *node.output] if name and name not in weights]
    return Work(
        batch=batch,
        macs=sum(_macs(node, shapes) for node in nodes),
        weights=sum(prod(shapes[name]) for name in used),
        activations=sum(prod(_known(name, shapes)) for name in passed),
        pictures=prod(_known(INPUT, shapes)) + prod(_known(OUTPUT, shapes)),
    )


def _shapes(model: ModelProto, batch: int) -> tuple[dict[str, Shape], set[str]]:
    """Shape of every tensor that is known, and the names of the weights."""
    fixed = ModelProto()
    fixed.CopyFrom(model)
    constants_to_weights(fixed.graph)
    unpack_weights(fixed.graph)
    del fixed.graph.value_info[:]  # They name the batch; inference shall find the number.
    for value in [*fixed.graph.input, *fixed.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_value = batch
    try:
        inferred = onnx.shape_inference.infer_shapes(fixed, data_prop=True).graph
    except onnx.shape_inference.InferenceError as error:
        raise EngineError(f"the shapes of the graph cannot be inferred ({str(error).splitlines()[0]})") from None
    shapes = {weight.name: tuple(weight.dims) for weight in inferred.initializer}
    weights = set(shapes)
    shapes |= _declared([*inferred.input, *inferred.output, *inferred.value_info])
    return shapes, weights


def _declared(values: Iterable[onnx.ValueInfoProto]) -> dict[str, Shape]:
    found = {value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in values}
    return {name: tuple(dims) for name, dims in found.items() if all(dims)}


def _known(name: str, shapes: dict[str, Shape]) -> Shape:
    if name not in shapes:
        raise EngineError(f"the shape of {name!r} cannot be inferred: its work is not counted")
    return shapes[name]


def _macs(node: NodeProto, shapes: dict[str, Shape]) -> int:
    """Of one node: outputs (inputs, for a transposed convolution) times the products that each takes part in."""
    first, second = (_known(name, shapes) for name in node.input[:2])
    out = prod(_known(node.output[0], shapes))
    if node.op_type == "Conv":  # Weights [out, in / group, kh, kw].
        return out * prod(second[1:])
    if node.op_type == "ConvTranspose":  # Weights [in, out / group, kh, kw].
        return prod(first) * prod(second[1:])
    if node.op_type == "Gemm":
        transposed = any(each.name == "transA" and helper.get_attribute_value(each) for each in node.attribute)
        return out * first[0 if transposed else 1]
    return out * first[-1]  # MatMul [..., M, K] x [..., K, N].
