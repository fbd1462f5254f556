from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from engines.base import Batch, Generator
from engines.errors import EngineError
from engines.load import Device
from live.bench.flags import first_model
from live.styles import Styles, label_of
from tests.graphs import make_graph
from tests.live.fakes import GatedGenerator


class Loader:
    """Makes a gated generator for every path; "bad.onnx" cannot be used."""

    def __init__(self) -> None:
        self.made: dict[str, GatedGenerator] = {}

    def __call__(self, path: Path, device: Device) -> Generator:
        if path.name == "bad.onnx":
            raise EngineError(f"{path.name} is not a graph: export it again")
        self.made[path.name] = GatedGenerator()
        return self.made[path.name]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in ("b.onnx", "a.onnx", "bad.onnx", "notes.txt"):
        (tmp_path / name).touch()
    return tmp_path


def test_lists_the_graphs_of_the_folder(models: Path) -> None:
    assert [Path(path).name for path, _ in Styles(models).available()] == ["a.onnx", "b.onnx", "bad.onnx"]


def test_what_needs_a_gpu_is_not_what_the_app_starts_with(tmp_path: Path) -> None:
    for name in ("anime-full.onnx", "anime-lite.onnx", "myself-lite.onnx"):
        (tmp_path / name).touch()
    styles = Styles(tmp_path, load=Loader())
    styles.use(None)
    assert styles.current == first_model(tmp_path) == tmp_path / "anime-lite.onnx"
    assert [Path(path).name for path, _ in styles.available()][-1] == "anime-full.onnx"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("human2anime-lite.onnx", "Human to anime, lite"),
        ("human2cat.onnx", "Human to cat"),
        ("human2human-lite.onnx", "Myself, lite"),
        ("my_own-style-2.onnx", "My own, style 2"),
    ],
)
def test_labels_are_words(name: str, label: str) -> None:
    assert label_of(Path(name)) == label


def test_starts_with_the_first_graph(models: Path) -> None:
    styles = Styles(models, load=Loader())
    styles.use(None)
    assert styles.current == models / "a.onnx"
    assert styles.runtime == "test runtime"


def test_a_style_that_cannot_be_used_leaves_the_one_before_in_force(models: Path) -> None:
    loader = Loader()
    styles = Styles(models, load=loader)
    styles.use(None)
    with pytest.raises(EngineError, match=r"bad\.onnx is not a graph"):
        styles.use(models / "bad.onnx")
    assert styles.current == models / "a.onnx"
    assert styles.problem == ""
    with styles.lease() as generator:
        assert generator is loader.made["a.onnx"]


def test_without_any_graph_the_remedy_is_told(tmp_path: Path) -> None:
    styles = Styles(tmp_path, load=Loader())
    with pytest.raises(EngineError, match=r"no model \(\*\.onnx\) in .*: fetch a release"):
        styles.use(None)
    assert "no model" in styles.problem
    with styles.lease() as generator:
        assert generator is None


def test_a_generator_is_not_closed_while_it_is_lent(models: Path) -> None:
    loader = Loader()
    styles = Styles(models, load=loader, keep=1)
    styles.use(None)
    with styles.lease():
        change = threading.Thread(target=styles.use, args=(models / "b.onnx",))
        change.start()
        change.join(0.1)
        assert not loader.made["a.onnx"].closed
    change.join(10)
    assert loader.made["a.onnx"].closed
    with styles.lease() as generator:
        assert generator is loader.made["b.onnx"]


def test_styles_used_last_stay_loaded_and_the_oldest_is_closed(models: Path) -> None:
    (models / "c.onnx").touch()
    loader = Loader()
    styles = Styles(models, load=loader, keep=2)
    for name in ("a", "b"):
        styles.use(models / f"{name}.onnx")
    first = loader.made.pop("a.onnx")
    styles.use(models / "a.onnx")
    assert "a.onnx" not in loader.made, "it was kept and needs no loading"
    styles.use(models / "c.onnx")
    assert loader.made["b.onnx"].closed
    assert not first.closed
    styles.close()
    assert first.closed
    assert loader.made["c.onnx"].closed


