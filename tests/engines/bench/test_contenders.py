"""Who takes part, who does not and why, and that all of them draw the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engines import EngineError
from engines.base import Batch, Generator
from engines.bench import runtimes
from engines.bench.contenders import Kind, choose, kinds, load
from engines.gpu import find_gpus
from tests.graphs import make_graph


class Negative:
    """Draws negatives of 64x64 pictures; `shade` is what it adds to them.

    Attributes:
        sizes: batch sizes it was called with.
        closed: whether `close` was called.
    """

    runtime = "Negative 1.0"
    size = 64

    def __init__(self, shade: int = 0, max_batch: int | None = None) -> None:
        self.max_batch = max_batch
        self.sizes: list[int] = []
        self.closed = False
        self._shade = shade

    def __call__(self, batch: Batch) -> Batch:
        self.sizes.append(len(batch))
        return np.clip(255 - batch.astype(np.int16) + self._shade, 0, 255).astype(np.uint8)

    def close(self) -> None:
        self.closed = True


def kind(name: str, generator: Generator) -> Kind:
    return Kind(name, "fp32", "cpu", lambda graph, max_batch: generator)


def missing(graph: Path, max_batch: int) -> Generator:
    raise EngineError("it is not installed: `pip install it`")


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    return make_graph(tmp_path / "invert.onnx", 64, "invert")


def test_the_cpu_runtimes_of_this_machine_take_part(graph: Path) -> None:
    field = load(graph, choose(["onnxruntime-cpu", "openvino-fp32"], kinds()), [1, 2])
    assert [contender.name for contender in field.contenders] == ["openvino-fp32", "onnxruntime-cpu"]
    assert field.parity["openvino-fp32"].psnr_db > 50
    assert field.without == {}
    field.close()


def test_what_is_missing_is_told_and_the_rest_goes_on(graph: Path) -> None:
    field = load(graph, [kind("mine", Negative()), Kind("other", "fp32", "cpu", missing)], [1])
    assert [contender.name for contender in field.contenders] == ["mine"]
    assert field.without == {"other": "it is not installed: `pip install it`"}


def test_what_was_asked_for_by_name_must_be_here(graph: Path) -> None:
    mine = Negative()
    with pytest.raises(EngineError, match="other cannot be used here: it is not installed"):
        load(graph, [kind("mine", mine), Kind("other", "fp32", "cpu", missing)], [1], required=True)
    assert mine.closed


def test_who_draws_something_else_does_not_take_part(graph: Path) -> None:
    wrong = Negative(shade=90)
    field = load(graph, [kind("right", Negative()), kind("wrong", wrong)], [1])
    assert [contender.name for contender in field.contenders] == ["right"]
    assert "draws something else" in field.without["wrong"]
    assert wrong.closed


def test_each_batch_runs_once_before_anything_is_timed(graph: Path) -> None:
    generator = Negative(max_batch=4)
    load(graph, [kind("mine", generator)], [1, 4, 8])
    assert generator.sizes[:2] == [1, 4]
    assert 8 not in generator.sizes


def test_nothing_at_all_is_an_error(graph: Path) -> None:
    with pytest.raises(EngineError, match=r"nothing on this machine runs .*engines\.doctor"):
        load(graph, [Kind("other", "fp32", "cpu", missing)], [1])


def test_a_bad_graph_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not exist"):
        load(tmp_path / "gone.onnx", kinds(), [1])


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(EngineError, match=r"no such runtime tensorflow: choose from tensorrt-fp16, .*torch-cpu-eager"):
        choose(["tensorflow"], kinds())
    assert {"tensorrt-fp16", "tensorrt-fp32", "onnxruntime-cuda", "openvino-bf16"} <= {
        each.name for each in choose([], kinds())
    }
    assert "torch-cpu-eager-bf16" not in {each.name for each in choose([], kinds())}


def test_tensorrt_without_a_gpu_says_why(graph: Path) -> None:
    if find_gpus().found:
        pytest.skip("this machine has an NVIDIA GPU")
    with pytest.raises(EngineError, match="TensorRT needs an NVIDIA GPU: "):
        runtimes.tensorrt("fp16", graphs=True)(graph, 4)


def test_onnx_runtime_never_falls_back_to_the_cpu_silently(graph: Path) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime has CUDA")
    with pytest.raises(EngineError, match="onnxruntime-gpu"):
        runtimes.onnxruntime_cuda(graph, 4)


def test_openvino_is_not_counted_twice(graph: Path) -> None:
    dtypes = [dtype for dtype in ("bf16", "f16", "f32") if _loads(runtimes.openvino(dtype), graph)]
    assert "f32" in dtypes
    assert len(dtypes) <= 2


def test_the_command_line_starts_without_torch_and_onnx() -> None:
    code = "import sys; sys.modules.update(torch=None, onnx=None); import live.bench.__main__"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def _loads(make: runtimes.Make, graph: Path) -> bool:
    try:
        make(graph, 1).close()
    except EngineError:
        return False
    return True
