"""An ONNX graph as a PyTorch module that computes the same: the baseline that PyTorch users would have.

`torch.fx` writes the module's forward as plain Python, one PyTorch call per operation, so nothing is interpreted while
it runs and `torch.compile` sees what it would see of a network written by hand. (onnx2torch 1.5.15 does not know opset
18, needs torchvision, and reads scales back from the GPU in each Resize, which would slow the baseline down.)
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from onnx import ModelProto, NodeProto, TensorProto
from torch import fx, nn
from torch.nn import functional as F

from engines.bench import torch_tensors
from engines.bench.torch_forward import Forward, attribute
from engines.bench.torch_shapes import SHAPES, is_of_shapes
from engines.errors import EngineError
from engines.surgery import constants_to_weights, unpack_weights


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
    forward = Forward(copy, dtype)
    for node in copy.graph.node:
        _translate(forward, node)
    return forward.module()


def _translate(to: Forward, node: NodeProto) -> None:
    if is_of_shapes(to, node):
        to.shapes[node.output[0]] = SHAPES[node.op_type](to, node)
    else:
        to.values[node.output[0]] = _call(to, node)


def _call(to: Forward, node: NodeProto) -> fx.Node:
    kind = node.op_type
    if kind in torch_tensors.NUMBERS:
        return to.call(torch_tensors.NUMBERS[kind], *(to.value(name) for name in node.input))
    if kind in torch_tensors.TENSORS:
        return to.call(torch_tensors.TENSORS[kind], *(to.tensor(name) for name in node.input))
    if kind not in OPERATIONS:
        raise EngineError(f"PyTorch cannot be given {kind}: engines/bench/torch_graph.py does not know it")
    return OPERATIONS[kind](to, node)


def _symmetric(node: NodeProto, axes: int = 2) -> list[int]:
    """Padding per axis where both sides have the same."""
    pads = list(attribute(node, "pads", [0] * 2 * axes))
    if pads[:axes] != pads[axes:] or attribute(node, "auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise EngineError(f"PyTorch cannot be given {node.op_type} with padding {pads}: only the same on both sides")
    return pads[:axes]


def _conv(to: Forward, node: NodeProto) -> fx.Node:
    x, weight, *bias = (to.tensor(name) for name in node.input)
    return to.call(
        F.conv2d,
        x,
        weight,
        bias[0] if bias else None,
        list(attribute(node, "strides", [1, 1])),
        _symmetric(node),
        list(attribute(node, "dilations", [1, 1])),
        attribute(node, "group", 1),
    )


def _batch_normalization(to: Forward, node: NodeProto) -> fx.Node:
    if attribute(node, "training_mode", 0):
        raise EngineError("PyTorch cannot be given BatchNormalization that still trains: export the graph for use")
    x, scale, bias, mean, variance = (to.tensor(name) for name in node.input)
    return to.call(F.batch_norm, x, mean, variance, scale, bias, eps=attribute(node, "epsilon", 1e-5))


def _gemm(to: Forward, node: NodeProto) -> fx.Node:
    a, b, *c = (to.tensor(name) for name in node.input if name)
    a, b = (to.call(torch.t, x) if attribute(node, f"trans{name}", 0) else x for x, name in ((a, "A"), (b, "B")))
    alpha = attribute(node, "alpha", 1.0)
    if c:
        return to.call(torch.addmm, c[0], a, b, beta=attribute(node, "beta", 1.0), alpha=alpha)
    return to.call(torch.mul, to.call(torch.mm, a, b), alpha)


def _average_pool(to: Forward, node: NodeProto) -> fx.Node:
    kernel, padding = list(attribute(node, "kernel_shape")), _symmetric(node)
    strides, ceil = list(attribute(node, "strides", [1, 1])), bool(attribute(node, "ceil_mode", 0))
    counted = bool(attribute(node, "count_include_pad", 0))
    return to.call(F.avg_pool2d, to.tensor(node.input[0]), kernel, strides, padding, ceil, counted)


def _max_pool(to: Forward, node: NodeProto) -> fx.Node:
    kernel, strides = list(attribute(node, "kernel_shape")), list(attribute(node, "strides", [1, 1]))
    return to.call(F.max_pool2d, to.tensor(node.input[0]), kernel, strides, _symmetric(node))


def _resize(to: Forward, node: NodeProto) -> fx.Node:
    scales, mode = to.constant(node, 2), attribute(node, "mode", "nearest")
    how = (mode, attribute(node, "coordinate_transformation_mode", "half_pixel"))
    nearest = attribute(node, "nearest_mode", "round_prefer_floor")
    if scales is None or scales.size != 4 or not (scales[:2] == 1).all() or how not in RESIZES:
        raise EngineError(f"PyTorch cannot be given this Resize ({', '.join(how)}): only by constant scales")
    if mode == "nearest" and nearest != "floor":
        raise EngineError(f"PyTorch cannot be given Resize with nearest_mode {nearest}: only floor")
    factors = [float(scale) for scale in scales[2:]]
    return to.call(F.interpolate, to.tensor(node.input[0]), scale_factor=factors, mode=RESIZES[how])


def _cast(to: Forward, node: NodeProto) -> fx.Node:
    target = CASTS.get(attribute(node, "to"))
    if target is None:
        raise EngineError(f"PyTorch cannot be given Cast to {TensorProto.DataType.Name(attribute(node, 'to'))}")
    return to.call(torch.Tensor.to, to.tensor(node.input[0]), target if target != torch.float32 else to.dtype)


def _clip(to: Forward, node: NodeProto) -> fx.Node:
    low, high = to.constant(node, 1, "min"), to.constant(node, 2, "max")
    least, most = (None if bound is None else bound.item() for bound in (low, high))
    return to.call(torch.clamp, to.tensor(node.input[0]), least, most)


def _depth_to_space(to: Forward, node: NodeProto) -> fx.Node:
    if attribute(node, "mode", "DCR") != "CRD":
        raise EngineError("PyTorch cannot be given DepthToSpace in DCR order")
    return to.call(F.pixel_shuffle, to.tensor(node.input[0]), attribute(node, "blocksize"))


def _leaky_relu(to: Forward, node: NodeProto) -> fx.Node:
    return to.call(F.leaky_relu, to.tensor(node.input[0]), attribute(node, "alpha", 0.01))


OPERATIONS: dict[str, Callable[[Forward, NodeProto], fx.Node]] = {
    **torch_tensors.OPERATIONS,
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_normalization,
    "Cast": _cast,
    "Clip": _clip,
    "Conv": _conv,
    "DepthToSpace": _depth_to_space,
    "Gemm": _gemm,
    "LeakyRelu": _leaky_relu,
    "MaxPool": _max_pool,
    "Resize": _resize,
}
RESIZES = {
    ("nearest", "asymmetric"): "nearest",
    ("linear", "half_pixel"): "bilinear",
    ("cubic", "half_pixel"): "bicubic",
}
"""(mode, coordinate transformation) in ONNX's words and what computes the same in PyTorch's."""
CASTS = {TensorProto.FLOAT: torch.float32, TensorProto.UINT8: torch.uint8}
