"""Find out how a graph made elsewhere takes and gives its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from engines.calibrate import Trial, run, sample_pictures
from engines.contract import Tensor
from engines.errors import EngineError
from engines.surgery import LAYOUT_OPS, drop_unused, inputs, outputs, producer

Range = Literal["0..1", "-1..1", "0..255"]
RANGES: tuple[Range, ...] = get_args(Range)
SPAN: dict[Range, tuple[float, float]] = {"0..1": (0, 1), "-1..1": (-1, 1), "0..255": (0, 255)}
"""What black and white are in the graph's numbers."""
TYPES = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16, "uint8": TensorProto.UINT8}
ONLY = "only RGB image-to-image graphs fit"

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Side:
    """The picture at one end of a foreign graph.

    Attributes:
        name, dtype: of the tensor; one of `TYPES`.
        nchw: colours before rows and columns, else behind them.
        size: side of the picture in pixels, None where the graph takes any.
    """

    name: str
    dtype: str
    nchw: bool
    size: int | None

    def shape(self, batch: int, size: int) -> tuple[int, int, int, int]:
        """Shape of a batch of pictures of a side."""
        return (batch, 3, size, size) if self.nchw else (batch, size, size, 3)


def sides(graph: GraphProto, size: int | None) -> tuple[Side, Side]:
    """The pictures that go in and come out.

    Raises:
        EngineError: the graph is not image-to-image, or takes another size than the one wished for.
    """
    into = inputs(graph)
    if len(into) != 1:
        raise EngineError(f"expected a graph with one picture as its input, got {_told(into)}: {ONLY}")
    source = _side(into[0], "input")
    pictures = [tensor for tensor in outputs(graph) if len(tensor.shape) in (0, 4)]
    if not pictures:
        raise EngineError(f"expected a graph with a picture as its output, got {_told(outputs(graph))}: {ONLY}")
    if source.size and size and source.size != size:
        raise EngineError(f"the graph takes {source.size}x{source.size} pixels, not {size}: leave --size away")
    return source, _side(pictures[0], "output", source.nchw)


def _told(tensors: list[Tensor]) -> str:
    return ", ".join(str(tensor) for tensor in tensors) or "none"


def _side(tensor: Tensor, kind: str, likely_nchw: bool | None = None) -> Side:
    """`likely_nchw`: the layout to take where the shape does not tell; None refuses such a shape."""
    if tensor.dtype not in TYPES:
        raise EngineError(f"the {kind} {tensor} is none of {', '.join(TYPES)}: {ONLY}")
    if len(tensor.shape) not in (0, 4):
        raise EngineError(f"the {kind} {tensor} is no batch of pictures (four axes): {ONLY}")
    shape = tensor.shape or (None,) * 4
    colours = [shape[1], shape[3]]
    if 3 not in colours and (likely_nchw is None or not any(isinstance(dim, str | None) for dim in colours)):
        raise EngineError(f"the {kind} {tensor} has no axis of 3 colours: {ONLY}")
    nchw = colours[0] == 3 if 3 in colours else bool(likely_nchw)
    known = {dim for dim in (shape[2:4] if nchw else shape[1:3]) if isinstance(dim, int)}
    if len(known) > 1:
        raise EngineError(f"the {kind} {tensor} is not square, but crops are: export it for a square size")
    return Side(tensor.name, tensor.dtype, nchw, next(iter(known), None))


def free_batch(model: ModelProto, source: Side, target: Side, size: int) -> ModelProto:
    """The model with a dynamic batch, after seeing that two pictures come out as they do one by one.

    Graphs exported for one picture have its 1 written into the target of reshapes: such a 1 becomes "as it was".

    Raises:
        EngineError: it works for one picture at a time only.
    """
    pictures = sample_pictures(size, 2).astype(np.float32) / 255
    feed = (pictures if not source.nchw else pictures.transpose(0, 3, 1, 2)).astype(source.dtype)
    original = Trial(model)
    alone = np.concatenate([original({source.name: one[None]}, [target.name])[0] for one in feed])
    problem = ""
    for change in (_open_batch, _free_reshapes):
        model = change(model, source, target, size)
        try:
            together = run(model, {source.name: feed}, [target.name])[0]
        except EngineError as error:
            problem = str(error)
            continue
        if together.shape == alone.shape and np.allclose(together, alone, atol=1e-2 * max(1, np.abs(alone).max())):
            return model
        problem = f"two at once became {list(together.shape)}, one by one {list(alone.shape)}"
    raise EngineError(f"the graph works for one picture at a time only: export it with a dynamic batch ({problem})")


def _open_batch(model: ModelProto, source: Side, target: Side, size: int) -> ModelProto:
    shapes = {source.name: ("N", *source.shape(1, size)[1:]), target.name: ("N", None, None, None)}
    for values, side in ((model.graph.input, source), (model.graph.output, target)):
        declared = next(value for value in values if value.name == side.name)
        declared.CopyFrom(helper.make_tensor_value_info(side.name, TYPES[side.dtype], list(shapes[side.name])))
    del model.graph.value_info[:]
    return model


