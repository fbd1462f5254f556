"""The roofline, against sums done by hand; rates measured on the processor that is here."""

from __future__ import annotations

import pytest

from engines.bench.count import Work
from engines.bench.limit import limits
from engines.bench.probe import CpuProbe, Rate, Rates, least_s, probe
from engines.bench.timing import Figures, Result

WORK = {1: Work(batch=1, macs=2_000_000, weights=1000, activations=50_000, pictures=6000)}


class FakeProbe:
    """A device of 10^9 multiply-accumulates (twice that in fp16) and 10^6 bytes a second; it knows no bf16."""

    def macs(self, precision: str) -> Rate | None:
        rate = {"fp32": 1e9, "fp16": 2e9}.get(precision)
        return Rate(rate, "fake") if rate else None

    def copied(self) -> Rate:
        return Rate(1e6, "fake")


def result(precision: str, median: float, compute: float | None = None, device: str = "cuda") -> Result:
    stages = (
        {name: Figures.of([compute]) for name in ("host_to_device", "compute", "device_to_host")} if compute else None
    )
    latency = Figures.of([median])
    return Result(f"x-{precision}", precision, device, "X 1.0", 1, latency, 1000 / median, (median,), stages)


def rates() -> Rates:
    return probe([("cuda", "fp32"), ("cuda", "fp16"), ("cuda", "bf16"), ("cpu", "fp32")], {"cuda": FakeProbe()})


def test_the_bound_is_the_slower_of_arithmetic_and_memory() -> None:
    (found,) = limits([result("fp32", 20.0)], WORK, rates())
    assert found.gmac == pytest.approx(0.002)
    assert found.arithmetic_ms == pytest.approx(2.0)  # 2e6 / 1e9 s
    assert found.memory_ms == pytest.approx(10.0)  # (1000 * 4 + 6000) / 1e6 s
    assert found.layers_ms == pytest.approx(210.0)  # + 50000 * 4 / 1e6 s
    assert found.bound_ms == pytest.approx(10.0)
    assert found.share == pytest.approx(0.5)


def test_half_precision_has_its_own_rate_and_width() -> None:
    (found,) = limits([result("fp16", 20.0)], WORK, rates())
    assert (found.arithmetic_ms, found.memory_ms) == pytest.approx((1.0, 8.0))


def test_the_device_is_judged_without_transfers_where_they_are_told_apart() -> None:
    (found,) = limits([result("fp32", 40.0, compute=20.0)], WORK, rates())
    assert found.reached_ms == pytest.approx(20.0)


def test_what_was_not_measured_has_no_limit() -> None:
    assert limits([result("bf16", 1.0), result("fp32", 1.0, device="cpu")], WORK, rates()) == []


def test_the_better_of_two_measurements_counts() -> None:
    one = Rates({("cpu", "fp32"): Rate(1.0, "a"), ("cpu", "bf16"): Rate(5.0, "a")}, {"cpu": Rate(9.0, "a")})
    other = Rates({("cpu", "fp32"): Rate(2.0, "b")}, {"cpu": Rate(3.0, "b")})
    best = one.best(other)
    assert best.macs == {("cpu", "fp32"): Rate(2.0, "b"), ("cpu", "bf16"): Rate(5.0, "a")}
    assert best.copied == {"cpu": Rate(9.0, "a")}


def test_this_processor_is_measured() -> None:
    found = probe([("cpu", "fp32")], {"cpu": CpuProbe(0.01, (64, 128), 1 << 20)})
    assert found.macs["cpu", "fp32"].per_second > 1e6
    assert "fp32" in found.macs["cpu", "fp32"].how
    assert found.copied["cpu"].per_second > 1e6


def test_the_shortest_time_counts() -> None:
    ticks = iter([0.0, 0.0, 3.0, 3.0, 4.0, 4.0, 6.0, 9.5])
    assert least_s(lambda: None, 9.0, lambda: next(ticks)) == 1.0
