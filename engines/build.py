"""Build a plan, or find the one that was built before."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from engines.cache import Cache, digest, write_whole
from engines.errors import EngineError
from engines.fingerprint import Key, Sidecar
from engines.gpu import Gpus
from engines.parity import Parity
from engines.prepare import Contracted, check_parity, for_tensorrt
from engines.progress import BuildProgress
from engines.request import Request, key_for
from engines.tensorrt_api import Order, Plan, TensorRT

Watch = Callable[[float, str, float], None]
"""Told the share done (0 .. 1), what is being done, and the seconds gone, several times a second."""
Measure = Callable[[TensorRT, bytes], Parity]
"""Runs a plan on the GPU against the CPU runtime."""


@dataclass(frozen=True)
class Built:
    """A plan with its sidecar; `fresh` if it was built just now, with what was wrong with an older one."""

    plan: Path
    sidecar: Sidecar
    fresh: bool
    why: str = ""


def build(
    graph: Contracted,
    request: Request,
    api: TensorRT,
    gpus: Gpus,
    cache: Cache,
    watch: Watch = lambda share, label, seconds: None,
    measure: Measure | None = None,
) -> Built:
    """The plan of a graph: from the cache if it is valid, else built, compared and stored.

    Ctrl-C stops the builder at its next step and leaves nothing behind. Two processes that want the same plan build it
    once.

    Args:
        graph: see `engines.prepare.contracted`.
        request: see `Request`.
        api: the TensorRT to build with.
        gpus: what `find_gpus` said.
        cache: where plans are kept.
        watch: see `Watch`.
        measure: see `Measure`; None where there is no GPU to run on.

    Raises:
        EngineError: it cannot be built, stored, or draws something else than the CPU.
    """
    key = key_for(graph.path, graph.info.size, api, gpus, request)
    plan = cache.plan_path(graph.path.name, key)
    with cache.lock(plan):
        why = "it was asked to be built again" if request.rebuild else cache.problem(plan, key)
        if why is None:
            from engines.cache import sidecar_path
            from engines.fingerprint import read_sidecar

            return Built(plan, read_sidecar(sidecar_path(plan)), fresh=False)
        sidecar = _build_and_store(graph, request, api, cache, plan, key, watch, measure)
        return Built(plan, sidecar, fresh=True, why=why)


def _build_and_store(
    graph: Contracted,
    request: Request,
    api: TensorRT,
    cache: Cache,
    plan: Path,
    key: Key,
    watch: Watch,
    measure: Measure | None,
) -> Sidecar:
    prepared, rewriting = for_tensorrt(graph, request.precision, api.opset)
    check_parity(rewriting, request.least_psnr_db, request.force)
    timing_path = cache.folder / f"timing-{api.flavour}-{api.version}-{'+'.join(key.capabilities)}.cache"
    timing = timing_path.read_bytes() if timing_path.is_file() else b""
    capabilities = key.capabilities if api.flavour == "rtx" else ()
    order = Order(graph.info.size, request.max_batch, request.precision, capabilities, timing)
    start = time.monotonic()
    made = _watched(api, prepared, order, watch)
    seconds = time.monotonic() - start
    measured = measure(api, made.data) if measure else None
    if measured:
        check_parity(measured, request.least_psnr_db, request.force)
    if made.timing:
        write_whole(timing_path, made.timing)
    sidecar = Sidecar(
        key=key,
        graph=graph.path.name,
        plan_sha256=digest(made.data),
        plan_bytes=len(made.data),
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        build_seconds=round(seconds, 2),
        flags=made.flags,
        parity={
            "rewritten graph on the CPU": asdict(rewriting),
            "engine on the GPU": asdict(measured) if measured else "not measured: no GPU here",
        },
    )
    cache.store(plan, made.data, sidecar)
    return sidecar


def _watched(api: TensorRT, graph: bytes, order: Order, watch: Watch) -> Plan:
    """Build in another thread, so that this one can show progress and take Ctrl-C."""
    progress = BuildProgress()
    result: list[Plan | EngineError] = []

    def work() -> None:
        try:
            result.append(api.build(graph, order, progress))
        except EngineError as error:
            result.append(error)

    worker = threading.Thread(target=work, name="engine-build")
    start = time.monotonic()
    worker.start()
    try:
        while worker.is_alive():
            worker.join(0.1)
            watch(progress.share, progress.label, time.monotonic() - start)
    except KeyboardInterrupt:
        progress.cancelled.set()
        worker.join()
        raise
    made = result[0] if result else EngineError(f"{api.name} failed without a reason")
    if isinstance(made, EngineError):
        raise made
    watch(1.0, "done", time.monotonic() - start)
    return made
