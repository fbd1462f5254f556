"""Moving uint8 to the edges and reading what others wrote, judged by what the graph draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engines import EngineError
from engines.calibrate import run, sample_pictures
from engines.surgery import casts_to_the_edges, drop_unused, read_model, unpack_weights
from tests.graphs import Kind, make_graph, make_truncated

PICTURES = sample_pictures(64, 3)


@pytest.mark.parametrize("kind", ["identity", "invert", "first-channel", "convolution"])
def test_casts_move_to_the_edges_without_changing_a_pixel(tmp_path: Path, kind: Kind) -> None:
    model = read_model(make_graph(tmp_path / "g.onnx", 64, kind))
    before = run(model, {"image": PICTURES})[0]
    casts_to_the_edges(model)
    np.testing.assert_array_equal(run(model, {"image": PICTURES})[0], before)
    readers = [node.op_type for node in model.graph.node if "image" in node.input]
    makers = [node.op_type for node in model.graph.node if "portrait" in node.output]
    assert (readers, makers) == (["Cast"], ["Cast"])
    between = onnx.shape_inference.infer_shapes(model).graph.value_info
    assert TensorProto.UINT8 not in {value.type.tensor_type.elem_type for value in between}


def test_arithmetic_in_uint8_is_refused(tmp_path: Path) -> None:
    model = read_model(make_graph(tmp_path / "g.onnx", 64, "identity"))
    model.graph.initializer.append(numpy_helper.from_array(np.array(3, np.uint8), "three"))
    model.graph.node[0].CopyFrom(helper.make_node("Sub", ["image", "three"], ["portrait"]))
    with pytest.raises(EngineError, match="uint8"):
        casts_to_the_edges(model)


def test_weights_stored_as_float16_become_float32(tmp_path: Path) -> None:
    model = read_model(make_graph(tmp_path / "g.onnx", 64, "convolution"))
    before = run(model, {"image": PICTURES})[0]
    weight = next(one for one in model.graph.initializer if one.name == "w1")
    half = numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), "w1_half")
    weight.CopyFrom(half)
    model.graph.node.insert(0, helper.make_node("Cast", ["w1_half"], ["w1"], to=TensorProto.FLOAT))
    unpack_weights(model.graph)
    types = {one.name: one.data_type for one in model.graph.initializer}
    assert types["w1"] == TensorProto.FLOAT
    assert "w1_half" not in types
    assert np.abs(run(model, {"image": PICTURES})[0].astype(int) - before).max() <= 1


def test_what_nothing_reads_is_dropped_in_chains(tmp_path: Path) -> None:
    model = read_model(make_graph(tmp_path / "g.onnx", 64, "invert"))
    count = len(model.graph.node)
    model.graph.node.insert(0, helper.make_node("Identity", ["image"], ["a"]))
    model.graph.node.insert(1, helper.make_node("Identity", ["a"], ["b"]))
    drop_unused(model.graph)
    assert len(model.graph.node) == count


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    path = make_truncated(tmp_path / "g.onnx")
    with pytest.raises(EngineError, match="not a valid ONNX graph"):
        read_model(path)
