"""Figures are computed rightly, runtimes take turns, and the program prints and writes them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engines import EngineError, bench
from engines.base import Batch
from engines.trt import TrtGenerator
from tests.engines.fakes import FakeDevice, FakeExecutor
from tests.graphs import make_graph


class Timed:
    """A generator that takes a told time by an injected clock.

    Args:
        name: its runtime.
        cost: seconds per call.
        world: the clock and the order of calls, shared.
        max_batch: as `Generator`.
    """

    size = 8

    def __init__(self, name: str, cost: float, world: World, max_batch: int | None = None) -> None:
        self.runtime, self.max_batch = name, max_batch
        self._cost, self._world = cost, world

    def __call__(self, batch: Batch) -> Batch:
        self._world.now += self._cost
        self._world.calls.append(self.runtime)
        return batch

    def close(self) -> None:
        """Nothing to close."""


class World:
    """A clock that moves only when a generator works."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[str] = []

    def clock(self) -> float:
        return self.now


def test_figures() -> None:
    figures = bench.Figures.of([float(value) for value in range(1, 101)])
    assert (figures.min, figures.mean, figures.median) == (1.0, 50.5, 50.5)
    assert (figures.p90, figures.p95, figures.p99) == pytest.approx((90.1, 95.05, 99.01))


def test_runtimes_take_turns_and_are_told_apart() -> None:
    world = World()
    fast, slow = Timed("fast", 0.010, world), Timed("slow", 0.030, world)
    report = bench.measure([fast, slow], "g.onnx", (1, 2), warm_up_s=0.1, duration_s=1.0, clock=world.clock)
    assert world.calls[:6] == ["fast", "slow"] * 3
    assert [(result.runtime, result.batch) for result in report.results] == [
        ("fast", 1),
        ("slow", 1),
        ("fast", 2),
        ("slow", 2),
    ]
    assert [result.latency.median for result in report.results] == pytest.approx([10, 30, 10, 30])
    assert report.results[2].pictures_per_second == pytest.approx(200)


def test_batches_a_runtime_cannot_take_are_left_out() -> None:
    world = World()
    report = bench.measure(
        [Timed("any", 0.1, world), Timed("four", 0.1, world, 4)], "g", (4, 8), duration_s=0.1, clock=world.clock
    )
    assert [(result.runtime, result.batch) for result in report.results] == [("any", 4), ("four", 4), ("any", 8)]


def test_stages_of_the_device_are_reported_besides() -> None:
    device = FakeDevice()
    generator = TrtGenerator(FakeExecutor(device), device)
    report = bench.measure([generator], "g", (2,), warm_up_s=0, duration_s=0.01)
    stage = report.results[0].compute
    assert stage
    assert stage.median == 0.5
    assert "compute 0.500" in report.table()


def test_different_sizes_are_refused() -> None:
    with pytest.raises(EngineError, match="one size"):
        bench.measure([], "g")


def test_the_program_prints_a_table_and_writes_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = make_graph(tmp_path / "g.onnx", 64, "convolution")
    file = tmp_path / "figures.json"
    arguments = [str(path), "--batches", "1", "--duration", "0.05", "--warm-up", "0", "--json", str(file)]
    assert bench.main([*arguments, "--runtimes", "onnxruntime"]) == 0
    assert "ONNX Runtime CPU" in capsys.readouterr().out
    written = json.loads(file.read_text())
    assert written["results"][0]["batch"] == 1
    assert written["results"][0]["latency"]["calls"] >= 10
    assert np.isfinite(written["results"][0]["latency"]["p99"])
    assert written["machine"]["processor"]


def test_errors_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([str(tmp_path / "none.onnx")]) == 1
    assert "Traceback" not in capsys.readouterr().err