def test_a_graph_that_was_exported_anew_is_loaded_anew(models: Path) -> None:
    loader = Loader()
    styles = Styles(models, load=loader)
    styles.use(models / "a.onnx")
    before = loader.made["a.onnx"]
    (models / "a.onnx").write_text("another graph")
    styles.use(models / "a.onnx")
    with styles.lease() as generator:
        assert generator is loader.made["a.onnx"] is not before


def test_preloading_makes_the_first_change_as_quick_as_any_other(models: Path) -> None:
    loader = Loader()
    styles = Styles(models, load=loader)
    styles.use(None)
    styles.runtime = "OpenVINO CPU"
    styles.preload()
    made = loader.made["b.onnx"]
    styles.use(models / "b.onnx")
    assert loader.made["b.onnx"] is made
    styles.close()
    assert made.closed


def test_a_style_has_run_once_before_anybody_waits_for_it(models: Path) -> None:
    loader = Loader()
    styles = Styles(models, load=loader)
    styles.use(None)
    assert loader.made["a.onnx"].batches == [1]
    styles.use(models / "b.onnx")
    styles.use(models / "a.onnx")
    assert loader.made["a.onnx"].batches == [1], "it is warm already"


def test_a_graph_that_fails_when_it_runs_is_told_by_the_frames(models: Path) -> None:
    class Broken(GatedGenerator):
        def __call__(self, batch: Batch) -> Batch:
            raise RuntimeError("shape mismatch")

    styles = Styles(models, load=lambda path, device: Broken())
    styles.use(None)
    with styles.lease() as generator, pytest.raises(RuntimeError, match="shape mismatch"):
        assert generator is not None
        generator(np.zeros((1, 16, 16, 3), np.uint8))


def test_nothing_is_preloaded_where_loading_may_mean_building(models: Path) -> None:
    loader = Loader()
    styles = Styles(models, load=loader)
    styles.use(None)
    styles.runtime = "TensorRT 10.15"
    styles.preload()
    assert set(loader.made) == {"a.onnx"}


def test_graphs_of_the_users_folder_are_offered_as_well(models: Path, tmp_path: Path) -> None:
    more = tmp_path / "mine"
    more.mkdir()
    (more / "aaa.onnx").touch()
    names = [Path(path).name for path, _ in Styles(models, more=more).available()]
    assert names == ["a.onnx", "b.onnx", "bad.onnx", "aaa.onnx"]


def test_close_releases_the_generator_and_one_that_is_loaded_later(models: Path) -> None:
    loader = Loader()
    styles = Styles(models, load=loader)
    styles.use(None)
    styles.close()
    styles.close()
    assert loader.made["a.onnx"].closed
    styles.use(models / "b.onnx")
    assert loader.made["b.onnx"].closed
    with styles.lease() as generator:
        assert generator is None


def test_close_does_not_wait_for_ever_for_a_generator_that_is_stuck(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.styles.CLOSE_S", 0.01)
    styles = Styles(models, load=Loader())
    styles.use(None)
    with styles.lease():
        styles.close()


def test_tells_why_the_cpu_runs_although_a_gpu_was_wished_for(models: Path) -> None:
    class Fallback(GatedGenerator):
        fallback_reason = "No NVIDIA GPU was found: the CPU runs."

    styles = Styles(models, load=lambda path, device: Fallback())
    styles.use(None)
    assert styles.problem == "No NVIDIA GPU was found: the CPU runs."
    assert styles.current is not None


def test_a_real_graph_is_loaded_and_run(tmp_path: Path) -> None:
    make_graph(tmp_path / "invert.onnx", 16, "invert")
    styles = Styles(tmp_path, "cpu")
    styles.use(None)
    with styles.lease() as generator:
        assert generator is not None
        assert (generator(np.full((2, 16, 16, 3), 55, np.uint8)) == 200).all()
    styles.close()


def test_a_graph_for_other_crops_is_refused(tmp_path: Path) -> None:
    path = make_graph(tmp_path / "other.onnx", 16, metadata={"crop_recipe": "another-recipe"})
    with pytest.raises(EngineError, match="another-recipe"):
        Styles(tmp_path, "cpu").use(path)
