import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from face_crop import detect
from face_crop.detect import MODEL, MediaPipeDetector, model_bytes
from tests.face_crop.sequences import IMAGES, compose, portrait

PEOPLE = sorted(path.stem for path in IMAGES.glob("*.webp"))


@pytest.fixture(scope="module")
def detector() -> Iterator[MediaPipeDetector]:
    with MediaPipeDetector(still=True) as still:
        yield still


@pytest.mark.parametrize("name", PEOPLE)
def test_one_face_in_every_portrait(detector: MediaPipeDetector, name: str) -> None:
    (face,) = detector(portrait(name))
    assert face.score > 0.8
    left, top, right, bottom = face.box
    assert 0 <= left < right <= 512
    assert 0 <= top < bottom <= 512
    inside = (face.keypoints >= face.box[:2]) & (face.keypoints <= face.box[2:])
    assert inside[:4].all()
    assert face.eyes[0, 0] < face.eyes[1, 0]


@pytest.mark.parametrize("count", [2, 4])
def test_several_people_in_a_stream_are_all_found_largest_first(count: int) -> None:
    frame = compose([portrait(name) for name in PEOPLE[:count]], 720, 1280)
    with MediaPipeDetector() as stream:
        for i in range(6):
            faces = stream(frame, i * 33)
    widths = [face.box[2] - face.box[0] for face in faces]
    assert len(faces) == count
    assert widths == sorted(widths, reverse=True)


def test_no_more_faces_than_asked_for() -> None:
    with MediaPipeDetector(still=True, max_faces=1) as one:
        assert len(one(compose([portrait("man-0"), portrait("man-12")]))) == 1


@pytest.mark.parametrize("degrees", [-60, -30, 30, 60])
def test_a_head_on_one_side_is_found_with_its_eyes_in_place(detector: MediaPipeDetector, degrees: float) -> None:
    picture = portrait("woman-36")
    turn = cv2.getRotationMatrix2D((255.5, 255.5), degrees, 1.0)
    turned = cv2.warpAffine(picture, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    expected = detector(picture)[0].eyes @ turn[:, :2].T + turn[:, 2]
    found = detector(np.asarray(turned, np.uint8))[0].eyes
    apart = np.linalg.norm(expected[1] - expected[0])
    assert np.linalg.norm(found - expected, axis=1).max() < 0.3 * apart


def test_a_head_upside_down_is_taken_for_upright_if_it_is_found_at_all(detector: MediaPipeDetector) -> None:
    """A limit of the model, stated in the docstring: the key points are those of an upright face."""
    for face in detector(np.ascontiguousarray(portrait("woman-36")[::-1, ::-1])):
        assert face.eyes[0, 0] < face.eyes[1, 0]


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 700, 3), (700, 1, 3), (480, 640, 3)])
def test_nothing_is_found_where_nobody_is(shape: tuple[int, int, int]) -> None:
    with MediaPipeDetector() as stream:
        assert stream(np.full(shape, 90, np.uint8), 0) == []


def test_a_frame_in_8k_is_searched(detector: MediaPipeDetector) -> None:
    frame = cv2.resize(portrait("man-0"), (4320, 4320))
    wide = np.asarray(cv2.copyMakeBorder(frame, 0, 0, 1680, 1680, cv2.BORDER_REPLICATE), np.uint8)
    (face,) = detector(wide)
    assert face.box[2] - face.box[0] > 1000


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.float32),
        np.zeros((0, 5, 3), np.uint8),
    ],
)
def test_other_arrays_are_refused(detector: MediaPipeDetector, frame: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"RGB uint8 \[H,W,3\]"):
        detector(frame)


def test_a_view_that_is_not_contiguous_is_taken(detector: MediaPipeDetector) -> None:
    assert len(detector(portrait("man-12")[:, ::-1])) == 1


def test_closing_twice_is_harmless_and_using_it_afterwards_is_told() -> None:
    stream = MediaPipeDetector()
    stream.close()
    stream.close()
    with pytest.raises(ValueError, match="closed"):
        stream(np.zeros((10, 10, 3), np.uint8), 0)


def test_a_missing_model_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing.*git checkout"):
        model_bytes(tmp_path / "none.tflite")


def test_a_damaged_model_is_told_before_it_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = Path(shutil.copy(MODEL, tmp_path / MODEL.name))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    monkeypatch.setattr(detect, "MODEL", damaged)
    with pytest.raises(ValueError, match=r"damaged.*git checkout"):
        MediaPipeDetector()


def test_a_forgotten_detector_blocks_neither_the_garbage_collector_nor_the_end() -> None:
    script = """
import gc
from face_crop.detect import MediaPipeDetector
class Holder: pass
holder = Holder()
holder.itself, holder.detector = holder, MediaPipeDetector()
del holder
gc.collect()
left_open = MediaPipeDetector()
print("done")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "done\n")
    assert "Traceback" not in done.stderr
