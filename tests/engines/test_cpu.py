"""Both CPU runtimes on real graphs: pictures come out right, and what breaks the contract is refused in one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from onnx import TensorProto

from engines import EngineError
from engines.onnx_cpu import OnnxCpuGenerator
from engines.openvino_cpu import OpenVinoGenerator
from tests.graphs import make_graph, make_lfs_pointer, make_truncated

Runtime = type[OnnxCpuGenerator] | type[OpenVinoGenerator]


@pytest.fixture(params=[OnnxCpuGenerator, OpenVinoGenerator])
def runtime(request: pytest.FixtureRequest) -> Runtime:
    pytest.importorskip("onnxruntime" if request.param is OnnxCpuGenerator else "openvino")
    chosen: Runtime = request.param
    return chosen


def pictures(count: int, size: int = 64) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(count).integers(0, 256, (count, size, size, 3), np.uint8)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_inverts_every_picture_of_a_batch(tmp_path: Path, runtime: Runtime, count: int) -> None:
    generator = runtime(make_graph(tmp_path / "g.onnx", 64, "invert"))
    batch = pictures(count)
    np.testing.assert_array_equal(generator(batch), 255 - batch)


def test_colour_order_is_rgb(tmp_path: Path, runtime: Runtime) -> None:
    generator = runtime(make_graph(tmp_path / "g.onnx", 64, "first-channel"))
    batch = pictures(1)
    np.testing.assert_array_equal(generator(batch), np.repeat(batch[..., :1], 3, axis=3))


def test_the_caller_owns_the_result(tmp_path: Path, runtime: Runtime) -> None:
    generator = runtime(make_graph(tmp_path / "g.onnx", 64, "identity"))
    batch = pictures(1)
    first = generator(batch)
    kept = first.copy()
    first_again = generator(255 - batch)
    np.testing.assert_array_equal(first, kept)
    first_again[:] = 0  # Writable, and writing changes nobody else's picture.
    np.testing.assert_array_equal(generator(batch), batch)


def test_a_view_that_is_not_contiguous_is_taken(tmp_path: Path, runtime: Runtime) -> None:
    generator = runtime(make_graph(tmp_path / "g.onnx", 64, "identity"))
    mirrored = pictures(2)[:, :, ::-1]
    np.testing.assert_array_equal(generator(mirrored), mirrored)


def test_a_picture_does_not_depend_on_its_neighbours_in_the_batch(tmp_path: Path, runtime: Runtime) -> None:
    generator = runtime(make_graph(tmp_path / "g.onnx", 64, "convolution"))
    batch = pictures(3)
    alone = np.concatenate([generator(picture[None]) for picture in batch])
    assert np.abs(generator(batch).astype(int) - alone).max() <= 2  # bfloat16


def test_tells_what_it_is(tmp_path: Path, runtime: Runtime) -> None:
    generator = runtime(make_graph(tmp_path / "g.onnx", 96))
    assert (generator.size, generator.max_batch, generator.fallback_reason) == (96, None, None)
    assert re.match(r"(ONNX Runtime CPU 1|OpenVINO CPU 20\d\d)\.\d+", generator.runtime)
    assert (generator.info.source_domain, generator.info.target_domain) == ("human", "anime")


def test_closed_twice_is_harmless_and_called_afterwards_says_so(tmp_path: Path, runtime: Runtime) -> None:
    generator = runtime(make_graph(tmp_path / "g.onnx"))
    generator.close()
    generator.close()
    with pytest.raises(EngineError, match="closed"):
        generator(pictures(1))


def test_both_runtimes_agree_in_fp32(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("openvino")
    path = make_graph(tmp_path / "g.onnx", 64, "convolution")
    one, other = OnnxCpuGenerator(path), OpenVinoGenerator(path, precision="fp32")
    assert "f32" in other.runtime
    assert np.abs(one(pictures(4)).astype(int) - other(pictures(4))).max() <= 1


def test_calls_from_several_threads_do_not_mix(tmp_path: Path, runtime: Runtime) -> None:
    generator = runtime(make_graph(tmp_path / "g.onnx", 64, "invert"))
    batches = [pictures(1 + index % 3) for index in range(24)]
    with ThreadPoolExecutor(4) as pool:
        for batch, portraits in zip(batches, pool.map(generator, batches), strict=True):
            np.testing.assert_array_equal(portraits, 255 - batch)


Maker = Callable[[Path], object]
BROKEN: dict[str, tuple[Maker, str]] = {
    "missing": (lambda path: None, "does not exist"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "folder": (lambda path: path.mkdir(), "is a folder"),
    "lfs": (make_lfs_pointer, "git lfs pull"),
    "text": (lambda path: path.write_text("hello " * 99), "not a valid ONNX graph"),
    "truncated": (make_truncated, "not a valid ONNX graph"),
    "checkpoint": (lambda path: path.write_bytes(b"PK\x03\x04rest"), "twingan.export"),
    "input name": (lambda path: make_graph(path, input_name="sources_ph"), "'sources_ph'"),
    "output name": (lambda path: make_graph(path, output_name="out"), "'out'"),
    "float": (lambda path: make_graph(path, dtype=TensorProto.FLOAT), "float"),
    "fixed batch": (lambda path: make_graph(path, shape=(1, 64, 64, 3)), r"\[1,64,64,3\]"),
    "rank": (lambda path: make_graph(path, shape=("N", 64, 64)), r"\[[N?],64,64\]"),
    "not square": (lambda path: make_graph(path, shape=("N", 64, 32, 3)), r"\[[N?],64,32,3\]"),
    "open size": (lambda path: make_graph(path, shape=("N", "H", "W", 3)), r"\[[N?],[H?],[W?],3\]"),
    "grey": (lambda path: make_graph(path, shape=("N", 64, 64, 1)), r"\[[N?],64,64,1\]"),
    "no contract": (lambda path: make_graph(path, without=["contract"]), "no metadata entry 'contract'"),
    "other contract": (lambda path: make_graph(path, metadata={"contract": "float-nchw-v9"}), "float-nchw-v9"),
    "other size": (lambda path: make_graph(path, metadata={"size": "256"}), "size=256"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_refuses_in_one_line_what_it_cannot_run(tmp_path: Path, runtime: Runtime, case: str) -> None:
    make, words = BROKEN[case]
    path = tmp_path / "model.onnx"
    make(path)
    with pytest.raises(EngineError, match=words) as caught:
        runtime(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
