"""The work of small graphs, against sums done by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engines import EngineError
from engines.bench.count import Work, count
from engines.surgery import read_model
from tests.graphs import make_graph


def test_the_convolution_graph(tmp_path: Path) -> None:
    work = count(read_model(make_graph(tmp_path / "g.onnx", 64, "convolution")), 1)
    first = 16 * 64 * 64 * 3 * 9  # w1: 3 -> 16 channels at 64x64
    second = 16 * 32 * 32 * 16 * 9  # w2: 16 -> 16 at 32x32
    third = 3 * 64 * 64 * 32 * 9  # w3: 32 -> 3 at 64x64
    assert work.macs == first + second + third
    assert work.weights == 16 * 3 * 9 + 16 * 16 * 9 + 3 * 32 * 9
    assert work.activations == (3 + 16) * 64 * 64 + (16 + 16) * 32 * 32 + (32 + 3) * 64 * 64
    assert work.pictures == 2 * 64 * 64 * 3


def test_a_larger_batch_multiplies_all_but_the_weights(tmp_path: Path) -> None:
    model = read_model(make_graph(tmp_path / "g.onnx", 64, "convolution"))
    one, four = count(model, 1), count(model, 4)
    assert (four.macs, four.activations, four.pictures) == (4 * one.macs, 4 * one.activations, 4 * one.pictures)
    assert four.weights == one.weights


def test_bytes() -> None:
    work = Work(batch=1, macs=0, weights=100, activations=1000, pictures=30)
    assert work.least_bytes(2) == 230
    assert work.layer_bytes(4) == 4430


def graph_of(node: onnx.NodeProto, weight: tuple[int, ...], inside: list[int], out: list[int]) -> onnx.ModelProto:
    """image uint8 -> float -> the node -> portrait."""
    nodes = [
        helper.make_node("Cast", ["image"], ["x"], to=TensorProto.FLOAT),
        node,
        helper.make_node("Cast", ["y"], ["portrait"], to=TensorProto.UINT8),
    ]
    graph = helper.make_graph(
        nodes,
        "one",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", *inside])],
        [helper.make_tensor_value_info("portrait", TensorProto.UINT8, ["N", *out])],
        [numpy_helper.from_array(np.zeros(weight, np.float32), "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


@pytest.mark.parametrize(
    ("node", "weight", "inside", "out", "macs"),
    [
        (helper.make_node("MatMul", ["x", "w"], ["y"]), (5, 7), [5], [7], 2 * 5 * 7),
        (helper.make_node("Gemm", ["x", "w"], ["y"], transB=1), (7, 5), [5], [7], 2 * 5 * 7),
        (
            helper.make_node("Conv", ["x", "w"], ["y"], group=4, strides=[2, 2], pads=[1, 1, 1, 1]),
            (8, 1, 3, 3),  # 4 -> 8 channels in 4 groups
            [4, 6, 6],
            [8, 3, 3],
            2 * 8 * 3 * 3 * 9,
        ),
        (
            helper.make_node("ConvTranspose", ["x", "w"], ["y"], strides=[2, 2]),
            (4, 8, 2, 2),
            [4, 3, 3],
            [8, 6, 6],
            2 * 4 * 3 * 3 * 8 * 4,
        ),
    ],
)
def test_single_operations(
    node: onnx.NodeProto, weight: tuple[int, ...], inside: list[int], out: list[int], macs: int
) -> None:
    assert count(graph_of(node, weight, inside, out), 2).macs == macs


def test_the_released_graph_is_counted() -> None:
    path = next(iter(sorted(Path("models").glob("*.onnx"))), None)
    if path is None:
        pytest.skip("no released graph in models/")
    assert 0.1e9 < count(read_model(path), 1).macs < 100e9


def test_an_unknown_shape_is_one_line() -> None:
    model = graph_of(helper.make_node("MatMul", ["x", "w"], ["y"]), (5, 7), [5], [7])
    model.graph.node[0].op_type, model.graph.node[0].domain = "Mystery", "elsewhere"
    model.opset_import.append(helper.make_opsetid("elsewhere", 1))
    with pytest.raises(EngineError, match="not counted"):
        count(model, 1)
