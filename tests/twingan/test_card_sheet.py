"""Contact sheets show faces above their portraits, also faces that act."""

from __future__ import annotations

import numpy as np

from tests.twingan.acting import installed, portrait
from twingan.card_sheet import acting, sheet
from twingan.evaluation import extras
from twingan.face_points import FacePoints


def test_faces_are_above_their_portraits() -> None:
    faces, portraits = (np.full((5, 8, 8, 3), value, np.uint8) for value in (10, 200))
    whole = sheet(faces[:4], portraits[:4], columns=2)
    assert whole.shape == (32, 16, 3)
    assert whole[:8].max() == 10 and whole[8:16].min() == 200 and whole[16:24].max() == 10


@installed
def test_each_face_is_shown_as_it_is_then_blinking_winking_and_speaking() -> None:
    face = portrait()
    plain, shut, winking, speaking = acting(face[None], FacePoints(extras.FOLDER)).astype(int)
    assert np.array_equal(plain, face)
    left, right, mouth = np.s_[100:125, 80:124], np.s_[100:125, 132:176], np.s_[172:200, 100:156]

    def changed(picture: np.ndarray, where: tuple[slice, slice]) -> bool:
        return bool(np.abs(picture - plain)[where].mean() > 2)

    assert changed(shut, left) and changed(shut, right) and not changed(shut, mouth)
    assert changed(winking, left) and not changed(winking, right)
    assert changed(speaking, mouth) and not changed(speaking, left)
