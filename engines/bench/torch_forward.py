"""The forward of a PyTorch module while it is written from an ONNX graph: what every operation's translation uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper
from torch import fx, nn

from engines.contract import INPUT, OUTPUT
from engines.errors import EngineError

Array = npt.NDArray[Any]
Sizes = npt.NDArray[np.object_]
"""A shape, or one size (rank 0), that the graph computes: whole numbers, and nodes for what is only known when it runs.
As numbers of Python they cost nothing and `torch.compile` can follow them; as tensors they would be read back."""


class Forward:
    """Takes one call after the other.

    Args:
        model: the graph, with its constants as initializers.
        dtype: what floating-point parts compute in.

    Attributes:
        dtype: what floating-point parts compute in.
        weights: the constants, by name.
        shapes: the shapes that the graph computes with, by name.
        values: the tensors made so far, by name.
    """

    def __init__(self, model: ModelProto, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self.weights = {weight.name: numpy_helper.to_array(weight) for weight in model.graph.initializer}
        self.shapes: dict[str, Sizes] = {}
        self._known = _known_sizes(model)
        self._root, self._fx = nn.Module(), fx.Graph()
        self.values = {INPUT: self._fx.placeholder(INPUT)}

    def module(self) -> nn.Module:
        """What was written, for use."""
        self._fx.output(self.values[OUTPUT])
        return fx.GraphModule(self._root, self._fx).eval()

    def call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> fx.Node:
        """A call in the module's forward."""
        return self._fx.call_function(function, arguments, options)

    def number(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function of sizes gives: worked out now where all are known, else a call."""
        if any(isinstance(each, fx.Node) for each in arguments):
            return self.call(function, *arguments)
        return function(*arguments)

    def value(self, name: str) -> Any:
        """A tensor, or a number for a constant without axes, which arithmetic takes as it is.

        A constant of one value that has axes stays a tensor: its axes may be the result's.
        """
        if name in self.weights and self.weights[name].ndim == 0:
            return self.weights[name].item()
        return self.tensor(name)

    def tensor(self, name: str) -> fx.Node:
        """A tensor; constants are buffers."""
        if name in self.shapes:
            raise EngineError(
                f"PyTorch cannot be given the shape {name!r} as values: export the graph with fixed sizes, "
                "or add what computes with it to engines/bench/torch_shapes.py"
            )
        if name not in self.values:
            self.values[name] = self._buffer(name)
        return self.values[name]

    def constant(self, node: NodeProto, index: int, name: str = "") -> Array | None:
        """A constant input (or the attribute `name` of older opsets); None where it is left out."""
        if name and (given := attribute(node, name)) is not None:
            return np.asarray(given)
        if index >= len(node.input) or not node.input[index]:
            return None
        if node.input[index] not in self.weights:
            raise EngineError(f"PyTorch cannot be given {node.op_type} with a computed {node.input[index]!r}")
        return np.asarray(self.weights[node.input[index]])

    def sizes(self, node: NodeProto, index: int, name: str = "") -> Sizes | None:
        """As `constant`, but the graph may also compute it from shapes."""
        if index < len(node.input) and node.input[index] in self.shapes:
            return self.shapes[node.input[index]]
        constant = self.constant(node, index, name)
        return None if constant is None else constant.astype(np.object_)

    def size(self, name: str, axis: int) -> Any:
        """A tensor's size along an axis."""
        known = self._known[name][axis] if name in self._known else None
        return known or self.call(torch.Tensor.size, self.tensor(name), axis)

    def rank(self, name: str) -> int:
        """How many axes a tensor has."""
        if name not in self._known:
            raise EngineError(
                f"PyTorch cannot be given the shape of {name!r}: nothing says how many axes it has; export the graph "
                "again with shapes"
            )
        return len(self._known[name])

    def _buffer(self, name: str) -> fx.Node:
        if name not in self.weights:
            raise EngineError(f"the graph reads {name!r}, which nothing makes: export it again")
        values = torch.from_numpy(np.array(self.weights[name]))
        label = f"weight_{len(list(self._root.buffers()))}"
        # A module with tensors of five axes cannot be put into channels_last: those are kept flat.
        kept = values.flatten() if values.ndim == 5 else values
        self._root.register_buffer(label, kept.to(self.dtype) if kept.is_floating_point() else kept)
        buffer = self._fx.get_attr(label)
        return buffer if kept is values else self.call(torch.reshape, buffer, list(values.shape))


def attribute(node: NodeProto, name: str, default: Any = None) -> Any:
    """An attribute's value, text as str."""
    found = [helper.get_attribute_value(each) for each in node.attribute if each.name == name]
    value = found[0] if found else default
    return value.decode() if isinstance(value, bytes) else value


def as_sizes(values: Iterable[Any]) -> Sizes:
    """A shape of these sizes."""
    return np.array([*values], np.object_)


def _known_sizes(model: ModelProto) -> dict[str, list[int]]:
    """The sizes of every tensor whose rank is known; 0 for one that is only known when the graph runs."""
    bare = ModelProto()
    bare.CopyFrom(model)
    del bare.graph.value_info[:]  # What exporters note there may hold for the batch that they tried, only.
    graph: GraphProto = onnx.shape_inference.infer_shapes(bare).graph
    tensors = {value.name: value.type.tensor_type for value in (*graph.input, *graph.value_info, *graph.output)}
    return {
        name: [max(size.dim_value, 0) for size in tensor.shape.dim]
        for name, tensor in tensors.items()
        if tensor.HasField("shape")
    }
