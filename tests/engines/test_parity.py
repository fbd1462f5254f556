"""The figures by which an engine is judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engines import EngineError
from engines.parity import Parity, compare, portraits, psnr_db
from engines.prepare import check_parity


def test_equal_pictures() -> None:
    zeros = np.zeros((1, 4, 4, 3), np.uint8)
    assert psnr_db(zeros, zeros) == 99.0


def test_one_level_everywhere_is_48_db() -> None:
    zeros = np.zeros((1, 4, 4, 3), np.uint8)
    assert psnr_db(zeros + np.uint8(1), zeros) == pytest.approx(48.13, abs=0.01)


def test_the_largest_difference_counts_both_ways() -> None:
    batch = np.full((2, 4, 4, 3), 100, np.uint8)
    parity = compare(lambda one: one - np.uint8(90), lambda one: one, batch, "pictures")
    assert (parity.largest, parity.pictures) == (90, 2)


def test_real_portraits_come_from_the_source_tree() -> None:
    pictures, source = portraits(64)
    assert source == "portraits"
    assert pictures.shape[1:] == (64, 64, 3)
    assert pictures.dtype == np.uint8
    assert pictures.std() > 20


def test_without_portraits_it_says_so(tmp_path: Path) -> None:
    pictures, source = portraits(64, tmp_path)
    assert source == "made-up pictures"
    assert len(pictures) == 2


def test_less_than_expected_is_refused_unless_forced() -> None:
    bad = Parity(34.9, 40, 4, "portraits")
    with pytest.raises(EngineError, match=r"34\.9 dB"):
        check_parity(bad, 35.0, force=False)
    check_parity(bad, 35.0, force=True)
    check_parity(Parity(35.0, 40, 4, "portraits"), 35.0, force=False)
