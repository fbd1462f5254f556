import cv2
import numpy as np
import pytest

from face_crop.align import EYES_TO_MOUTH, EYES_Y, crop, crop_matrix, enlarged, inverse, scale_of
from face_crop.face import MOUTH, Face
from tests.face_crop.faces import face_at

SIZE = 128


def in_crop(face: Face, size: int = SIZE) -> np.ndarray:
    """The face's key points in its crop, as shares of the side counted from the outer edge."""
    matrix = crop_matrix(face, size)
    return np.asarray((face.keypoints @ matrix[:, :2].T + matrix[:, 2] + 0.5) / size)


@pytest.mark.parametrize("degrees", [0, 30, 90, 180, -135])
@pytest.mark.parametrize("width", [3.0, 100.0, 3000.0])
def test_eyes_are_level_and_on_their_line_however_the_head_is_turned(degrees: float, width: float) -> None:
    points = in_crop(face_at(500, 300, width, degrees))
    np.testing.assert_allclose(points[:2, 1], EYES_Y, atol=1e-3)
    np.testing.assert_allclose(points[:2, 0].mean(), 0.5, atol=1e-3)
    assert points[0, 0] < points[1, 0]
    assert points[MOUTH, 1] <= EYES_Y + EYES_TO_MOUTH + 1e-3


def test_a_head_turned_aside_keeps_its_size() -> None:
    frontal = face_at(500, 300)
    aside = frontal.keypoints.copy()
    aside[:2, 0] = 500 + (aside[:2, 0] - 500) * 0.3
    turned = Face(box=frontal.box, keypoints=aside, score=0.9)
    assert scale_of(crop_matrix(turned, SIZE)) == pytest.approx(scale_of(crop_matrix(frontal, SIZE)), rel=0.1)


def test_eyes_on_one_point_still_give_a_crop() -> None:
    points = face_at(50, 50).keypoints.copy()
    points[1] = points[0]
    matrix = crop_matrix(Face(box=face_at(50, 50).box, keypoints=points, score=0.9), SIZE)
    assert np.isfinite(matrix).all()


def test_the_crop_shows_what_the_matrix_says() -> None:
    frame = np.zeros((400, 400, 3), np.uint8)
    face = face_at(200, 180, 150, degrees=40)
    for x, y in face.eyes:
        cv2.circle(frame, (round(float(x)), round(float(y))), 6, (255, 0, 0), -1)
    cut = crop(frame, crop_matrix(face, SIZE), SIZE)
    rows, columns = np.nonzero(cut[..., 0] > 128)
    assert rows.mean() == pytest.approx(EYES_Y * SIZE - 0.5, abs=0.7)
    assert columns.mean() == pytest.approx(SIZE / 2 - 0.5, abs=0.7)
    assert not cut[..., 1:].any()


def test_beyond_the_frame_its_border_is_repeated() -> None:
    frame = np.full((60, 60, 3), 7, np.uint8)
    cut = crop(frame, crop_matrix(face_at(0, 0, 50), SIZE), SIZE)
    assert (cut == 7).all()


def test_a_large_face_is_averaged_not_sampled() -> None:
    frame = np.zeros((2000, 2000, 3), np.uint8)
    frame[:, ::2] = 254  # stripes as fine as pixels: sampling shows bands, averaging grey
    cut = crop(frame, crop_matrix(face_at(1000, 1000, 900), 64), 64)
    assert np.abs(cut.astype(int) - 127).max() < 25


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 500, 3), (500, 2, 3)])
def test_frames_of_a_pixel_or_a_line_are_cropped(shape: tuple[int, int, int]) -> None:
    cut = crop(np.full(shape, 9, np.uint8), crop_matrix(face_at(0, 0, 400), SIZE), SIZE)
    assert cut.shape == (SIZE, SIZE, 3)
    assert (cut == 9).all()


def test_the_inverse_leads_back() -> None:
    matrix = crop_matrix(face_at(320, 200, 90, 25), SIZE)
    both = np.vstack([inverse(matrix), [0, 0, 1]]) @ np.vstack([matrix, [0, 0, 1]])
    np.testing.assert_allclose(both, np.eye(3), atol=1e-9)


@pytest.mark.parametrize("scale", [2, 4])
def test_an_enlarged_matrix_cuts_the_same_crop_with_more_pixels(scale: int) -> None:
    matrix = crop_matrix(face_at(500, 300, degrees=20), SIZE)
    corners = np.array([[-0.5, -0.5], [SIZE - 0.5, SIZE - 0.5]])
    back = inverse(matrix)
    in_frame = corners @ back[:, :2].T + back[:, 2]
    large = enlarged(matrix, scale)
    outer = in_frame @ large[:, :2].T + large[:, 2]
    np.testing.assert_allclose(outer, [[-0.5, -0.5], [scale * SIZE - 0.5] * 2], atol=1e-9)
