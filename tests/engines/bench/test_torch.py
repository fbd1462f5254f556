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
from engines.parity import compare, portraits
from tests.graphs import make_graph

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from engines.bench.torch_graph import to_torch  # noqa: E402 - after the check that there is a PyTorch.
from engines.bench.torch_run import TorchGenerator  # noqa: E402

MODELS = Path(__file__).parents[3] / "models"


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


def test_pictures_lie_in_memory_as_opencv_expects_them() -> None:
    """The graph's last transposition is only a view to PyTorch."""
    generator = TorchGenerator(Path("models/human2anime-lite.onnx"), compiled=False)
    assert generator(pictures(2, 256)).flags.c_contiguous


def test_a_closed_one_says_so(tmp_path: Path) -> None:
    generator = TorchGenerator(make_graph(tmp_path / "g.onnx", 64, "invert"), compiled=False)
    generator.close()
    with pytest.raises(EngineError, match="closed"):
        generator(pictures(1))


@pytest.mark.parametrize("kind", ["lite", "full"])
def test_a_released_graph_is_drawn_as_onnx_runtime_draws_it(kind: str) -> None:
    path = MODELS / f"human2anime-{kind}.onnx"
    if not path.exists():
        pytest.skip(f"no {path.name} in models/")
    torch_draws, onnx_draws = TorchGenerator(path, compiled=False), OnnxCpuGenerator(path)
    faces, source = portraits(256, most=2)
    alone = compare(torch_draws, onnx_draws, faces, source)
    assert source == "portraits" and alone.largest <= 1 and alone.psnr_db > 70
    off = np.abs(torch_draws(faces).astype(np.int16) - onnx_draws(faces))
    assert off.max() <= 1 and (off > 0).mean() < 0.01


def test_cuda_without_cuda_is_refused(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(EngineError, match="cannot use CUDA"):
        TorchGenerator(make_graph(tmp_path / "g.onnx", 64), device="cuda", compiled=False)


def operation(kind: str, *inputs: Any, out: str = "y", **attributes: Any) -> list[onnx.NodeProto]:
    """A node; of its inputs, text names a tensor, None is left out, and the rest are constants."""
    names = [each if isinstance(each, str) else f"{out}_{index}" for index, each in enumerate(inputs)]
    constants = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(_array(each)))
        for name, each in zip(names, inputs, strict=True)
        if not (isinstance(each, str) or each is None)
    ]
    read = ["" if each is None else name for name, each in zip(names, inputs, strict=True)]
    return [*constants, helper.make_node(kind, read, [out], **attributes)]


def _array(values: Any) -> npt.NDArray[Any]:
    array = np.asarray(values)
    return array.astype(np.float32) if array.dtype == np.float64 else array


