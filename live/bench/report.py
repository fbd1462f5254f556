"""Everything that one run of the benchmark measures, in order, as one JSON-ready report."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.bench import contenders, probe, timing
from engines.bench.limit import limits
from engines.errors import EngineError
from engines.graph_file import sha256
from live.bench.cases import PACES, LiveResult, measure_live
from live.bench.files import FORMAT
from live.bench.goals import goals
from live.bench.machine import machine
from live.settings import Settings

if TYPE_CHECKING:
    from engines.bench.count import Work

Phase = Callable[[str, int], AbstractContextManager[Callable[[str], None]]]
"""Opens the display of one phase with so many steps; what it gives is told each step."""


@contextmanager
def silent(label: str, steps: int) -> Iterator[Callable[[str], None]]:
    """A `Phase` that shows nothing."""
    yield lambda done: None


@dataclass(frozen=True)
class Wanted:
    """What to measure.

    Attributes:
        graph: ONNX graph that keeps the contract.
        runtimes: names of `engines.bench.contenders.kinds`; () for all that this machine has.
        batches: pictures per call, for the generator alone.
        plan: how long for the generator alone; its rounds are those of the live path, too.
        faces: for the live path; () leaves it out.
        frame: width and height of the camera's frames.
        view: one of `live.views.VIEWS`.
        upscale: one of `live.upscaling.SCALES`.
        live_s: measured seconds of each run of the live path at the camera's pace.
        quick: rates of the devices from tiny products: for tests.
        command: as it was typed.
    """

    graph: Path
    runtimes: tuple[str, ...] = ()
    batches: tuple[int, ...] = timing.BATCHES
    plan: timing.Plan = field(default_factory=timing.Plan)
    faces: tuple[int, ...] = (1, 2, 4)
    frame: tuple[int, int] = (640, 480)
    view: str = "side-by-side"
    upscale: int = 1
    live_s: float = 1.5
    quick: bool = False
    command: tuple[str, ...] = ()


def measure(wanted: Wanted, phase: Phase = silent) -> dict[str, Any]:
    """Measure it all; takes minutes.

    Raises:
        EngineError: the graph cannot be used, a runtime is missing that was asked for by name, or none runs to the end.
    """
    found = machine()  # Before the benchmark itself is the load.
    chosen = contenders.choose(wanted.runtimes, contenders.kinds())
    # The clip has moments with other numbers of faces: nothing may be compiled in the middle of a run.
    batches = sorted({*wanted.batches, *range(1, max(wanted.faces, default=0) + 1)})
    with phase("loading", len(chosen)) as watch:
        field = contenders.load(wanted.graph, chosen, batches, required=bool(wanted.runtimes), watch=watch)
    try:
        return _report(wanted, found, field, phase)
    finally:
        field.close()


def _report(wanted: Wanted, found: dict[str, Any], field: contenders.Field, phase: Phase) -> dict[str, Any]:
    without = dict(field.without)

    def give_up(name: str, error: Exception) -> None:
        without[name] = f"failed while it was measured: {error}"

    before = _rates(wanted, field.contenders, phase)
    alone = _alone(wanted, field.contenders, phase, give_up)
    able = [contender for contender in field.contenders if contender.name not in without]
    if not able:
        raise EngineError(f"nothing on this machine runs {wanted.graph} to the end: {'; '.join(without.values())}")
    live = _live(wanted, able, phase, give_up)
    rates = before.best(_rates(wanted, field.contenders, phase))
    work, unknown = _work(wanted)
    return {
        "format": FORMAT,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": shlex.join(wanted.command),
        "machine": found,
        "graph": {
            "name": wanted.graph.name,
            "sha256": sha256(wanted.graph),
            "size": field.contenders[0].generator.size,
        },
        "plan": asdict(wanted.plan) | _told_live(wanted),
        "without": without,
        "parity": {name: asdict(parity) for name, parity in field.parity.items()},
        "generator": [asdict(result) for result in alone],
        "live": [asdict(result) for result in live],
        "work": {str(batch): asdict(each) for batch, each in work.items()} | ({"unknown": unknown} if unknown else {}),
        "rates": _told(rates),
        "limits": [asdict(bound) for bound in limits(alone, work, rates)],
        "goals": [asdict(goal) for goal in goals(alone)],
    }


def _alone(
    wanted: Wanted, able: Sequence[timing.Contender], phase: Phase, give_up: timing.GiveUp
) -> list[timing.Result]:
    turns = [each for each in able for count in wanted.batches if count <= (each.generator.max_batch or count)]
    with phase("generator alone", wanted.plan.rounds * len(turns)) as watch:
        return timing.measure(able, wanted.batches, wanted.plan, watch=watch, give_up=give_up)


def _live(wanted: Wanted, able: Sequence[timing.Contender], phase: Phase, give_up: timing.GiveUp) -> list[LiveResult]:
    if not wanted.faces:
        return []
    settings = Settings(
        source="demo", view=wanted.view, style=wanted.graph, models=wanted.graph.parent, upscale=wanted.upscale
    )
    rounds = wanted.plan.rounds
    with phase("live path", rounds * len(able) * len(wanted.faces) * len(PACES)) as watch:
        return measure_live(
            able,
            wanted.faces,
            wanted.frame,
            settings,
            rounds=rounds,
            seconds=wanted.live_s,
            watch=watch,
            give_up=give_up,
        )


def _told_live(wanted: Wanted) -> dict[str, Any]:
    told = {"live_s": wanted.live_s, "frame": list(wanted.frame), "view": wanted.view}
    # Not told where it is off, as in reports from before there was upscaling: those stay comparable.
    return told | ({"upscale": wanted.upscale} if wanted.upscale > 1 else {})


def _rates(wanted: Wanted, able: Sequence[timing.Contender], phase: Phase) -> probe.Rates:
    """What the devices can do; measured before and after everything else."""
    with phase("limits of the device", 1) as watch:
        rates = probe.probe(((each.device, each.precision) for each in able), probe.probes(quick=wanted.quick))
        watch("matrix products and copies")
    return rates


def _work(wanted: Wanted) -> tuple[dict[int, Work], str]:
    """The graph's work by batch, or why it is not known."""
    if not find_spec("onnx"):
        return {}, "onnx is not installed: `pip install -r requirements-bench.txt`"
    from engines.bench.count import count
    from engines.surgery import read_model

    try:
        return {batch: count(read_model(wanted.graph), batch) for batch in wanted.batches}, ""
    except EngineError as error:
        return {}, str(error)


def _told(rates: probe.Rates) -> dict[str, Any]:
    products = {f"{device} {precision}": asdict(rate) for (device, precision), rate in rates.macs.items()}
    return products | {f"{device} copy": asdict(rate) for device, rate in rates.copied.items()}
