"""Small real ONNX graphs for tests: some keep the contract of `engines.contract`, some break it on purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Kind = Literal["identity", "invert", "first-channel", "convolution", "doubling"]
"""identity: the picture itself. invert: 255 - picture. first-channel: red in all three channels (a wrong colour order
shows). convolution: a 3x3 convolution network with fixed random weights in float32, as a trained graph has. doubling:
the same without concatenation, so that a doubled picture is convolved as it is."""

METADATA = {
    "contract": "uint8-nhwc-v1",
    "source_domain": "human",
    "target_domain": "anime",
    "crop_recipe": "eyes-0.45-mouth-0.69-v1",
    "training_data": "none: made by a test",
    "revision": "test",
    "steps": "0",
}
OPSET = 17


def make_graph(
    path: str | Path,
    size: int = 64,
    kind: Kind = "identity",
    *,
    input_name: str = "image",
    output_name: str = "portrait",
    dtype: int = TensorProto.UINT8,
    shape: Sequence[int | str | None] | None = None,
    output_shape: Sequence[int | str | None] | None = None,
    metadata: dict[str, str] | None = None,
    without: Sequence[str] = (),
) -> Path:
    """Write a graph; without deviations it keeps the contract.

    Args:
        path: where to write it; its folder must exist.
        size: side of the pictures in pixels.
        kind: what it computes, see `Kind`.
        input_name, output_name, dtype, shape, output_shape: deviations from the contract.
        metadata: entries that replace or add to those of the contract.
        without: entries of the metadata to leave out.

    Returns:
        The path.
    """
    declared = list(shape or ("N", size, size, 3))
    image = helper.make_tensor_value_info(input_name, dtype, declared)
    portrait = helper.make_tensor_value_info(output_name, dtype, list(output_shape or declared))
    nodes, weights = KINDS[kind](input_name, output_name, dtype)
    graph = helper.make_graph(nodes, f"test-{kind}", [image], [portrait], weights)
    # IR version 8 is what TensorRT 8.6 and old ONNX Runtimes read.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    entries = {**METADATA, "size": str(size), **(metadata or {})}
    helper.set_model_props(model, {key: value for key, value in entries.items() if key not in without})
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return Path(path)


def make_lfs_pointer(path: str | Path) -> Path:
    """What git leaves where git-LFS is not installed."""
    path = Path(path)
    path.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n", "ascii")
    return path


def make_truncated(path: str | Path, size: int = 64) -> Path:
    """A convolution graph whose second half is missing."""
    whole = make_graph(path, size, "convolution").read_bytes()
    Path(path).write_bytes(whole[: len(whole) // 2])
    return Path(path)


Parts = tuple[list[onnx.NodeProto], list[onnx.TensorProto]]


def _identity(source: str, target: str, dtype: int) -> Parts:
    return [helper.make_node("Identity", [source], [target])], []


def _invert(source: str, target: str, dtype: int) -> Parts:
    white = numpy_helper.from_array(np.array(255, np.float32), "white")
    nodes = [
        helper.make_node("Cast", [source], ["x"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["white", "x"], ["y"]),
        helper.make_node("Cast", ["y"], [target], to=dtype),
    ]
    return nodes, [white]


def _first_channel(source: str, target: str, dtype: int) -> Parts:
    red = numpy_helper.from_array(np.array([0, 0, 0], np.int64), "red")
    return [helper.make_node("Gather", [source, "red"], [target], axis=3)], [red]


def _convolution(source: str, target: str, dtype: int, channels: int = 16, skip: bool = True) -> Parts:
    """To -1 .. 1 and NCHW, a small U-Net of three convolutions, and back."""
    random = np.random.default_rng(7)

    def weight(name: str, out: int, inside: int) -> onnx.TensorProto:
        scale = np.sqrt(2 / (inside * 9))
        return numpy_helper.from_array(random.normal(0, scale, (out, inside, 3, 3)).astype(np.float32), name)

    def constant(name: str, *values: float) -> onnx.TensorProto:
        return numpy_helper.from_array(np.array(values if len(values) > 1 else values[0], np.float32), name)

    def conv(inside: str, out: str, name: str) -> onnx.NodeProto:
        return helper.make_node("Conv", [inside, name], [out], pads=[1, 1, 1, 1])

    nodes = [
        helper.make_node("Transpose", [source], ["nchw"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["nchw"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["float", "half"], ["scaled"]),
        helper.make_node("Sub", ["scaled", "one"], ["x0"]),
        conv("x0", "x1", "w1"),
        helper.make_node("LeakyRelu", ["x1"], ["x2"], alpha=0.2),
        helper.make_node("AveragePool", ["x2"], ["x3"], kernel_shape=[2, 2], strides=[2, 2]),
        conv("x3", "x4", "w2"),
        helper.make_node("LeakyRelu", ["x4"], ["x5"], alpha=0.2),
        helper.make_node(
            "Resize",
            ["x5", "", "double"],
            ["x6"],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        *([helper.make_node("Concat", ["x6", "x2"], ["x7"], axis=1)] if skip else []),
        conv("x7" if skip else "x6", "x8", "w3"),
        helper.make_node("Tanh", ["x8"], ["x9"]),
        helper.make_node("Add", ["x9", "one"], ["y0"]),
        helper.make_node("Mul", ["y0", "half"], ["y1"]),
        helper.make_node("Round", ["y1"], ["y2"]),
        helper.make_node("Cast", ["y2"], ["y3"], to=dtype),
        helper.make_node("Transpose", ["y3"], [target], perm=[0, 2, 3, 1]),
    ]
    weights = [
        weight("w1", channels, 3),
        weight("w2", channels, channels),
        weight("w3", 3, 2 * channels if skip else channels),
        constant("half", 127.5),
        constant("one", 1.0),
        constant("double", 1, 1, 2, 2),
    ]
    return nodes, weights


KINDS: dict[str, Callable[[str, str, int], Parts]] = {
    "identity": _identity,
    "invert": _invert,
    "first-channel": _first_channel,
    "convolution": _convolution,
    "doubling": partial(_convolution, skip=False),
}
