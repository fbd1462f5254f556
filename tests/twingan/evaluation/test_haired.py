"""Drawings with people's hair."""

import numpy as np

from tests.twingan.test_dye import PINK, drawn_head
from twingan.evaluation.colour import UNKNOWN, Colouring, to_lab
from twingan.evaluation.haired import with_people_s_hair

BLACK, BROWN = np.array([15.0, 2, 2]), np.array([35.0, 12, 18])


def test_drawings_get_the_hair_of_people_in_turn_and_keep_their_skin() -> None:
    heads = np.stack([drawn_head()] * 8)
    made = with_people_s_hair(heads, [Colouring(BLACK, UNKNOWN), Colouring(UNKNOWN, BLACK), Colouring(BROWN, UNKNOWN)])
    assert made is not None
    fringe = [np.median(to_lab(picture)[22:44, 45:80].reshape(-1, 3), 0) for picture in made]
    assert np.abs(fringe[0] - BLACK).max() < 4
    assert np.abs(fringe[1] - BROWN).max() < 4
    assert np.abs(fringe[2] - BLACK).max() < 4
    assert np.abs(made[:, 84:97, 58:70].astype(int) - heads[:, 84:97, 58:70]).max() <= 6


def test_too_few_drawings_or_nobody_with_hair_is_not_measured() -> None:
    heads = np.stack([drawn_head(PINK)] * 8)
    assert with_people_s_hair(heads[:7], [Colouring(BLACK, UNKNOWN)]) is None
    assert with_people_s_hair(heads, [Colouring(UNKNOWN, UNKNOWN)]) is None
