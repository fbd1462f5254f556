"""A graph that others made, trained and published goes through the command line: ESPCN, inside the package qonnx.

Super resolution by two, float NCHW, for one picture of 128 pixels; it says nothing about the range of its numbers.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

import build_engine
from engines import EngineError, load_generator
from engines.parity import portraits
from engines.tensorrt_api import installed

WHEELS = Path(sys.prefix) / "wheels"
"""Where `make test` puts it (requirements-wheels.txt)."""
MEMBER = "qonnx/data/onnx/bsd300x3-espcn/nn_resize/float_model.onnx"
SIZE = 128


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    found = sorted(WHEELS.glob("qonnx-*.whl"))
    if not found:
        pytest.skip(f"no wheel of qonnx in {WHEELS}: `make test` fetches it (requirements-wheels.txt)")
    path = tmp_path / "espcn.onnx"
    with zipfile.ZipFile(found[-1]) as wheel:
        path.write_bytes(wheel.read(MEMBER))
    return path


def drawn_by_itself(path: Path, picture: np.ndarray) -> np.ndarray:
    """What the graph makes of a picture, uint8 [128,128,3], averaged down to its size: float [128,128,3], 0..255."""
    session = onnxruntime.InferenceSession(str(path))
    feed = {session.get_inputs()[0].name: (picture.transpose(2, 0, 1)[None] / 255).astype(np.float32)}
    large = session.run(None, feed)[0][0]  # [3,256,256]
    small = large.reshape(3, SIZE, 2, SIZE, 2).mean((2, 4)).transpose(1, 2, 0)
    return np.asarray(small.clip(0, 1) * 255)


def test_it_is_wrapped_without_being_told_anything_and_draws_what_it_draws(graph: Path, tmp_path: Path) -> None:
    assert build_engine.main([str(graph), "--flavour", "cpu", "--output", str(tmp_path / "out")]) == 0
    pictures, _ = portraits(SIZE, most=3)
    generator = load_generator(tmp_path / "out" / "espcn.wrapped.onnx", "cpu")
    drawn = generator(pictures)
    expected = np.stack([drawn_by_itself(graph, picture) for picture in pictures])
    # Up to 2 of 255: OpenVINO computes in bfloat16 where the processor can.
    assert np.abs(drawn - expected).max() <= 2.5
    assert np.abs(drawn.astype(int) - pictures).mean() < 8, "super resolution keeps the picture"
    generator.close()


@pytest.mark.rtx
def test_tensorrt_for_rtx_builds_it(graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api = installed()["rtx"]
    if isinstance(api, EngineError):
        pytest.skip(str(api))
    arguments = [str(graph), "--flavour", "rtx", "--compute-capability", "8.6", "8.9", "12.0"]
    assert build_engine.main([*arguments, "--output", str(tmp_path / "out")]) == 0
    (plan,) = (tmp_path / "out").glob("*.plan")
    sidecar = json.loads(plan.with_name(plan.name + ".json").read_text())
    assert sidecar["plan_bytes"] == plan.stat().st_size > 100_000
    assert sidecar["key"]["capabilities"] == ["8.6", "8.9", "12.0"]
    assert sidecar["parity"]["rewritten graph on the CPU"]["psnr_db"] > 45
    assert "not measured: no GPU here" in capsys.readouterr().out
