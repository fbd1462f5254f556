"""A graph rewritten so that OpenVINO's CPU plugin computes it faster, before it is compiled.

Models are `openvino.Model`s with a fixed batch; they are changed in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
LEVELS = 256, 255
"""Of a tensor between layers, and of weights."""
HEADROOM = 2.0
"""Weights take half their range: without VNNI, sums of two products of 8 bits must fit into 16."""


def join_upsampling(model: Any) -> int:
    """A 3 x 3 convolution of a picture that was doubled (nearest) becomes one transposed convolution of 4 x 4.

    That is the same sum: 16 products for four pixels instead of 36, each weight being the sum of those that fall on the
    same pixel.

    Returns:
        How many were joined.
    """
    from openvino import opset13 as ops

    joined = 0
    for convolution in convolutions(model):
        doubling, kernel = convolution.input_value(0).get_node(), _weights(convolution)
        if kernel is None or not _doubles(doubling) or not _keeps_size(convolution, kernel):
            continue
        whole = ops.convolution_backprop_data(
            doubling.input_value(0),
            ops.constant(_transposed(kernel)),
            strides=[2, 2],
            pads_begin=[1, 1],
            pads_end=[1, 1],
            dilations=[1, 1],
            auto_pad="explicit",
        )
        whole.set_friendly_name(convolution.get_friendly_name())
        _replace(convolution, whole)
        joined += 1
    return joined


def to_int8(model: Any, ranges: Mapping[str, tuple[float, float]]) -> int:
    """Convolutions of tensors whose range is told compute in 8 bits; call `join_upsampling` first.

    OpenVINO's plugin finds the rounding that is put in here (FakeQuantize) and takes integers instead.

    Args:
        model: as above.
        ranges: of tensors of the graph by name: what they hold, which is cut off there.

    Returns:
        How many convolutions were found.
    """
    from openvino import opset13 as ops

    found = 0
    for convolution in convolutions(model):
        tensor, kernel = convolution.input_value(0), _weights(convolution)
        told = [ranges[name] for name in tensor.get_names() if name in ranges]
        if kernel is None or not told:
            continue
        low, high = (ops.constant(np.full((1, 1, 1, 1), edge, np.float32)) for edge in with_zero(*told[0]))
        most = HEADROOM * np.maximum(np.abs(kernel).max((1, 2, 3), keepdims=True), np.float32(1e-8))
        least, most = ops.constant(-most), ops.constant(most)
        rounded = ops.fake_quantize(tensor, low, high, low, high, LEVELS[0])
        kernel = ops.fake_quantize(ops.constant(kernel), least, most, least, most, LEVELS[1])
        convolution.input(0).replace_source_output(rounded.output(0))
        convolution.input(1).replace_source_output(kernel.output(0))
        found += 1
    return found


def with_zero(low: float, high: float) -> tuple[float, float]:
    """The range moved by less than a level, so that zero, with which pictures are padded, is one of its levels."""
    level = (high - low) / (LEVELS[0] - 1)
    below = min(max(round(-low / level), 0), LEVELS[0] - 1)
    return -below * level, (LEVELS[0] - 1 - below) * level


def convolutions(model: Any) -> Iterator[Any]:
    """Those of a model that are not transposed."""
    return (node for node in model.get_ordered_ops() if node.get_type_name() == "Convolution")


def products(convolution: Any) -> int:
    """How many multiplications a convolution takes."""
    kernel = convolution.input_value(1).get_partial_shape().to_shape()
    height, width = convolution.output(0).get_partial_shape().to_shape()[2:]
    return int(np.prod(kernel) * height * width)


def _weights(convolution: Any) -> Floats | None:
    """What is a constant, stored in float16 or not [O,I,K,K]; else None."""
    node = convolution.input_value(1).get_node()
    if node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
    return np.asarray(node.data, np.float32) if node.get_type_name() == "Constant" else None


def _doubles(node: Any) -> bool:
    """Whether every pixel of [N,C,H,W] becomes four."""
    if node.get_type_name() != "Interpolate":
        return False
    how = node.get_attributes()
    before, after = (port.get_partial_shape().to_shape() for port in (node.input_value(0), node.output(0)))
    wanted = [before[0], before[1], 2 * before[2], 2 * before[3]]
    plain = not any(how["pads_begin"]) and not any(how["pads_end"])
    ways = how["mode"], how["coordinate_transformation_mode"], how["nearest_mode"]
    return plain and ways == ("nearest", "asymmetric", "floor") and list(after) == wanted


def _keeps_size(convolution: Any, kernel: Floats) -> bool:
    how = convolution.get_attributes()
    edges = (how["strides"], how["dilations"], how["pads_begin"], how["pads_end"])
    return kernel.shape[2:] == (3, 3) and all(list(edge) == [1, 1] for edge in edges) and how["auto_pad"] == "explicit"


def _transposed(kernel: Floats) -> Floats:
    """Weights [O,I,3,3] of a convolution of a doubled picture -> [I,O,4,4] of a transposed one of the picture."""
    turned = kernel[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    whole = np.zeros((*turned.shape[:2], 4, 4), np.float32)
    for y, x in np.ndindex(2, 2):
        whole[:, :, y : y + 3, x : x + 3] += turned
    return whole


def _replace(old: Any, new: Any) -> None:
    for port in list(old.output(0).get_target_inputs()):
        port.replace_source_output(new.output(0))
