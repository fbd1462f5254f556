"""One run of the live path, on frames that come like a webcam's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engines.base import Batch
from engines.errors import DeviceError
from engines.load import load_cpu
from live.bench import run
from live.bench.run import ClipCamera, clip_jpegs, run_once
from live.demo import SECONDS_WITH_FACES
from live.settings import Settings
from live.sources.base import SourceError
from live.stats import STAGES
from tests.graphs import make_graph


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    return make_graph(tmp_path / "invert.onnx", 64, "invert")


def settings(graph: Path) -> Settings:
    return Settings(source="demo", style=graph, models=graph.parent)


@pytest.mark.parametrize("upscale", [1, 2])
def test_a_run_measures_every_stage_and_leaves_the_generator_open(graph: Path, upscale: int) -> None:
    generator = load_cpu(graph)
    found = run_once(clip_jpegs(2, (640, 480)), 2, "free", replace(settings(graph), upscale=upscale), generator, 0.5)
    assert found.shown > 0
    assert found.dropped == 0
    assert found.found == pytest.approx(2, abs=0.3)
    assert set(found.samples_ms) == {*STAGES, "latency"} - ({"upscale"} if upscale == 1 else set())
    generator(np.zeros((1, 64, 64, 3), np.uint8))
    generator.close()


def test_a_runtime_that_fails_is_one_line(graph: Path) -> None:
    class Broken:
        size, runtime = 64, "Broken 1.0"
        max_batch: int | None = None

        def __call__(self, batch: Batch) -> Batch:
            raise DeviceError("the GPU failed: load the model again")

        def close(self) -> None:
            """Nothing to close."""

    with pytest.raises(SourceError, match="the live path"):
        run_once(clip_jpegs(1, (640, 480)), 1, "camera", settings(graph), Broken(), 0.3)


def test_a_live_path_that_stands_still_is_told(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PATIENCE_S", 0.01)
    with pytest.raises(SourceError, match="stands still"):
        run_once(clip_jpegs(1, (640, 480)), 1, "camera", settings(graph), load_cpu(graph), 0.3)


def test_a_free_camera_never_has_more_than_two_frames_under_way() -> None:
    camera = ClipCamera(clip_jpegs(1, (64, 48))[:3], fps=None)
    camera.read()
    camera.read()
    assert not camera._wanted.acquire(blocking=False)
    camera.painted()
    camera.read()


def test_the_clip_camera_goes_forwards_and_backwards() -> None:
    jpegs = clip_jpegs(4, (64, 48))
    camera = ClipCamera([jpegs[0], jpegs[40], jpegs[80]], fps=1000)
    frames = [camera.read().frame for _ in range(6)]
    assert frames[0].shape == (48, 64, 3)
    for forwards, backwards in ((0, 5), (1, 4), (2, 3)):
        assert np.array_equal(frames[forwards], frames[backwards])


def test_pieces_of_the_clip_lie_within_it() -> None:
    for faces in SECONDS_WITH_FACES:
        assert len(clip_jpegs(faces, (64, 48))) > 60
