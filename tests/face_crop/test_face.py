import numpy as np
import pytest

from face_crop.face import Face
from tests.face_crop.faces import face_at


def test_the_arrays_cannot_be_changed_from_outside() -> None:
    box = np.array([0, 0, 10, 10], np.float32)
    face = Face(box=box, keypoints=np.zeros((6, 2), np.float32), score=0.5)
    box[2] = -1
    assert face.box.tolist() == [0, 0, 10, 10]
    with pytest.raises(ValueError, match="read-only"):
        face.box[0] = 1


@pytest.mark.parametrize("box", [[0, 0, 0, 10], [10, 0, 0, 10], [0, 0, np.nan, 10], [0, 0, 10]])
def test_a_box_without_area_or_sense_is_refused(box: list[float]) -> None:
    with pytest.raises(ValueError, match="box"):
        Face(box=np.array(box, np.float32), keypoints=np.zeros((6, 2), np.float32), score=0.5)


def test_keypoints_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="keypoints"):
        Face(box=np.array([0, 0, 1, 1], np.float32), keypoints=np.zeros((5, 2), np.float32), score=0.5)


def test_the_eye_on_the_images_left_comes_first() -> None:
    eyes = face_at(0, 0).eyes
    assert eyes[0, 0] < eyes[1, 0]
