"""Half precision inside the graph: where it goes, where it stays away, and that the picture stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from engines.calibrate import largest_magnitudes, run, sample_pictures
from engines.parity import psnr_db
from engines.precision import emulated, to_half
from engines.surgery import casts_to_the_edges, read_model
from tests.graphs import make_graph

PICTURES = sample_pictures(64, 3)


def typed(model: ModelProto) -> dict[str, int]:
    values = onnx.shape_inference.infer_shapes(model).graph
    known = [*values.value_info, *values.output]
    types = {value.name: value.type.tensor_type.elem_type for value in known}
    return {node.op_type: types[node.output[0]] for node in model.graph.node if node.op_type != "Cast"}


@pytest.fixture
def model(tmp_path: Path) -> ModelProto:
    model = read_model(make_graph(tmp_path / "g.onnx", 64, "convolution"))
    casts_to_the_edges(model)
    return model


def draw(model: ModelProto) -> npt.NDArray[np.uint8]:
    """With the rounding of a GPU; a graph without float16 is drawn as it is."""
    drawn: npt.NDArray[np.uint8] = run(emulated(model), {"image": PICTURES})[0]
    return drawn


def test_the_picture_stays(model: ModelProto) -> None:
    before = draw(model)
    assert to_half(model) > 5
    after = draw(model)
    assert np.abs(after.astype(int) - before).max() <= 2
    assert 50 < psnr_db(after, before) < 99  # Rounding shows, a little.


def test_convolutions_are_half_and_the_ends_are_not(model: ModelProto) -> None:
    to_half(model)
    types = typed(model)
    assert {types[op] for op in ("Conv", "LeakyRelu", "AveragePool", "Resize", "Concat")} == {TensorProto.FLOAT16}
    assert {types[op] for op in ("Div", "Sub", "Tanh", "Mul", "Round")} == {TensorProto.FLOAT}


def test_weights_are_stored_half(model: ModelProto) -> None:
    before = model.ByteSize()
    to_half(model)
    assert model.ByteSize() < 0.7 * before


def test_a_weight_that_half_cannot_hold_keeps_its_node_in_float(model: ModelProto) -> None:
    weight = next(one for one in model.graph.initializer if one.name == "w2")
    weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight) * 1e6, "w2"))
    to_half(model)
    kept = next(node for node in model.graph.node if "w2" in node.input)
    assert kept.op_type == "Conv"


def test_a_result_near_the_limit_keeps_its_node_in_float(model: ModelProto) -> None:
    """Multiply by 30000 inside and divide again: without measuring, float16 overflows to infinity."""
    nodes = list(model.graph.node)
    first = next(index for index, node in enumerate(nodes) if node.op_type == "LeakyRelu")
    name = nodes[first].output[0]
    nodes[first].output[0] = "small"
    big = [helper.make_node("Mul", ["small", "big"], ["large"]), helper.make_node("Div", ["large", "big"], [name])]
    del model.graph.node[:]
    model.graph.node.extend([*nodes[: first + 1], *big, *nodes[first + 1 :]])
    model.graph.initializer.append(numpy_helper.from_array(np.array(30000, np.float32), "big"))
    before = draw(model)
    careless = ModelProto()
    careless.CopyFrom(model)
    to_half(careless)
    assert psnr_db(draw(careless), before) < 30
    to_half(model, lambda whole: largest_magnitudes(whole, PICTURES))
    assert psnr_db(draw(model), before) > 50


def test_a_square_reads_one_tensor_twice(model: ModelProto) -> None:
    """x / sqrt(mean(x * x)), the pixel norm of the original's graphs as tf2onnx writes it."""
    nodes = list(model.graph.node)
    first = next(index for index, node in enumerate(nodes) if node.op_type == "LeakyRelu")
    name = nodes[first].output[0]
    nodes[first].output[0] = "x"
    norm = [
        helper.make_node("Mul", ["x", "x"], ["square"]),
        helper.make_node("ReduceMean", ["square"], ["mean"], axes=[1]),
        helper.make_node("Sqrt", ["mean"], ["root"]),
        helper.make_node("Add", ["root", "little"], ["divisor"]),
        helper.make_node("Div", ["x", "divisor"], [name]),
    ]
    del model.graph.node[:]
    model.graph.node.extend([*nodes[: first + 1], *norm, *nodes[first + 1 :]])
    model.graph.initializer.append(numpy_helper.from_array(np.array(1e-4, np.float32), "little"))
    before = draw(model)
    to_half(model)
    types = typed(model)
    assert (types["ReduceMean"], types["Sqrt"]) == (TensorProto.FLOAT, TensorProto.FLOAT)
    assert psnr_db(draw(model), before) > 40


def test_a_graph_without_convolutions_stays_as_it_is(tmp_path: Path) -> None:
    model = read_model(make_graph(tmp_path / "g.onnx", 64, "invert"))
    assert to_half(model) == 0
