"""From a path and a wish to a running generator."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines import EngineError, load_generator
from tests.graphs import METADATA, make_graph


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