def random(*shape: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(shape).uniform(-1.2, 1.2, shape).astype(np.float32)


LAST, FIRST = 2**63 - 1, -(2**63)
"""How exporters write "to the end" of a Slice, forwards and backwards."""
BATCH = operation("Shape", "x", out="n", start=0, end=1)
OPERATIONS = [
    operation("MaxPool", "x", kernel_shape=[2, 2], strides=[2, 2]),
    operation("AveragePool", "x", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    operation("DepthToSpace", "x", blocksize=2, mode="CRD"),
    operation("ReduceMean", "x", axes=[1], keepdims=1),
    operation("ReduceSum", "x", [1]),
    operation("ReduceSum", "x", [-1, 1], keepdims=0),
    operation("Clip", "x", None, 0.5),
    operation("Pow", "x", 0.5),
    operation("Add", "x", [[[[[1.0]]]]]),  # One value, but a fifth axis.
    operation("Floor", "x"),
    operation("Sign", "x"),
    operation("Reciprocal", "x"),
    operation("Max", "x", 0.25, random(8, 1)),
    operation("Min", [[[[[0.25]]]]], "x"),
    [*operation("Greater", 0.1, "x", out="c"), *operation("Where", "c", "x", -1.0)],
    [*operation("Less", "x", random(4, 1, 8), out="c"), *operation("Where", "c", random(8, 1), "x")],
    operation("Where", [[True], [False]] * 4, "x", [[[[[2.0]]]]]),
    operation("Softmax", "x", axis=1),
    operation("Softmax", "x"),
    operation("MatMul", "x", random(8, 3)),
    [*operation("Reshape", "x", [-1, 8], out="m"), *operation("Gemm", "m", random(5, 8), random(5), transB=1)],
    [*operation("Reshape", "x", [8, -1], out="m"),
     *operation("Gemm", "m", random(8, 5), 0.5, transA=1, alpha=0.5, beta=2.0)],
    [*operation("Reshape", "x", [-1, 8], out="m"), *operation("Gemm", "m", random(8, 5), alpha=0.5)],
    operation("BatchNormalization", "x", random(4), random(4), random(4), np.abs(random(4)), epsilon=0.01),
    operation("Reshape", "x", [0, 2, -1, 8]),
    operation("Reshape", "x", [-1, 64], allowzero=1),
    operation("Concat", "x", "x", axis=1),
    operation("Conv", "x", random(8, 1, 3, 3), group=4, strides=[2, 2], pads=[1, 1, 1, 1]),
    operation("Resize", "x", None, [1.0, 1, 2, 2], mode="cubic"),
    operation("Resize", "x", None, [1.0, 1, 2, 2], mode="linear"),
    operation("Resize", "x", None, [1.0, 1, 1, 4], coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
    [*operation("ReduceSum", "x", [1, 3], out="m"), *operation("Squeeze", "m", [1, -1])],
    [*operation("ReduceSum", "x", [1, 3], out="m"), *operation("Squeeze", "m")],
    operation("Unsqueeze", "x", [3, 1, 5]),
    operation("Unsqueeze", "x", [-1, -4]),
    operation("Expand", "x", [3, 1, 1, 8, 1]),
    operation("Expand", "x", [1]),
    operation("Gather", "x", 1, axis=2),
    operation("Gather", "x", -1, axis=-2),
    operation("Gather", "x", [1], axis=1),
    operation("Gather", "x", [[2, -1, 0]], axis=-1),
    operation("GatherND", "x", [[0], [-1], [0]]),
    operation("GatherND", "x", [[[0, 1, 2], [1, -1, 7]]]),
    operation("GridSample", "x", random(2, 5, 6, 2), padding_mode="border"),
    operation("GridSample", "x", random(2, 5, 6, 2), mode="nearest", align_corners=1),
    operation("Pad", "x", [0, 0, 0, 3, 0, 0, 1, 2], mode="edge"),
    operation("Pad", "x", [1, 0, 0, 3, 0, 2, 0, -1], 0.5),
    operation("Pad", "x", [0, 0, 1, 0, 0, 0, 0, 0]),
    operation("Slice", "x", [1, 2], [2, LAST]),
    operation("Slice", "x", [-5, 1], [-1, 100], [-1, 1], [2, 1]),
    operation("Slice", "x", [-1], [FIRST], [-1], [-1]),
    operation("Slice", "x", [FIRST], [LAST], [2], [3]),
    operation("Slice", "x", [LAST, 6], [0, -8], [-2, 3], [-3, -2]),
]  # fmt: skip
COMPUTED = {
    "ones": [*operation("Shape", "x", out="s"), *operation("Expand", 1.0, "s")],
    "the end of a shape": [*operation("Shape", "x", out="s", start=-2), *operation("Expand", [0.5], "s")],
    "twice the batch": [
        *BATCH, *operation("Squeeze", "n", out="a"), *operation("Mul", 2, "a", out="b"),
        *operation("Reshape", "b", [-1], out="c"), *operation("Concat", "c", [16, -1], out="s", axis=0),
        *operation("Reshape", "x", "s"),
    ],
    "sizes one by one": [
        *operation("Shape", "x", out="s"),
        *operation("Gather", "s", 0, out="a"), *operation("Gather", "s", [-1], out="b"),
        *operation("Add", "a", 2, out="c"), *operation("Sub", "c", 2, out="d"),
        *operation("Unsqueeze", "d", [0], out="e"),
        *operation("Concat", "e", "b", [-1], out="f", axis=0), *operation("Reshape", "x", "f"),
    ],
    "behind the batch": [
        *BATCH, *operation("Concat", "x", "x", "x", out="m", axis=0), *operation("Slice", "m", "n", [LAST], [0], [1]),
    ],
    "up to the batch": [*BATCH, *operation("Slice", "x", [0], "n", [3])],
    "backwards from the batch": [*BATCH, *operation("Slice", "x", "n", [FIRST], [-1], [-1])],
}  # fmt: skip
UNKNOWN = {
    "PyTorch cannot be given Erf: ": operation("Erf", "x"),
    "with batch_dims: only 0": operation("GatherND", "x", [[1], [0]], batch_dims=1),
    "in mode bicubic: only bilinear": operation("GridSample", "x", random(2, 5, 6, 2), mode="bicubic"),
    r"this Pad \(reflect\): only constant and edge": operation("Pad", "x", [0, 0, 0, 3] * 2, mode="reflect"),
    "only behind the first two axes": operation("Pad", "x", [0, 1, 0, 0] * 2, mode="edge"),
    "Unsqueeze but along constant axes": operation("Unsqueeze", "x", [0, -1]),
    "ReduceSum over everything": operation("ReduceSum", "x"),
    "Slice with a computed": [*BATCH, *operation("Slice", "x", [0], [1], "n")],
    "the shape 'n' as values": [*BATCH, *operation("Cast", "n", to=TensorProto.FLOAT)],
    "nothing says how many axes": [
        *operation("Squeeze", "x", out="a"), *operation("Shape", "a", out="s"), *operation("Expand", "x", "s"),
    ],
}  # fmt: skip


def model_of(nodes: list[onnx.NodeProto]) -> onnx.ModelProto:
    """A graph that is float outside (the translation does not look at the outside)."""
    graph = helper.make_graph(
        [*operation("Identity", "image", out="x"), *nodes, *operation("Identity", "y", out="portrait")],
        "one",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 4, 8, 8])],
        [helper.make_tensor_value_info("portrait", TensorProto.FLOAT, None)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.mark.parametrize(
    "nodes", [*OPERATIONS, *COMPUTED.values()], ids=[*(nodes[-1].op_type for nodes in OPERATIONS), *COMPUTED]
)
def test_single_operations(nodes: list[onnx.NodeProto]) -> None:
    """Against ONNX Runtime."""
    import onnxruntime

    model, x = model_of(nodes), random(2, 4, 8, 8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (expected,) = session.run(None, {"image": x})
    with torch.inference_mode():
        given = to_torch(model, torch.float32)(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(given, expected, rtol=1e-5, atol=1e-5, strict=True)


@pytest.mark.parametrize(("message", "nodes"), UNKNOWN.items(), ids=[*UNKNOWN])
def test_an_unknown_operation_is_one_line(message: str, nodes: list[onnx.NodeProto]) -> None:
    with pytest.raises(EngineError, match=message):
        to_torch(model_of(nodes), torch.float32)