def _free_reshapes(model: ModelProto, source: Side, target: Side, size: int) -> ModelProto:
    """Targets of reshapes as constants for this size, with "as it was" (0) where one picture's batch was written."""
    reshapes = [node for node in model.graph.node if node.op_type == "Reshape"]
    for index, (node, shape) in enumerate(zip(reshapes, _targets(model, reshapes, source, size), strict=True)):
        target_shape = shape.astype(np.int64).copy()
        if len(shape) > 1 and shape[0] == 1:
            target_shape[0] = 0
        name = f"reshape_target_{index}"
        model.graph.initializer.append(numpy_helper.from_array(target_shape, name))
        node.input[1] = name
    drop_unused(model.graph)
    return model


def _targets(model: ModelProto, reshapes: list[NodeProto], source: Side, size: int) -> list[npt.NDArray[np.int64]]:
    """What each reshape is told when one picture of this size goes through."""
    weights = {weight.name: numpy_helper.to_array(weight) for weight in model.graph.initializer}
    computed = sorted({node.input[1] for node in reshapes} - weights.keys())
    probe = ModelProto()
    probe.CopyFrom(model)
    probe.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in computed)
    feed = {source.name: np.zeros(source.shape(1, size), source.dtype)}
    found = dict(zip(computed, run(probe, feed, computed), strict=True)) if computed else {}
    return [weights[node.input[1]] if node.input[1] in weights else found[node.input[1]] for node in reshapes]


def scale(model: ModelProto, source: Side, target: Side, size: int) -> int:
    """How many times larger the graph's picture is than the one it got.

    Raises:
        EngineError: no whole number of times.
    """
    shape = run(model, {source.name: np.zeros(source.shape(1, size), source.dtype)}, [target.name])[0].shape
    height, width = shape[2:4] if target.nchw else shape[1:3]
    if height != width or height % size:
        raise EngineError(f"the graph turns {size}x{size} pixels into {width}x{height}: only whole multiples fit")
    return int(height // size)


def ranges(
    model: ModelProto, source: Side, target: Side, size: int, into: Range | None, out: Range | None
) -> tuple[Range, Range]:
    """Ranges of the numbers that go in and come out, where they are not told.

    uint8 is 0..255. A last tanh, sigmoid or clip tells the range of the output, and the input's is taken to be the
    same. Otherwise those are taken with which the picture that comes out is most like the one that went in.

    Raises:
        EngineError: none of them gives a picture like it.
    """
    into = "0..255" if source.dtype == "uint8" else into
    out = "0..255" if target.dtype == "uint8" else out or _range_by_last_node(model.graph, target.name)
    into = into or (out if target.dtype != "uint8" else None)
    return (into, out) if into and out else _ranges_by_trying(model, source, target, size, into, out)


def _range_by_last_node(graph: GraphProto, name: str) -> Range | None:
    node = producer(graph, name)
    while node is not None and node.op_type in LAYOUT_OPS | {"Cast"}:
        node = producer(graph, node.input[0])
    if node is None:
        return None
    if node.op_type in ("Tanh", "Sigmoid"):
        return "-1..1" if node.op_type == "Tanh" else "0..1"
    if node.op_type == "Clip":
        weights = {weight.name: numpy_helper.to_array(weight) for weight in graph.initializer}
        limits = tuple(float(weights[item]) for item in node.input[1:3] if item in weights)
        return next((known for known in RANGES if SPAN[known] == limits), None)
    return None


def _ranges_by_trying(
    model: ModelProto, source: Side, target: Side, size: int, into: Range | None, out: Range | None
) -> tuple[Range, Range]:
    pictures = np.asarray(sample_pictures(size, 2) / 255, np.float32)  # [N,S,S,3]
    best, least = None, 0.3
    trial = Trial(model)
    for given in [into] if into else RANGES:
        low, high = SPAN[given]
        feed = low + pictures * (high - low)
        feed = feed.transpose(0, 3, 1, 2) if source.nchw else feed
        made = trial({source.name: feed.astype(source.dtype)}, [target.name])[0].astype(np.float32)
        made = made.transpose(0, 2, 3, 1) if target.nchw else made
        for read in [out] if out else RANGES:
            low, high = SPAN[read]
            error = float(
                np.sqrt(np.mean((_cells(pictures) - _cells(np.asarray((made - low) / (high - low), np.float32))) ** 2))
            )
            # A pair of different ranges must be clearly better than a pair of equal ones.
            error *= 1 if given == read else 1.5
            if error < least:
                best, least = (given, read), error
    if best is None:
        raise EngineError(
            f"cannot tell the range of the graph's numbers: tell it with --input-range and --output-range "
            f"({', '.join(RANGES)})"
        )
    return best


def _cells(pictures: Floats, count: int = 8) -> Floats:
    """Means over 8x8 cells, [N,8,8,3]: a drawn picture may differ in detail and size, not in its broad colours."""
    step = pictures.shape[1] // count
    cut = pictures[:, : step * count, : step * count]
    return np.asarray(cut.reshape(len(cut), count, step, count, step, 3).mean((2, 4)), np.float32)
