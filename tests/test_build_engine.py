"""The command line of build_engine.py, on our graphs and on those of others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto

import build_engine
from engines import EngineError, load_generator
from engines.tensorrt_api import installed
from tests.graphs import make_graph, make_truncated


def need_rtx() -> None:
    api = installed()["rtx"]
    if isinstance(api, EngineError):
        pytest.skip(str(api))


def test_the_cpu_path_tries_the_graph_and_writes_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = make_graph(tmp_path / "g.onnx", 64, "convolution")
    assert build_engine.main([str(path), "--flavour", "cpu", "--output", str(tmp_path / "out")]) == 0
    assert "runs" in capsys.readouterr().out
    report = json.loads((tmp_path / "out" / "g-cpu.json").read_text())
    assert set(report["median_ms"]) == {"1", "2", "4"}
    assert "CPU" in report["runtime"]


def test_a_foreign_graph_is_wrapped_and_runs(tmp_path: Path) -> None:
    """float NHWC without metadata, batch 1: as tf2onnx writes them."""
    shape = (1, 48, 48, 3)
    path = make_graph(
        tmp_path / "g.onnx", 48, "identity", dtype=TensorProto.FLOAT, input_name="x", shape=shape, without=["contract"]
    )
    arguments = [str(path), "--flavour", "cpu", "--input-range", "0..1", "--output-range", "0..1"]
    assert build_engine.main([*arguments, "--output", str(tmp_path / "out")]) == 0
    generator = load_generator(tmp_path / "out" / "g.wrapped.onnx", "cpu")
    batch = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 3), np.uint8)
    assert np.abs(generator(batch).astype(int) - batch).max() <= 1


@pytest.mark.rtx
def test_rtx_for_three_gpus(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    need_rtx()
    path = make_graph(tmp_path / "g.onnx", 64, "convolution")
    arguments = [str(path), "--flavour", "rtx", "--compute-capability", "8.6", "8.9", "12.0"]
    assert build_engine.main([*arguments, "--output", str(tmp_path / "out")]) == 0
    assert "not measured: no GPU here" in capsys.readouterr().out
    assert len(list((tmp_path / "out").glob("*.plan"))) == 1
    assert build_engine.main([*arguments, "--output", str(tmp_path / "out")]) == 0
    assert "nothing to do" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.onnx"], "does not exist"),
        (["cut.onnx"], "not a valid ONNX graph"),
        (["g.onnx", "--flavour", "tensorrt"], "pip install tensorrt"),
        (["g.onnx", "--max-batch", "0", "--flavour", "rtx"], "1 to 64"),
        (["g.onnx", "--flavour", "rtx", "--compute-capability", "9.0"], "9.0"),
    ],
)
def test_errors_are_one_line_with_the_remedy(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    if "rtx" in arguments:
        need_rtx()
    monkeypatch.chdir(tmp_path)
    make_graph("g.onnx", 64)
    make_truncated("cut.onnx")
    assert build_engine.main(arguments) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ")
    assert words in error
