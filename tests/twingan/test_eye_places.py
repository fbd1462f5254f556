"""A drawn head's own eyes are found, and their places do not tremble."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twingan.heads import CENTRES, NEARER, Places, drawing
from twingan.brush import UNIT
from twingan.eye_places import found


@pytest.mark.parametrize("own", [CENTRES, NEARER])
def test_eyes_are_found(own: Places) -> None:
    assert np.abs(np.array(found(drawing(own))) - own).max() < 0.45


def test_they_are_found_in_larger_and_smaller_drawings_too() -> None:
    for other in (drawing().repeat(2, 0).repeat(2, 1), drawing()[::4, ::4]):
        assert np.abs(np.array(found(other)) - np.array(found(drawing()))).max() < 0.3


def test_noise_hardly_moves_them() -> None:
    noise = np.random.default_rng(0).normal(0, 4, drawing().shape)
    noisy = (drawing() + noise).clip(0, 255).astype(np.uint8)
    assert np.abs(np.array(found(noisy)) - np.array(found(drawing()))).max() * UNIT < 0.5


def test_a_moved_head_moves_them_as_far() -> None:
    moved = np.roll(drawing(), 2, 1)
    off = (np.array(found(moved)) - np.array(found(drawing()))) * UNIT
    assert np.abs(off[:, 0] - 2).max() < 0.6 and np.abs(off[:, 1]).max() < 0.3
