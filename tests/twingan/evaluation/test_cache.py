from pathlib import Path

import numpy as np

from twingan.evaluation.cache import Cache

PICTURES = np.zeros((2, 4, 4, 3), np.uint8)


def test_a_result_is_computed_once_for_the_same_pictures(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.array("colours", PICTURES, lambda: np.array([1])).tolist() == [1]
    assert cache.array("colours", PICTURES, lambda: np.array([2])).tolist() == [1]


def test_other_pictures_and_other_computations_have_their_own(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.array("colours", PICTURES, lambda: np.array([1]))
    assert cache.array("colours", PICTURES + 1, lambda: np.array([2])).tolist() == [2]
    assert cache.array("faces", PICTURES, lambda: np.array([3])).tolist() == [3]


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.array("colours", PICTURES, lambda: np.array([1]))
    next(tmp_path.iterdir()).write_bytes(b"half")
    assert cache.array("colours", PICTURES, lambda: np.array([4])).tolist() == [4]
    assert len(list(tmp_path.iterdir())) == 1
