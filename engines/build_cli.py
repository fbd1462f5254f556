"""What `build_engine.py` does with its arguments."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from engines.base import Generator
from engines.build import Built, Measure, build
from engines.cache import Cache, write_whole
from engines.errors import EngineError
from engines.fingerprint import system
from engines.gpu import Gpus, find_gpus
from engines.graph_file import sha256
from engines.load import load_cpu
from engines.onnx_cpu import OnnxCpuGenerator
from engines.parity import Parity, compare, portraits
from engines.prepare import Contracted, contracted
from engines.request import Request
from engines.tensorrt_api import TensorRT, installed
from engines.wrap import Wishes

CPU_BATCHES = (1, 2, 4)


def run(given: argparse.Namespace) -> None:
    """Build what the command line asks for and print what came of it.

    Raises:
        EngineError: it cannot be built; the message names the remedy.
    """
    wishes = Wishes(given.size, given.input_range, given.output_range, given.bgr)
    graph = contracted(_as_onnx(given.graph, given.output, wishes), wishes, given.output)
    if graph.path != given.graph:
        print(f"wrote {graph.path}: the graph, wrapped to our contract ({graph.info.metadata['wrapped']})")
    gpus = find_gpus()
    api = _choose(given.flavour, gpus)
    if api is None:
        print(_cpu(graph, given.output))
        return
    request = Request(given.precision, given.max_batch, tuple(given.compute_capability), given.rebuild, given.force)
    print(_told(build_shown(graph, request, api, gpus, Cache(given.output)), api))


def build_shown(graph: Contracted, request: Request, api: TensorRT, gpus: Gpus, cache: Cache) -> Built:
    """`engines.build.build` with a progress bar on standard error."""
    from tqdm import tqdm

    layout = "{l_bar}{bar}| {elapsed} gone {postfix}"
    with tqdm(total=100, desc=f"{api.name} {request.precision}", bar_format=layout, leave=False) as bar:

        def watch(share: float, label: str, seconds: float) -> None:
            bar.set_postfix_str(label, refresh=False)
            bar.update(round(100 * share, 1) - bar.n)
            bar.refresh()

        return build(graph, request, api, gpus, cache, watch, _measure(graph) if gpus.found else None)


def _measure(graph: Contracted) -> Measure:
    """Runs a plan on the GPU against ONNX Runtime on the CPU."""

    def measure(api: TensorRT, plan: bytes) -> Parity:
        from engines.trt import load_plan

        pictures, source = portraits(graph.info.size)
        reference = OnnxCpuGenerator(graph.path)
        engine = load_plan(api, plan)
        try:
            return compare(engine, reference, pictures, source)
        finally:
            engine.close()

    return measure


def _as_onnx(path: Path, output: Path | None, wishes: Wishes) -> Path:
    """TensorFlow graphs are converted first."""
    if path.suffix != ".pb" and not (path / "saved_model.pb").is_file():
        return path
    from twingan.import_graph import import_graph

    target = (output or path.parent) / f"{path.stem}.onnx"
    return import_graph(path, target, wishes)


def _choose(flavour: str, gpus: Gpus) -> TensorRT | None:
    """The TensorRT to build with; None for the CPU."""
    if flavour == "cpu":
        return None
    if flavour in ("tensorrt", "rtx"):
        return TensorRT("rtx" if flavour == "rtx" else "tensorrt")
    found = installed()
    usable = [api for api in found.values() if isinstance(api, TensorRT) and (gpus.found or api.flavour == "rtx")]
    if usable:
        return usable[0]
    reasons = "; ".join([gpus.problem, *(str(error) for error in found.values() if isinstance(error, EngineError))])
    print(f"no TensorRT here ({reasons}): preparing for the CPU")
    return None


def _cpu(graph: Contracted, output: Path | None) -> str:
    """Try the graph on the CPU: figures as text, and as JSON beside the plans."""
    pictures, source = portraits(graph.info.size)
    reference = OnnxCpuGenerator(graph.path)
    generator = load_cpu(graph.path)
    report = {
        "graph": graph.path.name,
        "graph_sha256": sha256(graph.path),
        "runtime": generator.runtime,
        "system": system(),
        "size": graph.info.size,
        "median_ms": {str(count): _median_ms(generator, graph.info.size, count) for count in CPU_BATCHES},
        "parity": str(compare(generator, reference, pictures, source)),
    }
    path = Cache(output).folder / f"{graph.path.stem}-cpu.json"
    write_whole(path, (json.dumps(report, indent=2) + "\n").encode())
    times = ", ".join(f"{count} faces {ms} ms" for count, ms in _items(report["median_ms"]))
    return (
        f"{generator.runtime} runs {graph.path}: {times}; {report['parity']} against {reference.runtime}\nwrote {path}"
    )


def _items(values: object) -> list[tuple[str, float]]:
    return list(values.items()) if isinstance(values, dict) else []


def _median_ms(generator: Generator, size: int, count: int, calls: int = 10) -> float:
    batch = np.zeros((count, size, size, 3), np.uint8)
    generator(batch)  # The first call of a shape allocates.
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        generator(batch)
        times.append(time.perf_counter() - start)
    return round(1000 * float(np.median(times)), 2)


def _told(built: Built, api: TensorRT) -> str:
    sidecar = built.sidecar
    size = f"{sidecar.plan_bytes / 1e6:.1f} MB, compute capability {', '.join(sidecar.key.capabilities)}"
    if not built.fresh:
        return f"{built.plan} is valid ({api.name}, {size}): nothing to do"
    parity = "; ".join(f"{name}: {_figures(value)}" for name, value in (sidecar.parity or {}).items())
    return (
        f"built because {built.why}\n{parity}\n"
        f"wrote {built.plan} ({api.name}, {sidecar.key.precision}, {size}, {sidecar.build_seconds:.1f} s)"
    )


def _figures(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    return f"PSNR {value['psnr_db']} dB, largest difference {value['largest']} of 255"
