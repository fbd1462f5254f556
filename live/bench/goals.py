"""What the TensorRT engine shall reach on a GPU, and whether it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engines.bench.timing import Result

ENGINE, EAGER = "tensorrt-fp16", "torch-cuda-eager"
COMPUTE_SHARE = 0.9
SPEED_UP = 3.0
TAIL = 1.3
Holds = Callable[[float], bool]


@dataclass(frozen=True)
class Goal:
    """One goal.

    Attributes:
        text: what is asked for.
        found: what was measured, for people.
        reached: None where it could not be measured.
    """

    text: str
    found: str
    reached: bool | None

    def __str__(self) -> str:
        sign = {True: "reached", False: "NOT reached", None: "not measured"}[self.reached]
        return f"{sign}: {self.text} ({self.found})"


def goals(results: Sequence[Result]) -> list[Goal]:
    """The three goals, judged by the results of `engines.bench.timing.measure`."""
    engine = {result.batch: result for result in results if result.name == ENGINE}
    eager = {result.batch: result for result in results if result.name == EAGER}
    return [_compute_share(engine), _speed_up(engine, eager), _tail(engine)]


def _compute_share(engine: dict[int, Result]) -> Goal:
    """Against the same plan with everything but the compute left out, at every batch size."""
    text = f"whole calls reach at least {COMPUTE_SHARE} of the plan's compute alone"
    shares = {
        batch: result.stages["compute"].median / result.latency.median
        for batch, result in engine.items()
        if result.stages
    }
    return _judged(text, shares, lambda share: share >= COMPUTE_SHARE)


def _speed_up(engine: dict[int, Result], eager: dict[int, Result]) -> Goal:
    text = f"at least {SPEED_UP} times PyTorch eager fp16 at batch 1"
    ratios = {1: eager[1].latency.median / engine[1].latency.median} if 1 in engine and 1 in eager else {}
    return _judged(text, ratios, lambda ratio: ratio >= SPEED_UP)


def _tail(engine: dict[int, Result]) -> Goal:
    text = f"p99 below {TAIL} times the median"
    ratios = {batch: result.latency.p99 / result.latency.median for batch, result in engine.items()}
    return _judged(text, ratios, lambda ratio: ratio < TAIL)


def _judged(text: str, values: dict[int, float], holds: Holds) -> Goal:
    if not values:
        return Goal(text, f"{ENGINE} did not run, or what it is compared with did not", None)
    found = ", ".join(f"batch {batch}: {value:.2f}" for batch, value in sorted(values.items()))
    return Goal(text, found, all(holds(value) for value in values.values()))
