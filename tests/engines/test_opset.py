"""Graphs in an older opset draw what they drew, or are refused with what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from engines import EngineError
from engines.calibrate import run
from engines.opset import lower_opset
from engines.prepare import contracted, for_tensorrt
from engines.wrap import Wishes

MODELS = sorted((Path(__file__).parents[2] / "models").glob("*.onnx"))
RELEASED = [path for path in MODELS if path.stat().st_size > 1000]
X = np.random.default_rng(0).random((2, 4, 8, 8), np.float32)
WEIGHTS: dict[str, np.ndarray] = {
    "twice": np.array([1, 1, 2, 2], np.float32),
    "axes": np.array([1, 2], np.int64),
    "edges": np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64),
    "last": np.array([2, 3], np.int64),
    "four": np.array([1, 1, 1, 1], np.int64),
}
NODES = {
    "Resize": helper.make_node("Resize", ["x", "", "twice"], ["y"], mode="nearest", antialias=0),
    "ReduceMean": helper.make_node("ReduceMean", ["x", "axes"], ["y"]),
    "Pad": helper.make_node("Pad", ["x", "edges"], ["y"], mode="reflect"),
    "AveragePool": helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2], dilations=[1, 1]),
    "DepthToSpace": helper.make_node("DepthToSpace", ["x"], ["y"], blocksize=2),
    "Gelu": helper.make_node("Gelu", ["x"], ["y"]),
    "Pad with axes": helper.make_node("Pad", ["x", "four", "", "last"], ["y"]),
}


def model(name: str, opset: int) -> ModelProto:
    node = NODES[name]
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 4, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", None, None, None])],
        [numpy_helper.from_array(value, weight) for weight, value in WEIGHTS.items() if weight in node.input],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def opset(lowered: ModelProto) -> int:
    (entry,) = lowered.opset_import
    assert entry.domain == ""
    return int(entry.version)


@pytest.mark.parametrize("newest", [19, 22])
@pytest.mark.parametrize("name", ["Resize", "ReduceMean", "Pad", "AveragePool", "DepthToSpace"])
def test_an_operator_computes_the_same(name: str, newest: int) -> None:
    before = model(name, newest)
    after = lower_opset(before, 17)
    assert (opset(after), after.ir_version, opset(before)) == (17, 8, newest)
    np.testing.assert_allclose(run(after, {"x": X})[0], run(before, {"x": X})[0], rtol=1e-6)


@pytest.mark.parametrize("name", ["Gelu", "Pad with axes"])
def test_what_the_old_opset_lacks_is_refused_with_the_remedy(name: str) -> None:
    with pytest.raises(EngineError, match=r"opset 20.*export it again with opset 17") as caught:
        lower_opset(model(name, 20), 17)
    assert "\n" not in str(caught.value)


def test_an_older_graph_stays_as_it_is() -> None:
    old = model("DepthToSpace", 13)
    assert lower_opset(old, 17) is old


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.name)
def test_released_graphs_suit_tensorrt_8(path: Path) -> None:
    data, parity = for_tensorrt(contracted(path, Wishes()), "fp16", 17)
    assert opset(onnx.load_from_string(data)) == 17
    assert parity.psnr_db > 45
