"""The doctor tells what is there, what is missing, and the command for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engines import EngineError, doctor
from engines.build import build
from engines.cache import Cache
from engines.gpu import Gpus
from engines.prepare import contracted
from engines.request import Request
from engines.tensorrt_api import TensorRT
from engines.wrap import Wishes
from tests.engines.fakes import H200, NONE, RTX4090, FakeTensorRT
from tests.graphs import make_graph


def lines(cache: Cache, gpus: Gpus) -> dict[str, doctor.Finding]:
    return {finding.what: finding for finding in doctor.examine(cache, gpus)}


def test_without_a_gpu_nothing_is_wrong(tmp_path: Path) -> None:
    found = lines(Cache(tmp_path), NONE)
    assert found["GPU"].found == "no NVIDIA driver"
    assert found["engines"].found == f"none in {tmp_path}"
    assert not [finding for finding in found.values() if finding.well is False]


def test_with_a_gpu_what_is_missing_comes_with_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_version", lambda distribution: None)
    monkeypatch.setattr(
        doctor, "installed", lambda: {"tensorrt": EngineError("tensorrt cannot be used (no): pip install x")}
    )
    found = lines(Cache(tmp_path), H200)
    assert found["GPU 0"].found == "NVIDIA H200, compute capability 9.0, 143771 MiB"
    assert found["TensorRT"].well is False
    assert found["TensorRT"].remedy == "pip install x"
    assert found["PyCUDA"].well is False
    assert found["PyCUDA"].remedy == "pip install -r requirements-gpu.txt"
    assert "->" in str(found["PyCUDA"])


def test_engines_are_listed_with_their_health(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "engines")
    graph = contracted(make_graph(tmp_path / "g.onnx", 64, "convolution"), Wishes())
    built = build(graph, Request(), TensorRT("tensorrt", FakeTensorRT("10.0.0")), H200, cache)
    assert lines(cache, H200)["engine"].well is True
    other = lines(cache, RTX4090)["engine"]
    assert other.well is None
    assert "not this machine" in other.found
    built.plan.write_bytes(b"cut")
    damaged = lines(cache, H200)["engine"]
    assert damaged.well is False
    assert "cut off" in damaged.found


def test_it_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "engines.doctor"],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert "system" in done.stdout
    assert "Traceback" not in done.stderr
