"""A report as the benchmark writes it, with figures that are easy to follow."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from engines.bench.limit import Limit
from engines.bench.timing import Figures, Result
from live.bench.cases import LiveResult
from live.bench.files import FORMAT
from live.bench.goals import goals
from live.stats import STAGES

ROUNDS = (9.0, 10.0, 11.0)


def result(
    name: str = "openvino-bf16",
    batch: int = 1,
    rounds_ms: tuple[float, ...] = ROUNDS,
    stages: tuple[float, float, float] | None = None,
) -> Result:
    """A result of the generator alone whose calls took what the rounds' medians say."""
    latency = Figures.of(rounds_ms)
    names = ("host_to_device", "compute", "device_to_host")
    told = {stage: Figures.of([took]) for stage, took in zip(names, stages, strict=True)} if stages else None
    rate = 1000 * batch / latency.mean
    return Result(name, "fp32", "cpu", f"Runtime of {name}", batch, latency, rate, rounds_ms, told)


def live_result(
    name: str = "openvino-bf16", faces: int = 1, fps_rounds: tuple[float, ...] = (90.0, 110.0)
) -> LiveResult:
    """A result of the live path: 2 of 90 frames dropped, 10 ms delay."""
    figures = Figures.of([10.0])
    stages = {stage: Figures.of([1.0 + index]) for index, stage in enumerate(STAGES)}
    fps = sum(fps_rounds) / len(fps_rounds)
    runtime = f"Runtime of {name}"
    return LiveResult(name, runtime, faces, faces, fps, fps_rounds, 30.0, 90, 2, 0.5, figures, (10.0, 10.0), stages)


def report(
    results: tuple[Result, ...] = (result(), result(batch=2, rounds_ms=(20.0, 20.0, 20.0))),
    live: tuple[LiveResult, ...] = (live_result(),),
) -> dict[str, Any]:
    """A whole report, JSON-ready."""
    limit = Limit("openvino-bf16", "bf16", "cpu", 1, 0.82, 4.0, 1.0, 2.0, 4.0, 10.0, 0.4)
    return {
        "format": FORMAT,
        "date": "2026-11-22T23:20:00+00:00",
        "command": "python -m live.bench",
        "machine": {
            "cpu": "Test <CPU> & more",
            "cores": 2,
            "gpus": [],
            "driver": "",
            "system": "Linux-6-with-glibc",
            "packages": {"openvino": "2026.4.0"},
            "revision": "abc123",
            "load_average_1min": 0.1,
        },
        "graph": {"name": "x.onnx", "sha256": "0" * 64, "size": 64},
        "plan": {"rounds": 3, "frame": [640, 480], "view": "side-by-side", "live_s": 1.5},
        "without": {"tensorrt-fp16": "no GPU", "tensorrt-fp32": "no GPU", "torch-cpu-eager": "not installed"},
        "parity": {"openvino-bf16": {"psnr_db": 55.0, "largest": 9}},
        "generator": [asdict(each) for each in results],
        "live": [asdict(each) for each in live],
        "work": {},
        "rates": {"cpu bf16": {"per_second": 2e11, "how": "OpenVINO"}, "cpu copy": {"per_second": 1e10, "how": "copy"}},
        "limits": [asdict(limit)],
        "goals": [asdict(goal) for goal in goals(results)],
    }
