"""What is made of the figures: tables, plot, comparison, goals, files."""

from __future__ import annotations

import itertools
import json
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from live.bench import compare, plot, table
from live.bench.cases import together
from live.bench.files import ReportError, check_writable, read_report, write, write_report
from live.bench.goals import goals
from live.bench.machine import busy, machine, title
from live.bench.run import Run
from live.stats import STAGES
from tests.live.bench.reports import live_result, report, result


def a_run(pace: str, shown: int, latency: float) -> Run:
    samples = {name: [1.0, 2.0, 3.0] for name in STAGES} | {"latency": [latency] * 3}
    return Run(1, pace, 2.0, shown, 1, 1.0, 0.5, samples)


def test_rounds_are_put_together() -> None:
    camera, free = (
        [a_run("camera", 60, 10.0), a_run("camera", 40, 30.0)],
        [a_run("free", 200, 0), a_run("free", 180, 0)],
    )
    case = together("x", "X 1.0", camera, free)
    assert (case.fps, case.fps_rounds) == (95.0, (100.0, 90.0))
    assert (case.camera_fps, case.captured, case.dropped) == (25.0, 102, 2)
    assert case.delay_rounds_ms == (10.0, 30.0)
    assert (case.delay.median, case.delay.calls) == (20.0, 6)
    assert set(case.stages) == set(STAGES)


def test_the_terminal_shows_every_figure() -> None:
    text = table.terminal(report())
    assert "openvino-bf16" in text and "Test <CPU> & more, 2 cores" in text
    assert "20 %" in text  # (11 - 9) / 10: the spread of the rounds
    assert "2/90" in text  # dropped frames
    assert "200 GMAC/s" in text and "10 GB/s" in text and "40 %" in text
    assert "without tensorrt-fp16, tensorrt-fp32: no GPU" in text
    assert "Goals of the TensorRT engine: not measured" in text
    for stage in STAGES:
        assert stage in text


def test_stages_of_the_device_have_a_column_where_there_are_any() -> None:
    assert "H2D" not in table.terminal(report())
    assert "0.010/0.500/0.020" in table.terminal(report((result("tensorrt-fp16", stages=(0.01, 0.5, 0.02)),)))


def test_tables_say_where_portraits_were_upscaled() -> None:
    assert "upscaled" not in table.terminal(report())
    told = report()
    told["plan"]["upscale"] = 2
    assert "portraits upscaled 2x" in table.terminal(told)


def test_markdown_tables_are_whole() -> None:
    text = table.markdown(report())
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert "| Runtime of openvino-bf16 | 100/s, 10.0 ms ± 10 % | 100/s, 20.0 ms ± 0 % |" in rows
    for heading in ("Generator alone", "Live path", "Share of the physical limit"):
        assert heading in text
    for before, after in itertools.pairwise(rows):
        if after.startswith("| ---"):
            assert before.count("|") == after.count("|")


def test_a_report_without_the_live_path_has_tables_and_a_plot() -> None:
    assert "Live path" not in table.markdown(report(live=()))
    ET.fromstring(plot.svg(report(live=())))


def test_bars_are_as_long_as_their_figures_and_whiskers_span_the_rounds() -> None:
    results = (result("openvino-bf16", rounds_ms=(10.0, 10.0)), result("torch-cpu-eager", rounds_ms=(16.0, 25.0)))
    root = ET.fromstring(plot.svg(report(results, live=())))
    space = "{http://www.w3.org/2000/svg}"
    colours = set(plot.COLOURS.values())
    bars = [bar for bar in root.iter(f"{space}rect") if bar.get("fill") in colours]
    widths = [float(bar.get("width", "0")) for bar in bars]
    assert widths[0] / widths[1] == pytest.approx(100 / (1000 / 20.5), rel=0.01)
    whiskers = [path.get("d", "")[1:].replace("L", " ").split() for path in root.iter(f"{space}path")]
    ends = [(float(x1), float(x2)) for x1, y1, x2, y2 in whiskers if y1 == y2]
    low, high = (end - plot.LEFT for end in ends[1])
    assert high / low == pytest.approx(25 / 16, rel=0.01)
    texts = " ".join(text.text or "" for text in root.iter(f"{space}text"))
    assert "Test <CPU> & more" in texts and "100/s, 10.00 ms" in texts


def test_nothing_is_drawn_beside_the_picture() -> None:
    live = tuple(live_result(name, faces) for faces in (1, 2, 4) for name in ("openvino-bf16", "torch-cpu-eager"))
    root = ET.fromstring(plot.svg(report(live=live)))
    height = float(root.get("height", "0"))
    for node in root.iter():
        assert float(node.get("y", "0")) <= height
        assert float(node.get("x", "0")) + float(node.get("width", "0")) <= plot.WIDTH


