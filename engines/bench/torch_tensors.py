"""ONNX operations that pick from tensors, put them together and compute with their values, as calls of PyTorch.

Those of a network's layers are in `engines.bench.torch_graph`, those on shapes in `engines.bench.torch_shapes`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import torch
from onnx import NodeProto
from torch import fx
from torch.nn import functional as F

from engines.bench.torch_forward import Forward, Sizes, attribute
from engines.errors import EngineError


def _along(axis: int, picked: Any) -> tuple[Any, ...]:
    """An index into one axis; from the end where it is negative, so that nobody needs to know the rank."""
    if axis < 0:
        return (Ellipsis, picked, *[slice(None)] * (-axis - 1))
    return (*[slice(None)] * axis, picked)


def _slice(to: Forward, node: NodeProto) -> fx.Node:
    starts, ends = to.sizes(node, 1, "starts"), to.sizes(node, 2, "ends")
    axes, steps = to.constant(node, 3, "axes"), to.constant(node, 4)
    if starts is None or ends is None:
        raise EngineError("PyTorch cannot be given Slice without starts and ends: export the graph again")
    x = to.tensor(node.input[0])
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        axis = index if axes is None else int(axes[index])
        x = _sliced(to, x, axis, slice(_near(start), _near(end), 1 if steps is None else int(steps[index])))
    return x


def _near(bound: Any) -> Any:
    """Exporters say "to the end" with the largest numbers there are, of which PyTorch warns."""
    return bound if isinstance(bound, fx.Node) else max(-FAR, min(bound, FAR))


def _sliced(to: Forward, x: fx.Node, axis: int, part: slice) -> fx.Node:
    if part.step < 0:
        # PyTorch has no steps backwards. In the flipped tensor, what index i picked has index -1 - i.
        x = to.call(torch.flip, x, [axis])
        start, stop = (to.number(operator.sub, -1, bound) for bound in (part.start, part.stop))
        part = slice(start, stop, -part.step)
    return to.call(operator.getitem, x, _along(axis, part))


def _gather(to: Forward, node: NodeProto) -> fx.Node:
    index = to.value(node.input[1])
    return to.call(operator.getitem, to.tensor(node.input[0]), _along(attribute(node, "axis", 0), index))


def _gather_nd(to: Forward, node: NodeProto) -> fx.Node:
    if attribute(node, "batch_dims", 0):
        raise EngineError("PyTorch cannot be given GatherND with batch_dims: only 0")
    # PyTorch wants the indices into each axis as a tensor of their own.
    indices = to.call(torch.unbind, to.tensor(node.input[1]), -1)
    return to.call(operator.getitem, to.tensor(node.input[0]), indices)


def _concat(to: Forward, node: NodeProto) -> fx.Node:
    return to.call(torch.cat, [to.tensor(name) for name in node.input], attribute(node, "axis"))


def _transpose(to: Forward, node: NodeProto) -> fx.Node:
    return to.call(torch.permute, to.tensor(node.input[0]), list(attribute(node, "perm")))


def _identity(to: Forward, node: NodeProto) -> fx.Node:
    return to.tensor(node.input[0])


def _target(to: Forward, node: NodeProto) -> Sizes:
    shape = to.sizes(node, 1)
    if shape is None:
        raise EngineError(f"PyTorch cannot be given {node.op_type} without a shape: export the graph again")
    return shape


def _reshape(to: Forward, node: NodeProto) -> fx.Node:
    name, shape = node.input[0], list(_target(to, node))
    if not attribute(node, "allowzero", 0):  # 0 repeats the input's size.
        shape = [to.size(name, axis) if size == 0 else size for axis, size in enumerate(shape)]
    return to.call(torch.reshape, to.tensor(name), shape)


def _expand(to: Forward, node: NodeProto) -> fx.Node:
    x = to.tensor(node.input[0])
    # A size of 1 keeps the input's, which PyTorch's own expand refuses.
    shape = to.call(torch.broadcast_shapes, to.call(torch.Tensor.size, x), list(_target(to, node)))
    return to.call(torch.broadcast_to, x, shape)


def _squeeze(to: Forward, node: NodeProto) -> fx.Node:
    x, axes = to.tensor(node.input[0]), to.constant(node, 1, "axes")
    return to.call(torch.squeeze, x, *([] if axes is None else [[int(axis) for axis in axes]]))


def _unsqueeze(to: Forward, node: NodeProto) -> fx.Node:
    axes = to.constant(node, 1, "axes")
    if axes is None or (axes.min() < 0) != (axes.max() < 0):
        raise EngineError("PyTorch cannot be given Unsqueeze but along constant axes, counted all from the same end")
    # Axes are the result's. From the end that they are counted from, those before each are there when it is made.
    outwards = sorted((int(axis) for axis in axes), key=lambda axis: axis if axis >= 0 else -axis)
    return reduce(partial(to.call, torch.unsqueeze), outwards, to.tensor(node.input[0]))


def _pad(to: Forward, node: NodeProto) -> fx.Node:
    mode, value, pads = attribute(node, "mode", "constant"), to.constant(node, 2), to.constant(node, 1, "pads")
    if pads is None or mode not in PADS or to.constant(node, 3) is not None:
        raise EngineError(f"PyTorch cannot be given this Pad ({mode}): only constant and edge, on all axes")
    rank = pads.size // 2
    sides = [(int(pads[axis]), int(pads[axis + rank])) for axis in range(rank)]
    if mode == "edge":  # PyTorch repeats edges of pictures only: of all axes but the batch's and the channels'.
        if rank < 3 or any(sides[0] + sides[1]):
            raise EngineError(
                f"PyTorch cannot be given Pad of edges by {pads.tolist()}: only behind the first two axes"
            )
        sides = sides[2:]
    last_axis_first = [count for both in reversed(sides) for count in both]
    return to.call(
        F.pad, to.tensor(node.input[0]), last_axis_first, PADS[mode], None if value is None else value.item()
    )


def _reduce(function: Callable[..., Any], to: Forward, node: NodeProto) -> fx.Node:
    axes = to.constant(node, 1, "axes")
    if axes is None or not axes.size:
        raise EngineError(f"PyTorch cannot be given {node.op_type} over everything: the batch belongs to it")
    kept = bool(attribute(node, "keepdims", 1))
    return to.call(function, to.tensor(node.input[0]), [int(axis) for axis in axes], kept)


def _pairwise(function: Callable[..., Any], to: Forward, node: NodeProto) -> fx.Node:
    return reduce(partial(to.call, function), [to.tensor(name) for name in node.input])


def _softmax(to: Forward, node: NodeProto) -> fx.Node:
    return to.call(torch.softmax, to.tensor(node.input[0]), attribute(node, "axis", -1))


def _grid_sample(to: Forward, node: NodeProto) -> fx.Node:
    mode, outside = attribute(node, "mode", "bilinear"), attribute(node, "padding_mode", "zeros")
    if mode not in GRIDS:
        raise EngineError(f"PyTorch cannot be given GridSample in mode {mode}: only {' or '.join(GRIDS)}")
    x, grid = (to.tensor(name) for name in node.input)
    return to.call(F.grid_sample, x, grid, GRIDS[mode], outside, bool(attribute(node, "align_corners", 0)))


NUMBERS: dict[str, Callable[..., Any]] = {
    "Add": torch.add,
    "Sub": torch.sub,
    "Mul": torch.mul,
    "Div": torch.div,
    "Pow": torch.pow,
}
"""PyTorch's functions of two tensors that take a number in place of either."""
TENSORS: dict[str, Callable[..., Any]] = {
    "Abs": torch.abs,
    "Exp": torch.exp,
    "Floor": torch.floor,
    "Greater": torch.gt,
    "Less": torch.lt,
    "MatMul": torch.matmul,
    "Neg": torch.neg,
    "Reciprocal": torch.reciprocal,
    "Relu": torch.relu,
    "Round": torch.round,
    "Sigmoid": torch.sigmoid,
    "Sign": torch.sign,
    "Sqrt": torch.sqrt,
    "Tanh": torch.tanh,
    "Where": torch.where,
}
"""PyTorch's functions of tensors that take what ONNX's operations take, in the same order."""
OPERATIONS: dict[str, Callable[[Forward, NodeProto], fx.Node]] = {
    "Concat": _concat,
    "Expand": _expand,
    "Gather": _gather,
    "GatherND": _gather_nd,
    "GridSample": _grid_sample,
    "Identity": _identity,
    "Max": partial(_pairwise, torch.maximum),
    "Min": partial(_pairwise, torch.minimum),
    "Pad": _pad,
    "ReduceMean": partial(_reduce, torch.mean),
    "ReduceSum": partial(_reduce, torch.sum),
    "Reshape": _reshape,
    "Slice": _slice,
    "Softmax": _softmax,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
FAR = 2**31
"""More than any axis has."""
PADS = {"constant": "constant", "edge": "replicate"}
"""How padding is filled in ONNX's words and in PyTorch's."""
GRIDS = {"bilinear": "bilinear", "linear": "bilinear", "nearest": "nearest"}
"""How GridSample interpolates in ONNX's words (`linear` since opset 20) and in PyTorch's."""
