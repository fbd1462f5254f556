import numpy as np
import pytest

from face_crop.align import crop_matrix
from face_crop.detect import MediaPipeDetector
from face_crop.smooth import PoseFilter, Smoothing
from tests.face_crop.faces import face_at
from tests.face_crop.measure_smoothing import clip, jitter, lag_ms, watch


def test_the_first_face_comes_back_as_it_is() -> None:
    face = face_at(310, 200, 90, degrees=170)
    steady = PoseFilter(Smoothing())(face, 0.0)
    np.testing.assert_allclose(steady.keypoints, face.keypoints, atol=1e-3)
    np.testing.assert_allclose(steady.box, face.box, atol=1e-3)


def test_a_face_that_rests_stays_exactly() -> None:
    steady, face = PoseFilter(Smoothing()), face_at(310, 200, 90, degrees=-20)
    for _ in range(10):
        smooth = steady(face, 1 / 30)
    np.testing.assert_allclose(crop_matrix(smooth, 256), crop_matrix(face, 256), atol=1e-3)


def test_a_head_that_turns_past_half_a_turn_is_not_spun_around() -> None:
    steady = PoseFilter(Smoothing())
    for degrees in range(170, 191, 1):
        smooth = steady(face_at(300, 200, 90, degrees), 1 / 30)
        right, left = smooth.eyes
        angle = np.rad2deg(np.arctan2(left[1] - right[1], left[0] - right[0])) % 360
        assert abs(angle - degrees) < 4


def test_size_and_rotation_come_through_a_long_gap_at_once() -> None:
    steady, later = PoseFilter(Smoothing()), face_at(400, 100, 200, 30)
    steady(face_at(300, 200, 100, 0), 0.0)
    np.testing.assert_allclose(steady(later, 1000.0).keypoints, later.keypoints, atol=2)


@pytest.mark.parametrize("scale", [0.35, 0.9])
def test_a_still_face_gives_a_still_crop(scale: float) -> None:
    with MediaPipeDetector() as detector:
        watched = watch(clip("man-12", scale, "still")[:60], detector, Smoothing())
    raw, steady = jitter(watched.raw[20:]), jitter(watched.steady[20:])
    assert steady[0] < 0.6 * raw[0]
    assert steady[1] < 0.3 * raw[1]
    assert steady[1] < 0.5  # pixels of a 256-pixel crop from frame to frame


@pytest.mark.parametrize(("speed", "most_ms"), [(0.2, 70), (0.6, 30)])
def test_a_moving_face_is_followed_without_visible_lag(speed: float, most_ms: float) -> None:
    with MediaPipeDetector() as detector:
        watched = watch(clip("man-12", 0.35, str(speed))[:60], detector, Smoothing())
    assert abs(lag_ms(watched, speed)) < most_ms
