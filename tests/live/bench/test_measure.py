"""A whole measurement in which a GPU takes part: TensorRT's generator on the fake device of the engine tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.base import Batch, Generator
from engines.bench import contenders
from engines.bench.contenders import Kind
from engines.bench.runtimes import onnxruntime_cpu
from engines.bench.timing import Plan
from engines.errors import DeviceError, EngineError
from engines.trt import TrtGenerator
from live.bench import plot, table
from live.bench.report import Wanted, measure
from tests.engines.fakes import FakeDevice, FakeExecutor
from tests.graphs import make_graph


def on_fake_gpu(graphs: bool) -> Kind:
    def make(graph: Path, max_batch: int) -> Generator:
        device = FakeDevice()
        return TrtGenerator(FakeExecutor(device, 64, max(max_batch, 4)), device, "fp16", graphs=graphs)

    return Kind("tensorrt-fp16" if graphs else "tensorrt-fp16-no-graphs", "fp16", "cuda", make)


def test_a_gpu_takes_part_in_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = (on_fake_gpu(True), on_fake_gpu(False), Kind("onnxruntime-cpu", "fp32", "cpu", onnxruntime_cpu))
    monkeypatch.setattr(contenders, "kinds", lambda: here)
    graph = make_graph(tmp_path / "invert.onnx", 64, "invert")  # What the fake executor computes, too.
    wanted = Wanted(graph, batches=(1, 2), plan=Plan(2, 0.0, 0.1), faces=(1,), live_s=0.4, quick=True)
    report = measure(wanted)
    rows = {(row["name"], row["batch"]): row for row in report["generator"]}
    assert len(rows) == 6
    assert "CUDA graphs" in rows["tensorrt-fp16", 1]["runtime"]
    assert "CUDA graphs" not in rows["tensorrt-fp16-no-graphs", 1]["runtime"]
    assert rows["tensorrt-fp16", 2]["stages"]["compute"]["median"] == 0.5
    assert rows["onnxruntime-cpu", 1]["stages"] is None
    assert report["parity"]["tensorrt-fp16"]["largest"] == 0
    assert [(row["name"], row["faces"]) for row in report["live"]] == [(kind.name, 1) for kind in here]
    assert {row["device"] for row in report["limits"]} == {"cpu"}, "nothing can measure the fake GPU's rates"
    share, speed_up, tail = report["goals"]
    assert share["reached"] is not None and tail["reached"] is not None
    assert speed_up["reached"] is None, "PyTorch did not run on that GPU"
    assert "0.500/0.500/0.500" in table.terminal(report) and "Goals of the TensorRT engine" in table.terminal(report)
    assert "tensorrt-fp16-no-graphs" in plot.svg(report)


class OnlyAtFirst:
    """Draws negatives until it was called so often; then its device is lost."""

    size, runtime = 64, "Fragile 1.0"
    max_batch: int | None = None

    def __init__(self, calls: int) -> None:
        self._left = calls

    def __call__(self, batch: Batch) -> Batch:
        self._left -= 1
        if self._left < 0:
            raise DeviceError("the GPU failed: load the model again")
        return 255 - batch

    def close(self) -> None:
        """Nothing to close."""


def test_a_runtime_that_fails_on_the_way_costs_nobody_else_their_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, graph = Plan(1, 0.0, 0.01), make_graph(tmp_path / "invert.onnx", 64, "invert")
    fragile = Kind("fragile", "fp16", "cuda", lambda graph, max_batch: OnlyAtFirst(7))  # Enough to be let in.
    monkeypatch.setattr(contenders, "kinds", lambda: (fragile, Kind("onnxruntime-cpu", "fp32", "cpu", onnxruntime_cpu)))
    report = measure(Wanted(graph, batches=(1,), plan=plan, faces=(1,), live_s=0.3, quick=True))
    assert report["without"] == {"fragile": "failed while it was measured: the GPU failed: load the model again"}
    assert [row["name"] for row in report["generator"]] == ["onnxruntime-cpu"]
    assert [row["name"] for row in report["live"]] == ["onnxruntime-cpu"]
    monkeypatch.setattr(contenders, "kinds", lambda: (fragile,))
    with pytest.raises(EngineError, match="to the end: failed while it was measured"):
        measure(Wanted(graph, batches=(1,), plan=plan, faces=(), quick=True))
