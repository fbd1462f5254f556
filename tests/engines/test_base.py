"""The check at the door of every generator."""

from __future__ import annotations

import numpy as np
import pytest

from engines import EngineError, check_batch

GOOD = np.zeros((2, 8, 8, 3), np.uint8)


def test_a_good_batch_passes_without_a_copy() -> None:
    assert np.shares_memory(check_batch(GOOD, 8), GOOD)


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        (GOOD.astype(np.float32), r"float32 \[2, 8, 8, 3\]"),
        (GOOD[0], r"uint8 \[8, 8, 3\]"),
        (GOOD[:, :4], r"\[2, 4, 8, 3\]"),
        (GOOD[..., :1], r"\[2, 8, 8, 1\]"),
        (GOOD[:0], "N from 1"),
        (np.zeros((5, 8, 8, 3), np.uint8), "N from 1 to 4"),
        ([[1, 2]], "list"),
        (None, "NoneType"),
    ],
)
def test_anything_else_is_named(batch: object, words: str) -> None:
    with pytest.raises(EngineError, match=words):
        check_batch(batch, 8, max_batch=4)
