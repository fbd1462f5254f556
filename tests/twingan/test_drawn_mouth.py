"""A mouth is drawn as it is asked for."""

from __future__ import annotations

import numpy as np

from tests.twingan.test_drawn_eyes import around, drawing
from twingan.brush import Canvas
from twingan.drawn_mouth import MOUTH, with_mouth
from twingan.drawn_parts import Lab, skin_of, to_lab


def mouth(gap: float, smile: float) -> Lab:
    lab = to_lab(drawing())
    return around(with_mouth(Canvas.of(lab), skin_of(lab), gap, smile).lab, *MOUTH)


def test_a_mouth_opens() -> None:
    red = [(mouth(gap, 0.0)[:, 1] > 25).sum() for gap in (0.0, 0.4, 1.0)]
    assert red[0] == 0 < red[1] < red[2]


def test_the_corners_of_a_smile_go_up() -> None:
    rows = [np.flatnonzero((mouth(0.0, smile)[:, 0].reshape(32, 32) < 60).any(1)) for smile in (0.0, 1.0)]
    assert np.ptp(rows[1]) > np.ptp(rows[0])
