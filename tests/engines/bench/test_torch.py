"""The PyTorch baseline draws what the graph draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engines import EngineError
from engines.onnx_cpu import OnnxCpuGenerator
from engines.parity import compare
from tests.graphs import make_graph

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from engines.bench.torch_graph import to_torch  # noqa: E402 - after the check that there is a PyTorch.
from engines.bench.torch_run import TorchGenerator  # noqa: E402


def pictures(count: int, size: int = 64) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (count, size, size, 3), np.uint8)


def test_draws_what_onnx_runtime_draws(tmp_path: Path) -> None:
    path = make_graph(tmp_path / "g.onnx", 64, "convolution")
    generator = TorchGenerator(path, compiled=False)
    parity = compare(generator, OnnxCpuGenerator(path), pictures(2), "random pictures")
    assert parity.largest <= 1
    assert generator(pictures(3)).shape == (3, 64, 64, 3)
    assert "eager" in generator.runtime and "fp32" in generator.runtime and torch.__version__ in generator.runtime


def test_half_precision_stays_close(tmp_path: Path) -> None:
    path = make_graph(tmp_path / "g.onnx", 64, "convolution")
    parity = compare(
        TorchGenerator(path, precision="bf16", compiled=False), OnnxCpuGenerator(path), pictures(1), "random pictures"
    )
    assert parity.psnr_db > 35


def test_the_caller_owns_the_result(tmp_path: Path) -> None:
    generator = TorchGenerator(make_graph(tmp_path / "g.onnx", 64, "invert"), compiled=False)
    first = generator(pictures(1))
    generator(255 - pictures(1))
    np.testing.assert_array_equal(first, 255 - pictures(1))


def test_a_closed_one_says_so(tmp_path: Path) -> None:
    generator = TorchGenerator(make_graph(tmp_path / "g.onnx", 64, "invert"), compiled=False)
    generator.close()
    with pytest.raises(EngineError, match="closed"):
        generator(pictures(1))


def test_an_unknown_operation_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="PyTorch cannot be given Gather"):
        TorchGenerator(make_graph(tmp_path / "g.onnx", 64, "first-channel"), compiled=False)


def test_cuda_without_cuda_is_refused(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(EngineError, match="cannot use CUDA"):
        TorchGenerator(make_graph(tmp_path / "g.onnx", 64), device="cuda", compiled=False)


OPERATIONS = [
    helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2]),
    helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    helper.make_node("DepthToSpace", ["x"], ["y"], blocksize=2, mode="CRD"),
    helper.make_node("ReduceMean", ["x"], ["y"], axes=[1], keepdims=1),
    helper.make_node("Clip", ["x", "", "half"], ["y"]),
    helper.make_node("Pow", ["x", "half"], ["y"]),
    helper.make_node("Reshape", ["x", "shape"], ["y"]),
    helper.make_node("Concat", ["x", "x"], ["y"], axis=1),
    helper.make_node("Conv", ["x", "w"], ["y"], group=4, strides=[2, 2], pads=[1, 1, 1, 1]),
    helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="cubic"),
    helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="linear"),
    helper.make_node("Resize", ["x", "", "scales"], ["y"], coordinate_transformation_mode="asymmetric",
                     nearest_mode="floor"),
]  # fmt: skip


@pytest.mark.parametrize("node", OPERATIONS, ids=lambda node: node.op_type)
def test_single_operations(node: onnx.NodeProto, tmp_path: Path) -> None:
    """Against ONNX Runtime, on a graph that is float outside (the translation does not look at the outside)."""
    random = np.random.default_rng(5)
    weights: dict[str, npt.NDArray[Any]] = {
        "half": np.array(0.5, np.float32),
        "shape": np.array([0, 2, -1, 8], np.int64),
        "w": random.normal(0, 1, (8, 1, 3, 3)).astype(np.float32),
        "scales": np.array([1, 1, 2, 2], np.float32),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Identity", ["image"], ["x"]),
            node,
            helper.make_node("Identity", ["y"], ["portrait"]),
        ],
        "one",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 4, 8, 8])],
        [helper.make_tensor_value_info("portrait", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(values, name) for name, values in weights.items() if name in node.input],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    import onnxruntime

    x = random.random((2, 4, 8, 8), np.float32)
    (expected,) = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(
        None, {"image": x}
    )
    with torch.inference_mode():
        np.testing.assert_allclose(to_torch(model, torch.float32)(torch.from_numpy(x)).numpy(), expected, atol=1e-5)
