"""How long things took since the start, in fixed classes: what Prometheus adds up over time and machines."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

BOUNDS_MS = (1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 33.0, 50.0, 75.0, 100.0, 150.0, 250.0, 500.0, 1000.0, 2500.0)
"""Upper bounds of the classes, milliseconds; finest around one frame at 60 and at 30 frames a second."""


@dataclass(frozen=True)
class Histogram:
    """Durations since the start.

    Attributes:
        counts: durations in each class of `BOUNDS_MS` (upper bound included), and above the last, not added up.
        sum_ms: of all durations.
    """

    counts: tuple[int, ...] = (0,) * (len(BOUNDS_MS) + 1)
    sum_ms: float = 0.0

    @property
    def total(self) -> int:
        """How many durations there were."""
        return sum(self.counts)


class Tally:
    """Fills a histogram; the caller sees to it that one thread at a time does."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS_MS) + 1)
        self._sum_ms = 0.0

    def add(self, duration_ms: float) -> None:
        """One more duration, milliseconds."""
        self._counts[bisect_left(BOUNDS_MS, duration_ms)] += 1
        self._sum_ms += duration_ms

    def histogram(self) -> Histogram:
        """What was added so far."""
        return Histogram(tuple(self._counts), self._sum_ms)
