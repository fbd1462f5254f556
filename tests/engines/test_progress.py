"""Nested phases become one share that only grows and ends at one."""

from __future__ import annotations

from engines.progress import BuildProgress


def test_a_flat_build() -> None:
    progress = BuildProgress()
    progress.phase_start("build", None, 4)
    shares = []
    for step in range(4):
        assert progress.step_complete("build", step)
        shares.append(progress.share)
    assert shares == [0.25, 0.5, 0.75, 1.0]


def test_a_nested_phase_fills_one_step_of_its_parent() -> None:
    progress = BuildProgress()
    progress.phase_start("build", None, 2)
    progress.phase_start("tactics", "build", 10)
    progress.step_complete("tactics", 4)
    assert (progress.share, progress.label) == (0.25, "tactics")
    progress.phase_finish("tactics")
    assert (progress.share, progress.label) == (0.5, "build")
    progress.step_complete("build", 0)
    assert progress.share == 0.5
    progress.phase_start("write", "build", 1)
    progress.phase_finish("write")
    assert progress.share == 1.0


def test_phases_that_count_wrongly_do_no_harm() -> None:
    progress = BuildProgress()
    progress.phase_start("build", None, 0)
    progress.step_complete("build", 7)
    progress.step_complete("never started", 3)
    progress.phase_finish("never started")
    assert progress.share == 1.0


def test_cancelling_stops_the_next_step() -> None:
    progress = BuildProgress()
    progress.phase_start("build", None, 10)
    assert progress.step_complete("build", 0)
    progress.cancelled.set()
    assert not progress.step_complete("build", 1)
