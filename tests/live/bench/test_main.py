"""The command line, with a small real graph on the runtimes of this machine."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from live.bench.__main__ import main
from live.bench.files import write_report
from live.bench.flags import parse, wanted
from live.stats import STAGES
from tests.graphs import make_graph
from tests.live.bench.reports import report, result


def test_measures_everything_and_writes_what_it_prints(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    graph, out = make_graph(tmp_path / "conv.onnx", 64, "convolution"), tmp_path / "new" / "bench.json"
    names = ["onnxruntime-cpu", "openvino-fp32"]
    flags = ["--quick", "--faces", "1", "2", "--batches", "1", "3", "--runtime", *names, "--output", str(out)]
    assert main([str(graph), *flags]) == 0
    written = json.loads(out.read_text())
    assert {(row["name"], row["batch"]) for row in written["generator"]} == {
        (name, n) for name in names for n in (1, 3)
    }
    assert all(len(row["rounds_ms"]) == 2 for row in written["generator"])
    assert {(row["name"], row["faces"]) for row in written["live"]} == {(name, n) for name in names for n in (1, 2)}
    for row in written["live"]:
        assert row["faces_found"] == pytest.approx(row["faces"], abs=0.3)
        assert row["fps"] > 0 and set(row["stages"]) == set(STAGES) - {"upscale"}
    assert written["graph"] == {"name": "conv.onnx", "sha256": written["graph"]["sha256"], "size": 64}
    assert written["work"]["3"]["macs"] == 3 * written["work"]["1"]["macs"]
    assert {row["name"] for row in written["limits"]} == set(names)
    assert written["command"].startswith("python -m live.bench ") and "--quick" in written["command"]
    assert written["machine"]["revision"] is not None
    printed = capfd.readouterr()
    assert "conv.onnx" in printed.out and "openvino-fp32" in printed.out and str(out) in printed.out
    assert "XNNPACK" not in printed.err
    assert sorted(path.name for path in out.parent.iterdir()) == ["bench.json", "bench.md", "bench.svg"]
    ET.parse(out.with_suffix(".svg"))


def test_a_missing_model_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "bench.json"
    assert main([str(tmp_path / "gone.onnx"), "--quick", "--output", str(out)]) == 1
    error = capsys.readouterr().err
    assert "gone.onnx does not exist" in error and "Traceback" not in error
    assert not out.exists()


def test_a_runtime_that_is_not_here_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = make_graph(tmp_path / "g.onnx", 64)
    arguments = [str(graph), "--quick", "--output", str(tmp_path / "b.json"), "--runtime"]
    assert main([*arguments, "tensorflow"]) == 1
    assert "no such runtime tensorflow: choose from" in capsys.readouterr().err
    assert main([*arguments, "onnxruntime-cuda"]) in (0, 1)
    if error := capsys.readouterr().err:
        assert "onnxruntime-cuda cannot be used here" in error


def test_a_bad_output_is_found_before_the_graph_is_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "gone.onnx"), "--output", str(tmp_path)]) == 1
    assert "--output" in capsys.readouterr().err


def test_compares_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = tmp_path / "a.json", tmp_path / "b.json"
    write_report(one, report())
    write_report(other, report((result(rounds_ms=(4.0, 5.0, 6.0)),)))
    assert main(["--compare", str(one), str(other)]) == 0
    assert "-50.0 %" in capsys.readouterr().out
    other.write_text("{")
    assert main(["--compare", str(one), str(other)]) == 1
    assert "b.json is no JSON" in capsys.readouterr().err


def test_shows_a_report_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.json"
    write_report(path, report())
    assert main(["--markdown", str(path)]) == 0
    assert capsys.readouterr().out.count("\n| --- |") == 3
    assert main(["--plot", str(path)]) == 0
    ET.parse(tmp_path / "a.svg")


@pytest.mark.parametrize(
    "flags",
    [["--rounds", "0"], ["--duration", "0"], ["--live-duration", "9999"], ["--faces", "3"], ["--size", "8K"],
     ["--upscale", "4"], ["--batches", "0"], ["--warm-up", "-1"], ["--compare", "one.json"]],
)  # fmt: skip
def test_bad_flags_are_refused(flags: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(flags)


def test_quick_gives_way_to_what_is_said() -> None:
    flags = parse(["--quick", "--rounds", "5"])
    assert (flags.rounds, flags.batches, flags.faces) == (5, [1], [1])
    assert parse(["--quick", "--batches", "2"]).batches == [2]
    assert parse([]).batches == [1, 2, 4, 8]


def test_flags_become_what_is_measured() -> None:
    arguments = ["x.onnx", "--no-live", "--warm-up", "100", "--batches", "4", "1", "4"]
    asked = wanted(parse(arguments), arguments)
    assert (asked.graph, asked.faces, asked.batches, asked.upscale) == (Path("x.onnx"), (), (1, 4), 1)
    assert wanted(parse(["--upscale", "2"]), []).upscale == 2
    assert asked.plan.warm_up_s == pytest.approx(0.1)
    assert asked.command == ("python", "-m", "live.bench", *arguments)
