"""The eyes of a drawing are cut out with what belongs to them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twingan.heads import CENTRES, SKIN, drawing
from twingan.brush import SIZE, UNIT
from twingan.drawn_eyes import CUT, DrawnEyes
from twingan.drawn_parts import to_lab


@pytest.fixture(scope="module")
def eyes() -> DrawnEyes:
    return DrawnEyes.of(drawing())


def test_both_are_cut_out_around_their_middle(eyes: DrawnEyes) -> None:
    top, bottom, left, right = CUT
    assert eyes.cut.shape == (2, 6, (bottom - top) * UNIT, (right - left) * UNIT)
    assert eyes.apart == pytest.approx(CENTRES[1][0] - CENTRES[0][0], abs=0.15)
    assert eyes.skin == pytest.approx(to_lab(np.array([[SKIN]], np.uint8))[0, 0], abs=1)
    for lab in eyes.cut[:, :3]:
        assert lab[2, round(-top * UNIT), round(-left * UNIT)] < -30  # blue


def test_iris_eye_and_skin_are_told_apart(eyes: DrawnEyes) -> None:
    for iris, shape, skin in eyes.cut[:, 3:]:
        middle = np.s_[round(-CUT[0] * UNIT), round(-CUT[2] * UNIT)]
        assert iris[middle] > 0.9 and shape[middle] > 0.99 and skin[middle] < 0.1
        assert shape[-1].max() < 0.01 and skin[-8, 36] > 0.9
        assert iris.mean() < shape.mean() < 0.6


def test_a_drawing_without_hair_or_eyes_is_refused() -> None:
    with pytest.raises(ValueError, match="name another"):
        DrawnEyes.of(np.full((SIZE, SIZE, 3), 255, np.uint8))
    with pytest.raises(ValueError, match="no eyes"):
        DrawnEyes.of(drawing(()))
