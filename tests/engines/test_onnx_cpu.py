"""ONNX Runtime on real graphs: pictures come out right, and whatever breaks the contract is refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto

from engines import EngineError, load_generator
from engines.onnx_cpu import OnnxCpuGenerator
from tests.graphs import make_graph, make_lfs_pointer, make_truncated


def pictures(count: int, size: int = 64) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, size, size, 3), np.uint8)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_inverts_every_picture_of_a_batch(tmp_path: Path, count: int) -> None:
    generator = OnnxCpuGenerator(make_graph(tmp_path / "g.onnx", 64, "invert"))
    batch = pictures(count)
    np.testing.assert_array_equal(generator(batch), 255 - batch)


def test_colour_order_is_rgb(tmp_path: Path) -> None:
    generator = OnnxCpuGenerator(make_graph(tmp_path / "g.onnx", 64, "first-channel"))
    batch = pictures(1)
    np.testing.assert_array_equal(generator(batch), np.repeat(batch[..., :1], 3, axis=3))


def test_the_caller_owns_the_result(tmp_path: Path) -> None:
    generator = OnnxCpuGenerator(make_graph(tmp_path / "g.onnx", 64, "identity"))
    batch = pictures(1)
    first = generator(batch)
    kept = first.copy()
    first_again = generator(255 - batch)
    np.testing.assert_array_equal(first, kept)
    first_again[:] = 0  # Writable, and writing changes nobody else's picture.
    np.testing.assert_array_equal(generator(batch), batch)


def test_a_view_that_is_not_contiguous_is_taken(tmp_path: Path) -> None:
    generator = OnnxCpuGenerator(make_graph(tmp_path / "g.onnx", 64, "identity"))
    mirrored = pictures(2)[:, :, ::-1]
    np.testing.assert_array_equal(generator(mirrored), mirrored)


def test_a_picture_does_not_depend_on_its_neighbours_in_the_batch(tmp_path: Path) -> None:
    generator = OnnxCpuGenerator(make_graph(tmp_path / "g.onnx", 64, "convolution"))
    batch = pictures(3)
    alone = np.concatenate([generator(picture[None]) for picture in batch])
    assert np.abs(generator(batch).astype(int) - alone).max() <= 1


def test_tells_what_it_is(tmp_path: Path) -> None:
    generator = OnnxCpuGenerator(make_graph(tmp_path / "g.onnx", 96))
    assert (generator.size, generator.max_batch, generator.fallback_reason) == (96, None, None)
    assert generator.runtime.startswith("ONNX Runtime CPU 1.")
    assert (generator.info.source_domain, generator.info.target_domain) == ("human", "anime")


def test_closed_twice_is_harmless_and_called_afterwards_says_so(tmp_path: Path) -> None:
    generator = OnnxCpuGenerator(make_graph(tmp_path / "g.onnx"))
    generator.close()
    generator.close()
    with pytest.raises(EngineError, match="closed"):
        generator(pictures(1))


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
    "rank": (lambda path: make_graph(path, shape=("N", 64, 64)), r"\[N,64,64\]"),
    "not square": (lambda path: make_graph(path, shape=("N", 64, 32, 3)), r"\[N,64,32,3\]"),
    "open size": (lambda path: make_graph(path, shape=("N", "H", "W", 3)), r"\[N,H,W,3\]"),
    "grey": (lambda path: make_graph(path, shape=("N", 64, 64, 1)), r"\[N,64,64,1\]"),
    "no contract": (lambda path: make_graph(path, without=["contract"]), "no metadata entry 'contract'"),
    "other contract": (lambda path: make_graph(path, metadata={"contract": "float-nchw-v9"}), "float-nchw-v9"),
    "other size": (lambda path: make_graph(path, metadata={"size": "256"}), "size=256"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_refuses_in_one_line_what_it_cannot_run(tmp_path: Path, case: str) -> None:
    make, words = BROKEN[case]
    path = tmp_path / "model.onnx"
    make(path)
    with pytest.raises(EngineError, match=words) as caught:
        load_generator(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
