"""The hair colour that is noted of a person."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from twingan.evaluation import face_parts as parts
from twingan.palette import UNKNOWN, drawn_hair, person_hair

SKIN, DARK, RED, GREEN = (200, 150, 120), (40, 25, 20), (150, 60, 30), (30, 120, 60)


def portrait() -> tuple[np.ndarray, np.ndarray]:
    """A bald person of 100 x 100 pixels without brows, and the classes of its pixels."""
    return np.full((100, 100, 3), SKIN, np.uint8), np.zeros((100, 100), np.uint8)


def test_hair_is_the_median_and_strands_do_not_matter() -> None:
    photo, labels = portrait()
    photo[:20], labels[:20] = RED, parts.HAIR
    photo[:5] = DARK
    assert person_hair(photo, labels) == pytest.approx(np.array(RED) / 255)


def test_under_a_hat_hair_has_its_colour() -> None:
    photo, labels = portrait()
    photo[:20], labels[:20] = GREEN, parts.HAT
    photo[20:30], labels[20:30] = RED, parts.HAIR
    assert person_hair(photo, labels) == pytest.approx(np.array(GREEN) / 255)


def test_the_bald_have_the_dark_of_their_brows_though_skin_shines_through() -> None:
    photo, labels = portrait()
    labels[40:44, 20:40], labels[40:44, 60:80] = parts.LEFT_BROW, parts.RIGHT_BROW
    photo[40:42, 20:40] = photo[40:41, 60:80] = DARK
    assert person_hair(photo, labels) == pytest.approx(np.array(DARK) / 255)


def test_nothing_seen_is_the_commonest_colour() -> None:
    assert person_hair(*portrait()) == UNKNOWN


def test_drawn_hair_is_more_vivid_and_grey_stays_grey() -> None:
    red, grey = drawn_hair(torch.tensor([[0.6, 0.3, 0.2], [0.5, 0.5, 0.5]]))
    assert red[0] > 0.6 and red[2] < 0.2
    assert torch.allclose(grey, torch.tensor([0.5, 0.5, 0.5]))
