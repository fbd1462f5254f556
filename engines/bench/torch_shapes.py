"""ONNX operations on shapes: worked out while the graph is translated, but for sizes that are only known when it runs.

An exporter writes down how a shape comes about (Shape, Gather, Mul, Concat ...) as if it were a tensor like others.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial

import numpy as np
from onnx import NodeProto

from engines.bench.torch_forward import Forward, Sizes, as_sizes, attribute
from engines.errors import EngineError


def is_of_shapes(to: Forward, node: NodeProto) -> bool:
    """Whether a node computes a shape: from a tensor, or from shapes and constant whole numbers."""
    if node.op_type not in SHAPES or node.op_type == "Shape":
        return node.op_type in SHAPES
    return any(name in to.shapes for name in node.input) and all(_whole(to, name) for name in node.input if name)


def _whole(to: Forward, name: str) -> bool:
    return name in to.shapes or (name in to.weights and bool(np.issubdtype(to.weights[name].dtype, np.integer)))


def _given(to: Forward, node: NodeProto, index: int) -> Sizes:
    sizes = to.sizes(node, index)
    if sizes is None:
        raise EngineError(f"PyTorch cannot be given {node.op_type} without input {index}: export the graph again")
    return sizes


def _shape(to: Forward, node: NodeProto) -> Sizes:
    name, start, end = node.input[0], attribute(node, "start", 0), attribute(node, "end")
    return as_sizes(to.size(name, axis) for axis in range(to.rank(name))[start:end])


def _reshape(to: Forward, node: NodeProto) -> Sizes:
    return _given(to, node, 0).reshape([int(size) for size in _given(to, node, 1)])


def _squeeze(to: Forward, node: NodeProto) -> Sizes:
    return _given(to, node, 0).squeeze()


def _unsqueeze(to: Forward, node: NodeProto) -> Sizes:
    return _given(to, node, 0).reshape(-1)


def _gather(to: Forward, node: NodeProto) -> Sizes:
    return np.array(_given(to, node, 0)[_given(to, node, 1).astype(np.int64)], np.object_)


def _concat(to: Forward, node: NodeProto) -> Sizes:
    return np.concatenate([_given(to, node, index) for index in range(len(node.input))])


def _arithmetic(function: Callable[..., object], to: Forward, node: NodeProto) -> Sizes:
    each = np.frompyfunc(partial(to.number, function), 2, 1)
    return np.array(each(_given(to, node, 0), _given(to, node, 1)), np.object_)


SHAPES: dict[str, Callable[[Forward, NodeProto], Sizes]] = {
    "Add": partial(_arithmetic, operator.add),
    "Concat": _concat,
    "Gather": _gather,
    "Mul": partial(_arithmetic, operator.mul),
    "Reshape": _reshape,
    "Shape": _shape,
    "Squeeze": _squeeze,
    "Sub": partial(_arithmetic, operator.sub),
    "Unsqueeze": _unsqueeze,
}
