"""An ONNX graph as a PyTorch module that computes the same: the baseline that PyTorch users would have.

`torch.fx` writes the module's forward as plain Python, one PyTorch call per operation, so nothing is interpreted while
it runs and `torch.compile` sees what it would see of a network written by hand. (onnx2torch 1.5.15 does not know opset
18, needs torchvision, and reads scales back from the GPU in each Resize, which would slow the baseline down.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from torch import fx, nn
from torch.nn import functional as F

from engines.contract import INPUT, OUTPUT
from engines.errors import EngineError
from engines.surgery import constants_to_weights, unpack_weights

Array = npt.NDArray[Any]


def to_torch(model: ModelProto, dtype: torch.dtype) -> nn.Module:
    """A module that takes and gives uint8 [N,S,S,3] tensors as the graph does.

    Args:
        model: a graph that keeps the contract; not changed.
        dtype: what floating-point parts compute in.

    Raises:
        EngineError: the graph has an operation, or a variant of one, that this translation does not know.
    """
    copy = ModelProto()
    copy.CopyFrom(model)
    constants_to_weights(copy.graph)
    unpack_weights(copy.graph)
    return _Translation(copy.graph, dtype).module()


class _Translation:
    """Builds the module node by node."""

    def __init__(self, graph: onnx.GraphProto, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self.weights = {weight.name: numpy_helper.to_array(weight) for weight in graph.initializer}
        self._onnx, self._root, self._fx = graph, nn.Module(), fx.Graph()
        self._values: dict[str, fx.Node] = {}

    def module(self) -> nn.Module:
        """The whole graph."""
        self._values[INPUT] = self._fx.placeholder(INPUT)
        for node in self._onnx.node:
            self._values[node.output[0]] = self._translated(node)
        self._fx.output(self._values[OUTPUT])
        return fx.GraphModule(self._root, self._fx).eval()

    def call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> fx.Node:
        """A call in the module's forward."""
        return self._fx.call_function(function, arguments, options)

    def value(self, name: str) -> Any:
        """What a tensor is in the forward: a node, a number for a constant of one value, else a buffer."""
        if name in self.weights and self.weights[name].size == 1:
            return self.weights[name].item()
        if name not in self._values:
            self._values[name] = self._buffer(name)
        return self._values[name]

    def constant(self, node: NodeProto, index: int, attribute: str = "") -> Array | None:
        """A constant input (or the attribute of older opsets); None where it is left out."""
        if attribute and (given := _attribute(node, attribute)) is not None:
            return np.asarray(given)
        if index >= len(node.input) or not node.input[index]:
            return None
        if node.input[index] not in self.weights:
            raise EngineError(f"PyTorch cannot be given {node.op_type} with a computed {node.input[index]!r}")
        return np.asarray(self.weights[node.input[index]])

    def _buffer(self, name: str) -> fx.Node:
        if name not in self.weights:
            raise EngineError(f"the graph reads {name!r}, which nothing makes: export it again")
        values = torch.from_numpy(np.array(self.weights[name]))
        label = f"weight_{len(list(self._root.buffers()))}"
        self._root.register_buffer(label, values.to(self.dtype) if values.is_floating_point() else values)
        return self._fx.get_attr(label)

    def _translated(self, node: NodeProto) -> fx.Node:
        if node.op_type in SIMPLE:
            return self.call(SIMPLE[node.op_type], *(self.value(name) for name in node.input))
        if node.op_type not in OPERATIONS:
            raise EngineError(f"PyTorch cannot be given {node.op_type}: engines/bench/torch_graph.py does not know it")
        return OPERATIONS[node.op_type](self, node)


def _attribute(node: NodeProto, name: str, default: Any = None) -> Any:
    found = [helper.get_attribute_value(each) for each in node.attribute if each.name == name]
    value = found[0] if found else default
    return value.decode() if isinstance(value, bytes) else value


