"""Figures are computed rightly and runtimes take turns."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engines import DeviceError, EngineError
from engines.base import Batch
from engines.bench.timing import STAGE_CALLS, Contender, Figures, Plan, Result, measure, rotated
from engines.trt import TrtGenerator
from tests.engines.fakes import FakeDevice, FakeExecutor


class Timed:
    """A generator that takes a told time by an injected clock.

    Args:
        name: its runtime.
        cost: seconds per call.
        world: the clock and the order of calls, shared.
        max_batch: as `Generator`.
    """

    size = 8

    def __init__(self, name: str, cost: float, world: World, max_batch: int | None = None) -> None:
        self.runtime, self.max_batch = name, max_batch
        self._cost, self._world = cost, world

    def __call__(self, batch: Batch) -> Batch:
        self._world.now += self._cost * (2 if self._world.now >= self._world.slower_after else 1)
        self._world.calls.append(self.runtime)
        return batch

    def close(self) -> None:
        """Nothing to close."""


class World:
    """A clock that moves only when a generator works, which takes twice as long after `slower_after` seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[str] = []
        self.slower_after = float("inf")

    def clock(self) -> float:
        return self.now


def test_figures() -> None:
    figures = Figures.of([float(value) for value in range(1, 101)])
    assert (figures.min, figures.mean, figures.median) == (1.0, 50.5, 50.5)
    assert (figures.p90, figures.p95, figures.p99) == pytest.approx((90.1, 95.05, 99.01))


def contenders(*generators: Timed) -> list[Contender]:
    return [Contender(each.runtime, "fp32", "cpu", each) for each in generators]


def timed(world: World, generators: Sequence[Timed], batches: Sequence[int], plan: Plan) -> list[Result]:
    return measure(contenders(*generators), batches, plan, clock=world.clock)


def test_every_contender_is_timed_at_every_batch() -> None:
    world = World()
    fast, slow = Timed("fast", 0.010, world), Timed("slow", 0.030, world)
    results = timed(world, [fast, slow], (1, 2), Plan(rounds=2, warm_up_s=0.1, duration_s=1.0))
    assert [(result.name, result.batch) for result in results] == [("fast", 1), ("slow", 1), ("fast", 2), ("slow", 2)]
    assert [result.latency.median for result in results] == pytest.approx([10, 30, 10, 30])
    assert [result.pictures_per_second for result in results] == pytest.approx([100, 33.33, 200, 66.67])
    assert [len(result.rounds_ms) for result in results] == [2, 2, 2, 2]
    assert 99 <= results[0].latency.calls <= 102  # two rounds of 0.5 s, 10 ms each


def test_warm_up_calls_are_not_timed() -> None:
    world = World()
    generator = Timed("cold", 0.010, world)
    (result,) = timed(world, [generator], (1,), Plan(rounds=1, warm_up_s=0.5, duration_s=1.0))
    assert len(world.calls) - result.latency.calls == pytest.approx(50, abs=2)


def test_a_slow_machine_is_seen_in_the_rounds_and_hits_all_alike() -> None:
    world = World()
    one, other = Timed("one", 0.010, world), Timed("other", 0.010, world)
    world.slower_after = 2.1  # Of 4.2 s in all: the second round.
    results = timed(world, [one, other], (1,), Plan(rounds=2, warm_up_s=0.0, duration_s=2.0))
    for result in results:
        assert result.rounds_ms == pytest.approx((10, 20))


def test_the_order_rotates() -> None:
    assert [rotated("abc", turn) for turn in range(4)] == [list("abc"), list("bca"), list("cab"), list("abc")]
    assert rotated([], 2) == []


def test_a_very_slow_runtime_is_timed_all_the_same() -> None:
    world = World()
    (result,) = timed(world, [Timed("slow", 60.0, world)], (1,), Plan(rounds=2, warm_up_s=0, duration_s=1))
    assert result.latency.calls == 6


def test_batches_a_runtime_cannot_take_are_left_out() -> None:
    world = World()
    both = [Timed("any", 0.1, world), Timed("four", 0.1, world, 4)]
    results = timed(world, both, (4, 8), Plan(1, 0.0, 0.1))
    assert [(result.name, result.batch) for result in results] == [("any", 4), ("four", 4), ("any", 8)]


def test_stages_of_the_device_are_measured_besides() -> None:
    device = FakeDevice()
    generator = TrtGenerator(FakeExecutor(device), device)
    (result,) = measure([Contender("tensorrt-fp16", "fp16", "cuda", generator)], (2,), Plan(2, 0.0, 0.01))
    assert result.stages
    assert {name: (found.calls, found.median) for name, found in result.stages.items()} == dict.fromkeys(
        ("host_to_device", "compute", "device_to_host"), (2 * STAGE_CALLS, 0.5)
    )


def test_each_stage_is_launched_as_calls_are_and_prepared_once() -> None:
    for captures in (True, False):
        device = FakeDevice(captures)
        generator = TrtGenerator(FakeExecutor(device), device)
        device.log.clear()
        generator.stage_ms(2)
        assert device.log.count("capture") == (3 if captures else 0)
        device.log.clear()
        generator.stage_ms(2)
        assert device.log.count("capture") == 0
        assert device.log.count("launch") == (3 if captures else 0)


def test_who_fails_is_left_out_and_the_others_go_on() -> None:
    world, device = World(), FakeDevice()
    broken = TrtGenerator(FakeExecutor(device), device)
    device.fail = "synchronize"
    both = [Contender("broken", "fp16", "cuda", broken), *contenders(Timed("sound", 0.01, world))]
    told: list[tuple[str, str]] = []
    plan = Plan(2, 0.0, 0.1)
    results = measure(
        both, (1, 2), plan, clock=world.clock, give_up=lambda name, error: told.append((name, str(error)))
    )
    assert [(result.name, result.batch) for result in results] == [("sound", 1), ("sound", 2)]
    assert told == [("broken", "the GPU failed (synchronize)")]
    with pytest.raises(DeviceError):
        measure(both, (1,), plan, clock=world.clock)


def test_different_sizes_are_refused() -> None:
    with pytest.raises(EngineError, match="one size"):
        measure([], (1,), Plan())
