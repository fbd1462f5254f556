import numpy as np
import pytest

from face_crop.align import Frame, Matrix, crop, crop_matrix
from face_crop.detect import MediaPipeDetector
from face_crop.paste import FEATHER, paste_back, soft_mask
from tests.face_crop.faces import face_at
from tests.face_crop.sequences import portrait

SIZE = 256
RED = np.full((SIZE, SIZE, 3), (255, 0, 0), np.uint8)


def grey(height: int = 480, width: int = 640) -> Frame:
    return np.full((height, width, 3), 128, np.uint8)


def changed(before: Frame, after: Frame) -> np.ndarray:
    return np.asarray((before != after).any(axis=2))


def test_a_face_pasted_back_as_it_was_leaves_the_picture_as_it_was() -> None:
    frame = portrait("woman-36")
    with MediaPipeDetector(still=True) as detector:
        matrix = crop_matrix(detector(frame)[0], 512)
    again = paste_back(frame, crop(frame, matrix, 512), matrix)
    difference = np.abs(again.astype(int) - frame)
    assert difference.mean() < 1
    assert np.quantile(difference, 0.999) < 16


@pytest.mark.parametrize("degrees", [0, 90, 180, 33])
@pytest.mark.parametrize("width", [4.0, 60.0, 300.0])
def test_the_portrait_covers_the_face_and_nothing_far_from_it(degrees: float, width: float) -> None:
    frame, face = grey(), face_at(320, 240, width, degrees)
    after = paste_back(frame, RED, crop_matrix(face, SIZE))
    assert (after[240, 320] == (255, 0, 0)).all()
    rows, columns = np.nonzero(changed(frame, after))
    assert np.hypot(rows - 240, columns - 320).max() < 1.6 * width + 2


def test_the_edge_is_a_slope_without_a_step() -> None:
    frame = np.zeros((600, 600, 3), np.uint8)
    white = np.full((SIZE, SIZE, 3), 255, np.uint8)
    after = paste_back(frame, white, crop_matrix(face_at(300, 300, 140), SIZE))[..., 0].astype(int)
    step = max(np.abs(np.diff(after, axis=0)).max(), np.abs(np.diff(after, axis=1)).max())
    assert after.max() == 255
    assert step < 255 * 2.5 / (FEATHER * SIZE / 2)  # from black to white over the whole feather


def test_the_mask_is_full_inside_nothing_on_the_border_and_shared() -> None:
    mask = soft_mask(SIZE)
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    assert mask.dtype == np.float32
    assert not border.any()
    assert (mask[SIZE // 4 : -SIZE // 4, SIZE // 4 : -SIZE // 4] == 1).all()
    np.testing.assert_array_equal(mask, mask[::-1, ::-1])
    assert soft_mask(SIZE) is mask
    with pytest.raises(ValueError, match="read-only"):
        mask[0, 0] = 1


@pytest.mark.parametrize("size", [1, 2, 3])
def test_tiny_masks_exist(size: int) -> None:
    assert soft_mask(size).shape == (size, size)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (639, 479), (0, 240), (320, 479), (-20, 100)])
def test_at_the_frames_border_the_rest_is_left_out(x: int, y: int) -> None:
    large = grey(1480, 1640)
    expected = paste_back(large, RED, crop_matrix(face_at(x + 500, y + 500), SIZE))[500:980, 500:1140]
    after = paste_back(grey(), RED, crop_matrix(face_at(x, y), SIZE))
    assert changed(grey(), after).any()
    assert np.abs(after.astype(int) - expected).max() <= 1


def test_a_crop_beyond_the_frame_changes_nothing() -> None:
    after = paste_back(grey(), RED, crop_matrix(face_at(-900, -900), SIZE))
    assert (after == 128).all()


def test_the_frame_given_stays_as_it_is_unless_it_is_the_output() -> None:
    frame, matrix = grey(), crop_matrix(face_at(300, 200), SIZE)
    after = paste_back(frame, RED, matrix)
    assert (frame == 128).all()
    other = np.empty_like(frame)
    assert paste_back(frame, RED, matrix, out=other) is other
    np.testing.assert_array_equal(other, after)
    assert paste_back(frame, RED, matrix, out=frame) is frame
    np.testing.assert_array_equal(frame, after)


def test_strength_blends() -> None:
    frame, matrix = grey(), crop_matrix(face_at(320, 240), SIZE)
    np.testing.assert_array_equal(paste_back(frame, RED, matrix, 0.0), frame)
    half = paste_back(frame, RED, matrix, 0.5)[240, 320]
    np.testing.assert_allclose(half, [191.5, 64, 64], atol=1)


def test_a_fine_pattern_in_a_small_face_is_averaged() -> None:
    stripes = np.zeros((SIZE, SIZE, 3), np.uint8)
    stripes[:, ::2] = 254
    after = paste_back(grey(), stripes, crop_matrix(face_at(320, 240, 12), SIZE))
    assert abs(int(after[240, 320, 0]) - 127) < 30


def bad_matrix() -> Matrix:
    return np.zeros((2, 3))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((grey()[..., 0], RED, None, 1.0), "frame"),
        ((grey(), RED.astype(np.float32), None, 1.0), "portrait"),
        ((grey(), RED[:100], None, 1.0), "square"),
        ((grey(), RED, None, 1.5), "strength"),
        ((grey(), RED, bad_matrix(), 1.0), "invertible"),
    ],
)
def test_wrong_arguments_are_named(arguments: tuple[Frame, Frame, Matrix | None, float], message: str) -> None:
    frame, picture, matrix, strength = arguments
    with pytest.raises(ValueError, match=message):
        paste_back(frame, picture, crop_matrix(face_at(320, 240), SIZE) if matrix is None else matrix, strength)
