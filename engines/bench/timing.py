"""Timing generators in rounds, so that whatever else the machine does hits all alike.

In each round every runtime has its turn at every batch size: some calls to warm up, then calls that are timed. The
order rotates from round to round. A figure is of whole calls as the live path makes them: from pictures in the
caller's memory to portraits in the caller's memory, transfers included. Where the runtime can tell the stages on its
device apart they are measured besides.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from engines.base import Batch, Generator
from engines.errors import EngineError

BATCHES = (1, 2, 4, 8)
PERCENTILES = (50, 90, 95, 99)
STAGES = ("host_to_device", "compute", "device_to_host")
STAGE_CALLS = 50
"""So many times each stage is measured in a round."""
LEAST_CALLS = 3
"""In one round, however slow a runtime is."""
Clock = Callable[[], float]
T = TypeVar("T")
Watch = Callable[[str], None]
"""Told what was just measured."""
GiveUp = Callable[[str, Exception], None]
"""Told the name of a contender that failed, and why; it is left out from then on."""


def stop(name: str, error: Exception) -> None:
    """A `GiveUp` that does not go on without it."""
    raise error


@runtime_checkable
class Staged(Protocol):
    """A generator that can tell the stages on its device apart."""

    def stage_ms(self, count: int) -> tuple[float, float, float]:
        """Milliseconds for `count` pictures: (host to device, compute, device to host), each measured alone."""


@dataclass(frozen=True)
class Contender:
    """A loaded runtime that takes part.

    Attributes:
        name: how it is asked for, such as `openvino-bf16`.
        precision: what it computes in: fp32, fp16 or bf16.
        device: `cpu` or `cuda`.
        generator: the runtime itself.
    """

    name: str
    precision: str
    device: str
    generator: Generator


@dataclass(frozen=True)
class Figures:
    """Milliseconds of one kind of call.

    Attributes:
        calls: how many were timed.
        min, mean, median, p90, p95, p99: in milliseconds; percentiles are interpolated linearly.
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
    """One contender at one batch size.

    Attributes:
        name, precision, device: see `Contender`.
        runtime: what really executed, as `Generator.runtime` says.
        batch: pictures per call.
        latency: of a whole call.
        pictures_per_second: batch / mean latency, of one caller that waits for each call.
        rounds_ms: median of each round.
        stages: per name of `STAGES`; None where the runtime cannot tell them apart.
    """

    name: str
    precision: str
    device: str
    runtime: str
    batch: int
    latency: Figures
    pictures_per_second: float
    rounds_ms: tuple[float, ...]
    stages: dict[str, Figures] | None = None


@dataclass(frozen=True)
class Plan:
    """How long to measure; warm-up and duration mean what trtexec's --warmUp and --duration mean.

    Attributes:
        rounds: how often each contender has its turn.
        warm_up_s: untimed calls before each turn, seconds; at least one call.
        duration_s: timed calls of one contender at one batch size, all rounds together, seconds.
    """

    rounds: int = 3
    warm_up_s: float = 0.2
    duration_s: float = 2.0


def measure(
    contenders: Sequence[Contender],
    batches: Sequence[int],
    plan: Plan,
    *,
    clock: Clock = time.perf_counter,
    watch: Watch = lambda done: None,
    give_up: GiveUp = stop,
) -> list[Result]:
    """Time generators of one size; results are ordered by batch, then as the contenders are.

    Args:
        contenders: they take turns; batches beyond a generator's `max_batch` are left out for it.
        batches: pictures per call.
        plan: how long.
        clock: seconds.
        watch: told each turn.
        give_up: told who failed; the others go on.

    Raises:
        EngineError: no contender, generators of different sizes, or what `give_up` raises.
    """
    size = _common_size(contenders)
    pictures = np.random.default_rng(0).integers(0, 256, (max(batches), size, size, 3), np.uint8)
    able = [(count, each) for count in batches for each in contenders if count <= (each.generator.max_batch or count)]
    scores = {(count, each.name): _Score(each, pictures[:count]) for count, each in able}
    failed: set[str] = set()
    for turn in range(plan.rounds):
        for count, name in rotated(list(scores), turn):
            if name in failed:
                continue
            try:
                scores[count, name].take_turn(plan, clock)
            except EngineError as error:
                failed.add(name)
                give_up(name, error)
            watch(f"{name}, batch {count}")
    return [score.result() for (_, name), score in scores.items() if name not in failed]


def _common_size(contenders: Sequence[Contender]) -> int:
    sizes = {contender.generator.size for contender in contenders}
    if len(sizes) != 1:
        raise EngineError(f"expected generators of one size, got {sorted(sizes) or 'none'}")
    return sizes.pop()


def rotated(items: Sequence[T], by: int) -> list[T]:
    """The items with the first `by` of them at the end, so that nobody always follows the same one."""
    start = by % len(items) if items else 0
    return [*items[start:], *items[:start]]


class _Score:
    """What one contender takes for one batch size, turn by turn."""

    def __init__(self, contender: Contender, batch: Batch) -> None:
        self._contender, self._batch = contender, batch
        self._turns: list[list[float]] = []
        self._stages: list[tuple[float, float, float]] = []

    def take_turn(self, plan: Plan, clock: Clock) -> None:
        generator = self._contender.generator
        self._turns.append(_turn(generator, self._batch, plan, clock))
        if isinstance(generator, Staged):
            self._stages += [generator.stage_ms(len(self._batch)) for _ in range(STAGE_CALLS)]

    def result(self) -> Result:
        contender, count = self._contender, len(self._batch)
        latency = Figures.of([one for turn in self._turns for one in turn])
        columns = zip(STAGES, zip(*self._stages, strict=True), strict=True) if self._stages else ()
        return Result(
            name=contender.name,
            precision=contender.precision,
            device=contender.device,
            runtime=contender.generator.runtime,
            batch=count,
            latency=latency,
            pictures_per_second=round(1000 * count / latency.mean, 2),
            rounds_ms=tuple(float(np.median(turn)) for turn in self._turns),
            stages={name: Figures.of(column) for name, column in columns} or None,
        )


def _turn(generator: Generator, batch: Batch, plan: Plan, clock: Clock) -> list[float]:
    """Milliseconds of each timed call of one turn."""
    start = clock()
    generator(batch)
    while clock() - start < plan.warm_up_s:
        generator(batch)
    times: list[float] = []
    start = clock()
    while len(times) < LEAST_CALLS or clock() - start < plan.duration_s / plan.rounds:
        begin = clock()
        generator(batch)
        times.append(1000 * (clock() - begin))
    return times
