"""Glasses are painted where a head has its eyes, and one sees through them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.twingan.heads import CENTRES, NEARER, SKIN, Places, drawing
from twingan.brush import UNIT
from twingan.drawn_parts import to_lab
from twingan.eye_places import AREA, Eyes
from twingan.likeness import area_of
from twingan.painted_glasses import LOW, PaintedGlasses
from twingan.pixels import to_pictures, to_tensor

TOP, _, LEFT, _ = AREA


def with_glasses(
    centres: Places = CENTRES, worn: float = 1.0, dark: float = 0.0, hair: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """The area of the eyes of a head before and after, RGB uint8 [H,W,3]."""
    head = area_of(to_tensor(drawing(centres)[None]), AREA)
    (left, y), (right, _) = centres
    eyes = Eyes(*(torch.tensor(value).view(1, 1, 1, 1) for value in (left, right, y)))
    amounts = (torch.tensor(value).view(1, 1, 1, 1) for value in (worn, dark))
    with torch.no_grad():
        after = PaintedGlasses()(head, torch.full_like(head[:, :1], hair), eyes, *amounts)
    return to_pictures(head)[0], to_pictures(after)[0]


def at(picture: np.ndarray, x: float, y: float) -> np.ndarray:
    return np.asarray(picture[round((y - TOP) * UNIT), round((x - LEFT) * UNIT)])


@pytest.mark.parametrize("centres", [CENTRES, NEARER])
def test_a_dark_rim_is_around_each_eye_and_between_both_a_bridge(centres: Places) -> None:
    _, after = with_glasses(centres)
    dark = to_lab(after)[..., 0] < 45
    for x, y in centres:
        column = np.flatnonzero(dark[:, round((x - LEFT) * UNIT)])
        middle = (y + LOW - TOP) * UNIT
        assert column.min() < middle - 20 and column.max() > middle + 20
    nose = round((8.0 - LEFT) * UNIT)
    assert dark[round((centres[0][1] - 0.6 - TOP) * UNIT) : round((centres[0][1] + 0.3 - TOP) * UNIT), nose].any()
    assert not dark[round((centres[0][1] + 0.8 - TOP) * UNIT) :, nose].any()


def test_one_sees_through_them_but_for_some_light_on_them() -> None:
    before, after = with_glasses()
    for x, y in CENTRES:
        assert np.array_equal(at(before, x, y + 0.5), at(after, x, y + 0.5))
    assert (after.astype(int) - before > 30).any()


def test_dark_ones_hide_the_eyes() -> None:
    _, clear = with_glasses()
    _, dark = with_glasses(dark=1.0)
    for x, y in CENTRES:
        assert to_lab(dark)[..., 0][round((y + 0.5 - TOP) * UNIT), round((x - LEFT) * UNIT)] < 45
    lens = (to_lab(clear) - to_lab(dark))[..., 0] > 5
    assert 0.2 < lens.mean() < 0.6


def test_who_wears_none_gets_none() -> None:
    before, after = with_glasses(worn=0.0, dark=1.0)
    assert np.array_equal(before, after)


def test_temples_vanish_behind_hair() -> None:
    outer = CENTRES[0][0] - 2.1
    _, seen = with_glasses()
    before, hidden = with_glasses(hair=1.0)
    columns = slice(0, round((outer - 0.1 - LEFT) * UNIT))
    assert (seen[:, columns] != before[:, columns]).any()
    assert np.array_equal(hidden[:, columns], before[:, columns])


def test_heads_with_eyes_near_each_other_have_room_for_the_bridge() -> None:
    before, after = with_glasses(((6.2, 7.5), (9.8, 7.5)))
    beside_nose = at(after, 8.0, 8.6), at(before, 8.0, 8.6)
    assert np.array_equal(*beside_nose) and tuple(beside_nose[0]) == SKIN
