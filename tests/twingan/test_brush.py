"""What is laid onto a head is seen, and known."""

from __future__ import annotations

import numpy as np
import pytest

from twingan.brush import SIZE, UNIT, Canvas, ellipse, filled, lined


def test_colours_cover_what_was_there_and_the_canvas_knows_where() -> None:
    head = Canvas.of(np.full((SIZE, SIZE, 3), 80, np.float32))
    share = ellipse(8, 8, 2, 2, 2)
    after = head.under(np.array((20.0, 0.0, 0.0)), share)
    assert after.lab[128, 128].tolist() == [20, 0, 0] and after.lab[0, 0].tolist() == [80, 80, 80]
    assert np.array_equal(after.painted, share) and head.painted.max() == 0
    assert np.array_equal(after.under(np.array((0.0, 0.0, 0.0)), 0.5 * share).painted, share)


def test_shapes_are_as_large_as_told() -> None:
    round_one, square = ellipse(8, 8, 2, 2, 2), filled(np.array([[6.0, 6], [10, 6], [10, 10], [6, 10]]))
    assert round_one.sum() == pytest.approx(np.pi * (2 * UNIT) ** 2, rel=0.05)
    assert square.sum() == pytest.approx((4 * UNIT) ** 2, rel=0.05)


def test_lines_are_thinner_towards_their_ends() -> None:
    line = lined(np.stack([np.linspace(4, 12, 41), np.full(41, 8.0)], 1), 0.3)
    thick = line.sum(0)
    assert 0.3 * UNIT <= thick[int(8 * UNIT)] < 0.3 * UNIT + 3
    assert thick[int(4.2 * UNIT)] < 0.7 * thick[int(8 * UNIT)]
    assert thick[: int(3.5 * UNIT)].max() == 0
