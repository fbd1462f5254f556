"""Points of a face tell what it does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.twingan.acting import HEIGHT, face, installed, portrait
from twingan import grimaces
from twingan.evaluation import extras
from twingan.evaluation.extras import ExtraMissingError
from twingan.face_points import FacePoints, expression


def test_open_eyes_and_a_closed_mouth() -> None:
    seen = expression(face())
    assert seen.eyes == pytest.approx((0.3, 0.3), abs=0.03)
    assert seen.mouth == pytest.approx(0, abs=1e-6)
    assert seen.turned == pytest.approx(0, abs=1e-6)


def test_one_eye_shut_the_mouth_open_and_smiling() -> None:
    seen = expression(face(lids=(0.0, 0.3), mouth=0.1, corners=0.03))
    assert seen.eyes[0] == pytest.approx(0, abs=1e-6)
    assert seen.eyes[1] == pytest.approx(0.3, abs=0.03)
    assert seen.mouth > 0.05
    assert seen.smile == pytest.approx(0.03 / HEIGHT + seen.mouth / 2, abs=0.03)


def test_a_head_turned_to_the_right_of_the_picture() -> None:
    assert expression(face(nose=0.05)).turned == pytest.approx(0.1, abs=0.02)


@installed
def test_a_portrait_that_is_made_to_blink_and_to_speak_is_seen_to_do_so() -> None:
    photo, points_of = portrait(), FacePoints(extras.FOLDER)
    points = points_of(photo)
    before = expression(points)
    assert min(before.eyes) > 0.2
    shut = grimaces.shut(grimaces.shut(photo, points, 0, 1.0), points, 1, 1.0)
    after = expression(points_of(shut))
    assert max(after.eyes) < 0.92 * min(before.eyes)  # the mesh sees only part of a blink
    speaking = expression(points_of(grimaces.opened(photo, points, 0.1)))
    assert speaking.mouth > before.mouth + 0.05
    assert np.abs(np.subtract(speaking.eyes, before.eyes)).max() < 0.05


def test_a_missing_wheel_is_named_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(ExtraMissingError, match=r"mediapipe-0\.10\.14.*pip download"):
        FacePoints(tmp_path)
    (tmp_path / "mediapipe-0.10.14-cp311-any.whl").write_bytes(b"no archive")
    with pytest.raises(ExtraMissingError, match="cannot be used"):
        FacePoints(tmp_path)
