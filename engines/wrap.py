"""Bring anyone's image-to-image graph to the contract by adding the conversions to the graph itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, compose, helper, numpy_helper, version_converter

from engines.contract import CONTRACT, INPUT, OUTPUT
from engines.errors import EngineError
from engines.foreign import SPAN, TYPES, Range, Side, free_batch, ranges, scale, sides
from engines.surgery import constants_to_weights, reason

LEAST_OPSET = 13
PREFIX = "wrapped/"


@dataclass(frozen=True)
class Wishes:
    """What the graph cannot tell about itself; None means: find out.

    Attributes:
        size: side of the pictures, for graphs that take any.
        input_range, output_range: what black..white is in the graph's numbers.
        bgr: the graph wants and makes blue first.
    """

    size: int | None = None
    input_range: Range | None = None
    output_range: Range | None = None
    bgr: bool = False


def keeps_contract(model: ModelProto) -> bool:
    """Whether the graph says that it needs no wrapping."""
    return any(entry.key == "contract" and entry.value == CONTRACT for entry in model.metadata_props)


def wrap(model: ModelProto, wishes: Wishes | None = None) -> ModelProto:
    """A graph that keeps the contract (uint8 NHWC in and out, any batch) around a foreign one.

    NCHW and NHWC, float32, float16 and uint8 are recognized; a graph that returns a larger picture (super
    resolution) has it averaged down again. The value ranges come from `wishes`, from the graph's last operation (tanh,
    sigmoid, clip), or from trying which of `RANGES` gives back the picture best.

    Raises:
        EngineError: it is not image-to-image, or works for one picture at a time only, or something must be told.
    """
    wishes = wishes or Wishes()
    model = _modern(model)
    constants_to_weights(model.graph)
    source, target = sides(model.graph, wishes.size)
    size = source.size or wishes.size or 256
    model = free_batch(model, source, target, size)
    into, out = ranges(model, source, target, size, wishes.input_range, wishes.output_range)
    shrink = scale(model, source, target, size)
    nodes, weights = _entry(source, into, wishes.bgr)
    tail, tail_weights = _exit(target, out, wishes.bgr, shrink)
    inner = compose.add_prefix(model, PREFIX).graph
    return _assemble(
        model,
        [*nodes, *inner.node, *tail],
        [*weights, *inner.initializer, *tail_weights],
        {"size": str(size), "wrapped": f"input {into}, output {out}, {'BGR' if wishes.bgr else 'RGB'}"},
    )


def _modern(model: ModelProto) -> ModelProto:
    opset = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), LEAST_OPSET)
    if opset >= LEAST_OPSET:
        copy = ModelProto()
        copy.CopyFrom(model)
        return copy
    try:
        return version_converter.convert_version(model, LEAST_OPSET)
    except (RuntimeError, onnx.checker.ValidationError) as error:
        raise EngineError(
            f"the graph is of opset {opset} and cannot be lifted to {LEAST_OPSET} ({reason(error)}): "
            f"export it again with opset {LEAST_OPSET} or newer"
        ) from None


Parts = tuple[list[NodeProto], list[TensorProto]]


def _assemble(
    model: ModelProto, nodes: list[NodeProto], weights: list[TensorProto], entries: dict[str, str]
) -> ModelProto:
    shape: list[int | str | None] = ["N", int(entries["size"]), int(entries["size"]), 3]
    image = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, shape)
    portrait = helper.make_tensor_value_info(OUTPUT, TensorProto.UINT8, shape)
    graph = helper.make_graph(nodes, "wrapped", [image], [portrait], weights)
    wrapped = helper.make_model(graph, opset_imports=model.opset_import, ir_version=max(model.ir_version, 8))
    kept = {entry.key: entry.value for entry in model.metadata_props}
    helper.set_model_props(wrapped, {**kept, "contract": CONTRACT, **entries})
    onnx.checker.check_model(wrapped, full_check=True)
    return wrapped


def _entry(source: Side, into: Range, bgr: bool) -> Parts:
    """Nodes from image, uint8 [N,S,S,3], to the foreign graph's input."""
    chain = _Chain(INPUT, "in")
    chain.add("Cast", to=TensorProto.FLOAT)
    if bgr:
        chain.add("Gather", np.array([2, 1, 0], np.int64), axis=3)
    low, high = SPAN[into]
    if (low, high) != (0, 255):
        chain.add("Mul", np.array((high - low) / 255, np.float32))
    if low:
        chain.add("Add", np.array(low, np.float32))
    if source.nchw:
        chain.add("Transpose", perm=[0, 3, 1, 2])
    chain.add("Cast", to=TYPES[source.dtype])
    return chain.finish(PREFIX + source.name)


def _exit(target: Side, out: Range, bgr: bool, shrink: int) -> Parts:
    """Nodes from the foreign graph's output to portrait, uint8 [N,S,S,3], averaged down, rounded and clipped."""
    chain = _Chain(PREFIX + target.name, "out")
    chain.add("Cast", to=TensorProto.FLOAT)
    if shrink > 1:
        if not target.nchw:
            chain.add("Transpose", perm=[0, 3, 1, 2])
        chain.add("AveragePool", kernel_shape=[shrink, shrink], strides=[shrink, shrink])
    if target.nchw or shrink > 1:
        chain.add("Transpose", perm=[0, 2, 3, 1])
    low, high = SPAN[out]
    if low:
        chain.add("Sub", np.array(low, np.float32))
    if (low, high) != (0, 255):
        chain.add("Mul", np.array(255 / (high - low), np.float32))
    if bgr:
        chain.add("Gather", np.array([2, 1, 0], np.int64), axis=3)
    chain.add("Clip", np.array(0, np.float32), np.array(255, np.float32))
    chain.add("Round")
    chain.add("Cast", to=TensorProto.UINT8)
    return chain.finish(OUTPUT)


class _Chain:
    """Nodes in a row, each reading what the one before made."""

    def __init__(self, start: str, name: str) -> None:
        self._tensor, self._name = start, name
        self._nodes: list[NodeProto] = []
        self._weights: list[TensorProto] = []

    def add(self, op: str, *operands: np.ndarray[tuple[int, ...], np.dtype[np.generic]], **attributes: Any) -> None:
        label = f"{self._name}_{len(self._nodes)}_{op}"
        names = [f"{label}_{index}" for index in range(len(operands))]
        self._weights.extend(numpy_helper.from_array(value, name) for value, name in zip(operands, names, strict=True))
        self._nodes.append(helper.make_node(op, [self._tensor, *names], [label], label, **attributes))
        self._tensor = label

    def finish(self, name: str) -> Parts:
        self._nodes[-1].output[0] = name
        return self._nodes, self._weights
