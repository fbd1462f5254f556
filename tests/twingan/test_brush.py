"""Shapes come where they should, soft at their edges."""

from __future__ import annotations

import torch

from twingan.brush import SIZE, UNIT, below, ellipse, grid, laid, mixed, near, stroke, within

AREA = (4.0, 8.0, 2.0, 12.0)


def test_a_part_is_laid_where_it_was_cut_out() -> None:
    picture = torch.rand(2, 3, SIZE, SIZE)
    part = torch.zeros(2, 3, int(4 * UNIT), int(10 * UNIT))
    whole = laid(picture, AREA, part)
    inside = torch.zeros(SIZE, SIZE, dtype=torch.bool)
    inside[int(4 * UNIT) : int(8 * UNIT), int(2 * UNIT) : int(12 * UNIT)] = True
    assert (whole[..., inside] == 0).all() and torch.equal(whole[..., ~inside], picture[..., ~inside])
    x, y = grid(AREA)
    assert x.shape[-2:] == part.shape[-2:] and (x[0, 0, 0, 0], y[0, 0, 0, 0]) == (2, 4)


def test_an_egg_is_higher_above_than_below() -> None:
    x, y = grid((0, 16, 0, 16))
    egg = ellipse(x - 8, y - 8, 2.0, 4.0, 1.0)[0, 0]
    assert egg[128, 128] == 1 and egg[0, 0] == 0
    rows, columns = torch.where(egg > 0.5)
    assert [rows.min(), rows.max(), columns.min()] == [128 - 4 * 16 + 1, 128 + 15, 128 - 2 * 16 + 1]
    assert 0 < egg[128, 128 + 32] < 1


def test_a_stroke_is_thinner_at_its_ends_and_ends_there() -> None:
    x, y = grid((0, 16, 0, 16))
    line = stroke(y - 8, (x - 8) / 4, 1.0)[0, 0]
    middle, side = line[:, 128].sum(), line[:, 128 + 56].sum()
    assert abs(middle - 16) < 1.5 and 0.3 * middle < side < 0.6 * middle
    assert line[128, : 128 - 70].max() == 0
    assert within(torch.tensor([0.0, 0.9, 1.2])).tolist() == [1, 1, 0]


def test_below_a_line_is_lower_in_the_picture() -> None:
    assert below(torch.tensor(5.0), torch.tensor([4.0, 6.0])).tolist() == [0, 1]


def test_near_and_mixed_go_from_one_to_the_other() -> None:
    assert near(torch.tensor([1.0, 3.0, 9.0]), 2, 4).tolist() == [1, 0.5, 0]
    assert mixed(torch.tensor(2.0), torch.tensor(4.0), torch.tensor(0.5)) == 3
