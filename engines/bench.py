"""`python -m engines.bench GRAPH`: the generator alone, every runtime of this machine, interleaved in one run.

Interleaving means that the runtimes take turns call by call: a machine that slows down (heat, other programs) slows all
of them alike. Every figure is of whole calls as the live path makes them: from pictures in the caller's memory to
portraits in the caller's memory, transfers included. For TensorRT the stages on the device are measured besides.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engines.base import Batch, Generator
from engines.errors import EngineError

BATCHES = (1, 2, 4, 8)
PERCENTILES = (50, 90, 95, 99)
Clock = Callable[[], float]


@dataclass(frozen=True)
class Figures:
    """Milliseconds of one kind of call.

    Attributes:
        calls: how many were timed.
        min, mean, median, p90, p95, p99: in milliseconds.
    """

    calls: int
    min: float
    mean: float
    median: float
    p90: float
    p95: float
    p99: float

    @classmethod
    def of(cls, times_ms: Sequence[float]) -> Figures:
        """Figures of single times in milliseconds."""
        median, p90, p95, p99 = (float(value) for value in np.percentile(times_ms, PERCENTILES))
        return cls(len(times_ms), float(min(times_ms)), float(np.mean(times_ms)), median, p90, p95, p99)


@dataclass(frozen=True)
class Result:
    """One runtime at one batch size.

    Attributes:
        runtime: what really executed, as `Generator.runtime` says.
        batch: pictures per call.
        latency: of a whole call.
        pictures_per_second: batch / mean latency, of one caller that waits for each call.
        host_to_device, compute, device_to_host: on the device; None where the runtime has no such stages.
    """

    runtime: str
    batch: int
    latency: Figures
    pictures_per_second: float
    host_to_device: Figures | None = None
    compute: Figures | None = None
    device_to_host: Figures | None = None


@dataclass(frozen=True)
class Report:
    """Results with what they were measured on; `to_json` for files."""

    graph: str
    size: int
    machine: dict[str, str]
    warm_up_s: float
    duration_s: float
    results: tuple[Result, ...]

    def to_json(self) -> str:
        """Text of the file."""
        return json.dumps(asdict(self), indent=2) + "\n"

    def table(self) -> str:
        """For a terminal."""
        head = f"{'runtime':<58}{'batch':>6}{'median':>9}{'p95':>9}{'p99':>9}{'min':>9}{'pictures/s':>12}"
        lines = [
            f"{result.runtime[:57]:<58}{result.batch:>6}{result.latency.median:>9.2f}{result.latency.p95:>9.2f}"
            f"{result.latency.p99:>9.2f}{result.latency.min:>9.2f}{result.pictures_per_second:>12.1f}{_stages(result)}"
            for result in self.results
        ]
        return "\n".join([f"{self.graph}, {self.size}x{self.size}, milliseconds per call", head, *lines])


def measure(
    generators: Sequence[Generator],
    graph: str,
    batches: Sequence[int] = BATCHES,
    *,
    warm_up_s: float = 0.2,
    duration_s: float = 3.0,
    clock: Clock = time.perf_counter,
) -> Report:
    """Time generators of one size, interleaved.

    Args:
        generators: they take turns; batches beyond a generator's `max_batch` are left out for it.
        graph: name for the report.
        batches: pictures per call.
        warm_up_s, duration_s: per generator and batch size, as trtexec's warmUp and duration.
        clock: seconds.

    Raises:
        EngineError: no generator, or generators of different sizes.
    """
    sizes = {generator.size for generator in generators}
    if len(sizes) != 1:
        raise EngineError(f"expected generators of one size, got {sorted(sizes) or 'none'}")
    size = sizes.pop()
    results: list[Result] = []
    for count in batches:
        able = [generator for generator in generators if count <= (generator.max_batch or count)]
        batch = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), np.uint8)
        times = _interleaved(able, batch, warm_up_s, duration_s, clock)
        results.extend(_result(generator, count, taken) for generator, taken in zip(able, times, strict=True))
    return Report(graph, size, machine(), warm_up_s, duration_s, tuple(results))


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    from engines.gpu import find_gpus

    gpus = find_gpus()
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processor": _processor(),
        "gpu": ", ".join(gpu.name for gpu in gpus.found) or "none",
    }


def runtimes(path: Path, only: Sequence[str] = ()) -> list[Generator]:
    """Every runtime of this machine that runs the graph; what cannot is told on standard error.

    Raises:
        EngineError: none can.
    """
    from engines.load import load_tensorrt
    from engines.onnx_cpu import OnnxCpuGenerator
    from engines.openvino_cpu import OpenVinoGenerator

    makers: dict[str, Callable[[], Generator]] = {
        "onnxruntime": lambda: OnnxCpuGenerator(path),
        "openvino-fp32": lambda: OpenVinoGenerator(path, precision="fp32"),
        "openvino": lambda: OpenVinoGenerator(path),
        "tensorrt": lambda: load_tensorrt(path, OnnxCpuGenerator(path).size),
    }
    if unknown := set(only) - makers.keys():
        raise EngineError(f"no such runtime {', '.join(sorted(unknown))}: choose from {', '.join(makers)}")
    made: list[Generator] = []
    for name, make in makers.items():
        if only and name not in only:
            continue
        try:
            made.append(make())
        except (EngineError, ImportError) as error:
            print(f"without {name}: {error}", file=sys.stderr)
    unique = {generator.runtime: generator for generator in made}
    if not unique:
        raise EngineError(f"nothing on this machine runs {path}: see `python -m engines.doctor`")
    return list(unique.values())


def _interleaved(
    generators: Sequence[Generator], batch: Batch, warm_up_s: float, duration_s: float, clock: Clock
) -> list[list[float]]:
    """Milliseconds of each call of each generator; those of the warm-up are dropped."""
    times: list[list[float]] = [[] for _ in generators]
    start = clock()
    warm = len(generators) * warm_up_s
    # At least ten rounds, so that percentiles mean something however slow the machine is.
    while clock() - start < warm + len(generators) * duration_s or any(len(taken) < 10 for taken in times):
        for generator, taken in zip(generators, times, strict=True):
            begin = clock()
            generator(batch)
            end = clock()
            if begin - start >= warm:
                taken.append(1000 * (end - begin))
        if not generators:
            break
    return times


def _result(generator: Generator, count: int, times_ms: list[float]) -> Result:
    latency = Figures.of(times_ms)
    stages: Any = getattr(generator, "stage_ms", None)
    on_device = [stages(count) for _ in range(min(200, len(times_ms)))] if stages else []
    figures = [Figures.of(column) for column in zip(*on_device, strict=True)] if on_device else [None, None, None]
    return Result(generator.runtime, count, latency, round(1000 * count / latency.mean, 2), *figures)


def _stages(result: Result) -> str:
    if result.host_to_device is None or result.compute is None or result.device_to_host is None:
        return ""
    return (
        f"   H2D {result.host_to_device.median:.3f}, compute {result.compute.median:.3f}, "
        f"D2H {result.device_to_host.median:.3f}"
    )


def _processor() -> str:
    """Name of the CPU and how many of its cores there are."""
    import os

    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m engines.bench", description="Time the generator alone.")
    parser.add_argument("graph", type=Path)
    parser.add_argument("--batches", type=int, nargs="+", default=list(BATCHES), metavar="N")
    parser.add_argument("--runtimes", nargs="+", default=[], metavar="NAME", help="default: all that are here")
    parser.add_argument("--warm-up", type=float, default=0.2, metavar="S", help="seconds (default: 0.2)")
    parser.add_argument("--duration", type=float, default=3.0, metavar="S", help="seconds per figure (default: 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures, too")
    given = parser.parse_args(arguments)
    try:
        generators = runtimes(given.graph, given.runtimes)
        report = measure(
            generators, given.graph.name, given.batches, warm_up_s=given.warm_up, duration_s=given.duration
        )
        print(report.table())
        if given.json:
            from engines.cache import write_whole

            write_whole(given.json, report.to_json().encode())
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
