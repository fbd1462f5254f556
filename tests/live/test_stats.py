from __future__ import annotations

import pytest

from live.stats import Rate, Spread, Stopwatch, Timings, spread
from tests.live.fakes import Clock


def test_spread_is_the_median_and_the_95th_percentile() -> None:
    assert spread([float(value) for value in range(101)]) == Spread(50.0, 95.0)
    assert spread([3.0]) == Spread(3.0, 3.0)
    assert spread([]) == Spread(0.0, 0.0)


def test_rate_counts_the_last_seconds_only() -> None:
    clock = Clock()
    rate = Rate(clock, span_s=2.0)
    for _ in range(60):
        clock.now += 0.1
        rate.count()
    assert rate.per_second() == pytest.approx(10, abs=0.5)
    clock.now += 5
    assert rate.per_second() == 0
    assert rate.total == 60


def test_rate_does_not_start_low() -> None:
    clock = Clock()
    rate = Rate(clock, span_s=3.0)
    for _ in range(10):
        clock.now += 0.1
        rate.count()
    assert rate.per_second() == pytest.approx(10)


def test_timings_forget_what_is_older_than_their_window() -> None:
    timings = Timings(window=3)
    for duration in (100.0, 1.0, 2.0, 3.0):
        timings.add({"detect": duration})
    timings.add({"encode": 9.0})
    assert timings.samples() == {"detect": [1.0, 2.0, 3.0], "encode": [9.0]}
    assert timings.spreads()["detect"].median == 2.0


def test_stopwatch_books_each_lap_and_adds_up_laps_of_one_name() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    clock.now += 0.5
    watch.lap("crop")
    clock.now += 0.25
    watch.lap("generate")
    clock.now += 0.5
    watch.lap("crop")
    assert watch.laps_ms == {"crop": 1000.0, "generate": 250.0}