def test_a_change_is_clear_where_the_rounds_do_not_overlap() -> None:
    before = report((result(rounds_ms=(9.0, 10.0, 11.0)), result("torch-cpu-eager", rounds_ms=(9.0, 10.0, 11.0))))
    after = report((result(rounds_ms=(4.0, 5.0, 6.0)), result("torch-cpu-eager", rounds_ms=(10.0, 10.5, 12.0))))
    found = {change.what: change for change in compare.changes(before, after)}
    faster, same = found["openvino-bf16, batch 1"], found["torch-cpu-eager, batch 1"]
    assert (faster.before, faster.after, faster.change, faster.clear) == (10.0, 5.0, -0.5, True)
    assert same.change == pytest.approx(0.05)
    assert not same.clear
    lines = compare.told(before, after).splitlines()
    assert next(line for line in lines if "openvino-bf16, batch 1" in line).startswith("* ")
    assert next(line for line in lines if "torch-cpu-eager" in line).startswith("  ")


def test_one_round_tells_nothing_of_the_spread() -> None:
    (change,) = compare.changes(report((result(rounds_ms=(9.0,)),), ()), report((result(rounds_ms=(1.0,)),), ()))
    assert not change.clear


def test_the_live_path_is_compared_too() -> None:
    found = compare.changes(report(), report(live=(live_result(fps_rounds=(180.0, 220.0)),)))
    (fps,) = [change for change in found if change.unit == "fps"]
    assert (fps.before, fps.after, fps.clear) == (100.0, 200.0, True)


def test_other_machines_and_graphs_are_warned_of() -> None:
    one, other = report(), report()
    assert compare.warnings(one, other) == []
    other["machine"]["cpu"], other["graph"]["sha256"], other["plan"]["rounds"] = "Another", "1" * 64, 9
    assert [line.split(":")[0] for line in compare.warnings(one, other)] == [
        "different cpu",
        "different graphs",
        "measured differently",
    ]
    assert "warning: different cpu: Test <CPU> & more and Another" in compare.told(one, other)


def test_goals_are_reached() -> None:
    engine = [result("tensorrt-fp16", batch, (1.0, 1.0), (0.02, 0.95, 0.02)) for batch in (1, 2)]
    eager = result("torch-cuda-eager", 1, (3.5, 3.5))
    assert [goal.reached for goal in goals([*engine, eager])] == [True, True, True]


def test_figures_from_a_busy_machine_say_so() -> None:
    found = report()
    assert "busy" not in table.markdown(found)
    found["machine"]["load_average_1min"] = 7.5
    assert "busy (load 7.5)" in table.markdown(found)


def test_goals_that_were_measured_stand_in_the_markdown() -> None:
    assert "Goals" not in table.markdown(report()) and "reached:" not in table.markdown(report())
    assert "- reached: p99 below 1.3 times the median" in table.markdown(
        report((result("tensorrt-fp16", 1, (1.0, 1.0)),))
    )


def test_goals_are_missed() -> None:
    engine = result("tensorrt-fp16", 1, (1.0, 1.0, 2.0), (0.02, 0.5, 0.02))
    eager = result("torch-cuda-eager", 1, (2.0, 2.0))
    found = goals([engine, eager])
    assert [goal.reached for goal in found] == [False, False, False]
    assert "batch 1: 0.50" in str(found[0]) and str(found[0]).startswith("NOT reached")
    assert "batch 1: 2.00" in str(found[1])


def test_goals_that_were_not_measured_are_not_reached() -> None:
    assert [goal.reached for goal in goals([result()])] == [None, None, None]


def test_a_report_is_written_whole_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "bench.json"
    check_writable(path)
    write_report(path, report())
    assert read_report(path) == json.loads(json.dumps(report()))
    assert list(path.parent.iterdir()) == [path], "nothing half written is left"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": "twin', "is no JSON"),
        ("[1, 2]", "is no report of this version"),
        ('{"format": "twingan-live-bench-0"}', "twingan-live-bench-0"),
        ('{"format": "twingan-live-bench-1", "machine": {}}', "lacks graph"),
    ],
)
def test_a_broken_report_is_one_line(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    path.write_text(text)
    with pytest.raises(ReportError, match=message):
        read_report(path)


def test_a_missing_report_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"gone\.json cannot be read \(No such file"):
        read_report(tmp_path / "gone.json")


def test_a_place_that_cannot_be_written_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="choose another place with --output"):
        check_writable(tmp_path / "file" / "bench.json")
    with pytest.raises(ReportError, match=r"ending in \.json"):
        check_writable(tmp_path)
    if os.geteuid():  # root may write everywhere
        tmp_path.chmod(0o500)
        with pytest.raises(ReportError, match="Permission denied"):
            check_writable(tmp_path / "bench.json")


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ReportError, match="No space left"):
        write(tmp_path / "bench.json", "{}")
    assert list(tmp_path.iterdir()) == []


def test_the_machine_is_described() -> None:
    described = json.loads(json.dumps(machine()))
    assert described["cpu"] and described["cores"] >= 1
    assert "numpy" in described["packages"]
    assert f"{described['cores']} cores" in title(described)


def test_a_busy_machine_is_warned_of() -> None:
    found = report()["machine"]
    assert busy(found) == ""
    assert "load 1.5" in busy(found | {"load_average_1min": 1.5})
