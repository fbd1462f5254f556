"""Pairs are kept and drawn from, those with open eyes first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.twingan.conftest import disc
from twingan.pairs import Pairs, save


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """400 people: every first, in grey 40, has open eyes, every second, in grey 200, one that is shut."""
    people = np.stack([np.full((8, 8, 4), grey, np.uint8) for grey in (40, 200)] * 200)
    drawings = np.stack([disc(16, 0, 255)] * 400)
    save(tmp_path / "pairs", people, drawings, [[1.0, 1.0, *[0.0] * 7], [0.0, 1.0, *[0.0] * 7]] * 200)
    return tmp_path / "pairs"


def test_people_with_shut_eyes_come_later_and_less_often(path: Path) -> None:
    torch.manual_seed(0)
    pairs = Pairs(path)
    person, drawing, told = pairs.draw(64, 0.0, "cpu")
    assert (told[:, 0] == 1).all()
    assert torch.allclose(person, torch.full_like(person, 40 / 127.5 - 1))
    assert drawing.shape == (64, 4, 16, 16)
    later = pairs.draw(100, 0.5, "cpu")[2]
    assert 0.2 < (later[:, 0] == 0).float().mean() < 0.49
    assert (Pairs(path, awake=0.0).draw(64, 0.0, "cpu")[2][:, 0] == 0).any()


def test_what_is_not_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"twingan\.acted"):
        Pairs(tmp_path / "none")
