"""From a path and a wish to a running generator."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines import EngineError, load, load_generator
from engines.gpu import Gpus
from tests.engines.fakes import H200, NONE
from tests.graphs import METADATA, make_graph


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "find_gpus", lambda: NONE)


def test_an_unknown_device_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="auto, cpu, tensorrt"):
        load_generator(make_graph(tmp_path / "g.onnx"), "cuda")  # type: ignore[arg-type]


def test_a_graph_for_other_crops_is_refused(tmp_path: Path) -> None:
    path = make_graph(tmp_path / "g.onnx")
    load_generator(path, "cpu", crop_recipe=METADATA["crop_recipe"]).close()
    with pytest.raises(EngineError, match="recipe"):
        load_generator(path, "cpu", crop_recipe="centre-v0")


def test_a_graph_without_a_recipe_passes(tmp_path: Path) -> None:
    path = make_graph(tmp_path / "g.onnx", without=["crop_recipe"])
    load_generator(path, "cpu", crop_recipe="anything").close()


@pytest.mark.usefixtures("no_gpu")
def test_auto_falls_back_and_says_why(tmp_path: Path) -> None:
    generator = load_generator(make_graph(tmp_path / "g.onnx"), "auto")
    assert "CPU" in generator.runtime
    assert "no NVIDIA driver" in getattr(generator, "fallback_reason", "")


@pytest.mark.usefixtures("no_gpu")
def test_tensorrt_asked_for_is_never_the_cpu(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no NVIDIA driver"):
        load_generator(make_graph(tmp_path / "g.onnx"), "tensorrt")


def test_the_cpu_asked_for_is_no_fallback(tmp_path: Path) -> None:
    assert getattr(load_generator(make_graph(tmp_path / "g.onnx"), "cpu"), "fallback_reason", "") is None


@pytest.mark.parametrize("gpus", [H200])
def test_a_gpu_without_tensorrt_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpus: Gpus) -> None:
    monkeypatch.setattr(load, "find_gpus", lambda: gpus)
    monkeypatch.setattr(
        load, "installed", lambda: {"tensorrt": EngineError("not installed: pip install tensorrt-cu13")}
    )
    with pytest.raises(EngineError, match="pip install tensorrt-cu13"):
        load_generator(make_graph(tmp_path / "g.onnx"), "tensorrt")
