from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from live import bench, bench_run
from live.bench_run import ClipCamera, Run, clip_jpegs
from live.demo import SECONDS_WITH_FACES
from live.machine import machine
from live.stats import STAGES
from tests.graphs import make_graph


def a_run(pace: str, shown: int, latency: float) -> Run:
    samples = {name: [1.0, 2.0, 3.0] for name in STAGES} | {"latency": [latency] * 3}
    return Run(1, pace, 2.0, shown, 1, 1.0, 0.5, samples, "test runtime", "x.onnx")


def test_measures_the_live_path_and_writes_what_it_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_run, "WARM_UP_S", 0.2)
    graph, out = make_graph(tmp_path / "invert.onnx", 64, "invert"), tmp_path / "new" / "bench.json"
    flags = ["--seconds", "0.4", "--rounds", "1", "--faces", "1", "2", "--device", "cpu"]
    assert bench.main([*flags, "--model", str(graph), "--json", str(out)]) == 0
    report = json.loads(out.read_text())
    assert [(case["faces"], case["pace"]) for case in report["cases"]] == [
        (1, "camera"),
        (2, "camera"),
        (1, "free"),
        (2, "free"),
    ]
    for case in report["cases"]:
        assert case["faces_found"] == case["faces"]
        assert case["fps"] > 0
        assert set(case["stage_ms"]) == set(STAGES)
        assert (case["capture_to_encoded_ms"] is None) == (case["pace"] == "free")
        if case["pace"] == "free":
            assert case["dropped"] == 0
    assert report["runtime"].startswith(("ONNX Runtime", "OpenVINO"))
    assert report["machine"]["cores"] >= 1
    printed = capsys.readouterr().out
    assert "invert.onnx" in printed and "capture" in printed and str(out) in printed
    assert list(out.parent.iterdir()) == [out], "nothing half written is left"


def test_a_missing_model_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--model", str(tmp_path / "gone.onnx"), "--json", str(tmp_path / "bench.json"), "--rounds", "1"]
    assert bench.main(flags) == 1
    error = capsys.readouterr().err
    assert "gone.onnx" in error
    assert "Traceback" not in error
    assert not (tmp_path / "bench.json").exists()


@pytest.mark.parametrize("flags", [["--rounds", "0"], ["--seconds", "0"], ["--faces", "3"], ["--size", "8K"]])
def test_bad_flags_are_refused(flags: list[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main(flags)


def test_rounds_are_put_together() -> None:
    case = bench.summary([a_run("camera", 60, 10.0), a_run("camera", 40, 30.0)])
    assert case["fps"] == 25.0
    assert case["fps_each_round"] == [30.0, 20.0]
    assert case["dropped"] == 2
    assert case["capture_to_encoded_ms"] == {"median": 10.0, "p95": 30.0}
    assert bench.summary([a_run("free", 60, 10.0)])["capture_to_encoded_ms"] is None


def test_the_table_has_a_column_for_each_stage() -> None:
    lines = bench.table(
        [bench.summary([a_run("free", 60, 1.0)]), bench.summary([a_run("camera", 60, 1.0)])]
    ).splitlines()
    assert lines[0].split() == ["faces", "pace", "fps", "dropped", "cores", "delay", *STAGES]
    assert all(len(line.split()) == len(lines[0].split()) for line in lines)


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


def test_the_machine_is_described() -> None:
    described = json.loads(json.dumps(machine()))
    assert described["cpu"] and described["cores"] >= 1
    assert "numpy" in described["packages"]