def _symmetric(node: NodeProto, axes: int = 2) -> list[int]:
    """Padding per axis where both sides have the same."""
    pads = list(_attribute(node, "pads", [0] * 2 * axes))
    if pads[:axes] != pads[axes:] or _attribute(node, "auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise EngineError(f"PyTorch cannot be given {node.op_type} with padding {pads}: only the same on both sides")
    return pads[:axes]


def _conv(to: _Translation, node: NodeProto) -> fx.Node:
    x, weight, *bias = (to.value(name) for name in node.input)
    return to.call(
        F.conv2d,
        x,
        weight,
        bias[0] if bias else None,
        list(_attribute(node, "strides", [1, 1])),
        _symmetric(node),
        list(_attribute(node, "dilations", [1, 1])),
        _attribute(node, "group", 1),
    )


def _average_pool(to: _Translation, node: NodeProto) -> fx.Node:
    kernel, padding = list(_attribute(node, "kernel_shape")), _symmetric(node)
    strides, ceil = list(_attribute(node, "strides", [1, 1])), bool(_attribute(node, "ceil_mode", 0))
    counted = bool(_attribute(node, "count_include_pad", 0))
    return to.call(F.avg_pool2d, to.value(node.input[0]), kernel, strides, padding, ceil, counted)


def _max_pool(to: _Translation, node: NodeProto) -> fx.Node:
    kernel, strides = list(_attribute(node, "kernel_shape")), list(_attribute(node, "strides", [1, 1]))
    return to.call(F.max_pool2d, to.value(node.input[0]), kernel, strides, _symmetric(node))


def _resize(to: _Translation, node: NodeProto) -> fx.Node:
    scales, mode = to.constant(node, 2), _attribute(node, "mode", "nearest")
    how = (mode, _attribute(node, "coordinate_transformation_mode", "half_pixel"))
    nearest = _attribute(node, "nearest_mode", "round_prefer_floor")
    if scales is None or scales.size != 4 or not (scales[:2] == 1).all() or how not in RESIZES:
        raise EngineError(f"PyTorch cannot be given this Resize ({', '.join(how)}): only by constant scales")
    if mode == "nearest" and nearest != "floor":
        raise EngineError(f"PyTorch cannot be given Resize with nearest_mode {nearest}: only floor")
    factors = [float(scale) for scale in scales[2:]]
    return to.call(F.interpolate, to.value(node.input[0]), scale_factor=factors, mode=RESIZES[how])


def _cast(to: _Translation, node: NodeProto) -> fx.Node:
    target = CASTS.get(_attribute(node, "to"))
    if target is None:
        raise EngineError(f"PyTorch cannot be given Cast to {TensorProto.DataType.Name(_attribute(node, 'to'))}")
    return to.call(torch.Tensor.to, to.value(node.input[0]), target if target != torch.float32 else to.dtype)


def _reshape(to: _Translation, node: NodeProto) -> fx.Node:
    x, shape = to.value(node.input[0]), to.constant(node, 1)
    if shape is None:
        raise EngineError("PyTorch cannot be given Reshape without a shape")
    # 0 repeats the input's size; a size that is only known when it runs is read from the tensor there.
    sizes = [to.call(torch.Tensor.size, x, axis) if size == 0 else int(size) for axis, size in enumerate(shape)]
    return to.call(torch.reshape, x, sizes)


def _clip(to: _Translation, node: NodeProto) -> fx.Node:
    low, high = to.constant(node, 1, "min"), to.constant(node, 2, "max")
    least, most = (None if bound is None else bound.item() for bound in (low, high))
    return to.call(torch.clamp, to.value(node.input[0]), least, most)


def _reduce_mean(to: _Translation, node: NodeProto) -> fx.Node:
    axes = to.constant(node, 1, "axes")
    if axes is None:
        raise EngineError("PyTorch cannot be given ReduceMean over everything: the batch belongs to it")
    kept = bool(_attribute(node, "keepdims", 1))
    return to.call(torch.mean, to.value(node.input[0]), [int(axis) for axis in np.ravel(axes)], kept)


def _depth_to_space(to: _Translation, node: NodeProto) -> fx.Node:
    if _attribute(node, "mode", "DCR") != "CRD":
        raise EngineError("PyTorch cannot be given DepthToSpace in DCR order")
    return to.call(F.pixel_shuffle, to.value(node.input[0]), _attribute(node, "blocksize"))


def _concat(to: _Translation, node: NodeProto) -> fx.Node:
    return to.call(torch.cat, [to.value(name) for name in node.input], _attribute(node, "axis"))


def _transpose(to: _Translation, node: NodeProto) -> fx.Node:
    return to.call(torch.permute, to.value(node.input[0]), list(_attribute(node, "perm")))


def _leaky_relu(to: _Translation, node: NodeProto) -> fx.Node:
    return to.call(F.leaky_relu, to.value(node.input[0]), _attribute(node, "alpha", 0.01))


def _identity(to: _Translation, node: NodeProto) -> fx.Node:
    return to.value(node.input[0])  # type: ignore[no-any-return]


SIMPLE: dict[str, Callable[..., Any]] = {
    "Add": torch.add,
    "Sub": torch.sub,
    "Mul": torch.mul,
    "Div": torch.div,
    "Pow": torch.pow,
    "Neg": torch.neg,
    "Abs": torch.abs,
    "Exp": torch.exp,
    "Sqrt": torch.sqrt,
    "Tanh": torch.tanh,
    "Relu": torch.relu,
    "Sigmoid": torch.sigmoid,
    "Round": torch.round,
}
OPERATIONS: dict[str, Callable[[_Translation, NodeProto], fx.Node]] = {
    "AveragePool": _average_pool,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _conv,
    "DepthToSpace": _depth_to_space,
    "Identity": _identity,
    "LeakyRelu": _leaky_relu,
    "MaxPool": _max_pool,
    "ReduceMean": _reduce_mean,
    "Reshape": _reshape,
    "Resize": _resize,
    "Transpose": _transpose,
}
RESIZES = {
    ("nearest", "asymmetric"): "nearest",
    ("linear", "half_pixel"): "bilinear",
    ("cubic", "half_pixel"): "bicubic",
}
"""(mode, coordinate transformation) in ONNX's words and what computes the same in PyTorch's."""
CASTS = {TensorProto.FLOAT: torch.float32, TensorProto.UINT8: torch.uint8}
