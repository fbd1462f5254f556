"""What ties a drawing to its person."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from twingan import likeness
from twingan.palette import Palette


def person(hair: float, skin: float, size: int = 64) -> tuple[Tensor, Tensor]:
    """A grey-level person on white, and its alpha."""
    picture, alpha = torch.ones(1, 3, size, size), torch.zeros(1, 1, size, size)
    picture[..., 4:14, 12:52] = hair
    picture[..., 14:, 12:52] = skin
    alpha[..., 4:, 12:52] = 1
    return picture, alpha


def with_fringe(hair: float, skin: float) -> Tensor:
    """A drawing of that person: hair over the forehead and a little beyond the head."""
    drawn, _ = person(hair, skin)
    drawn[..., :26, 8:56] = hair
    drawn[..., 26:34, 8:12] = drawn[..., 26:34, 52:56] = hair
    drawn[..., 29:35, 17:25] = drawn[..., 29:35, 39:47] = -0.9
    return drawn


def colour(drawn: Tensor, hair: float = -0.8, skin: float = 0.3) -> float:
    clean, alpha = person(hair, skin)
    grey = [torch.full((1, 3, 1, 1), (value + 1) / 2) for value in (hair, skin)]
    return float(likeness.colour(drawn, clean, alpha, Palette(*grey)))


def test_colour_does_not_ask_the_fringe_to_be_skin() -> None:
    kept, bleached = colour(with_fringe(-0.8, 0.3)), colour(with_fringe(0.3, 0.3))
    assert kept < 0.05
    assert bleached > 5 * kept


def test_colour_wants_the_face_to_have_the_skin_of_the_palette() -> None:
    assert colour(with_fringe(-0.8, 0.9)) > colour(with_fringe(-0.8, 0.3)) + 0.1


def test_colour_wants_hair_around_the_head() -> None:
    kept, pale, bald = (with_fringe(-0.8, 0.3) for _ in range(3))
    for picture, value in ((pale, 0.4), (bald, 1.0)):
        picture[..., :34, 8:12] = picture[..., :34, 52:56] = value
    assert colour(pale) > colour(kept) + 0.05
    assert colour(bald) > colour(kept) + 0.05


def test_colour_wants_hair_or_white_farther_away_and_nothing_between() -> None:
    plain, full, pale, two_tone = (with_fringe(-0.8, 0.3) for _ in range(4))
    for picture, value in ((full, -0.8), (pale, 0.3)):
        picture[..., :6] = picture[..., 58:] = value
    two_tone[..., :6] = two_tone[..., 58:] = torch.tensor([0.6, -0.6, -0.6]).view(3, 1, 1)
    assert colour(full) < colour(plain) + 0.01
    assert colour(pale) > colour(full) + 0.05
    assert colour(two_tone) > colour(full) + 0.05


def test_a_light_in_dark_hair_is_not_white() -> None:
    lit, blotted = with_fringe(-0.8, 0.3), with_fringe(-0.8, 0.3)
    lit[..., 8:11, 28:36] = 0.1
    blotted[..., 8:11, 28:36] = 1.0
    assert colour(blotted) > colour(lit) + 0.02


def test_dark_hair_has_no_white_wedge_beside_the_forehead() -> None:
    plain, wedge, grey = (with_fringe(-0.8, 0.3) for _ in range(3))
    wedge[..., 6:16, 10:16] = 1.0
    grey[..., 6:16, 10:16] = 0.0
    assert colour(wedge) - colour(plain) > 3 * (colour(grey) - colour(plain))


def test_a_forehead_is_hair_or_skin_and_a_nose_has_no_lights() -> None:
    plain, fringed, blot, light = (with_fringe(-0.8, 0.3) for _ in range(4))
    fringed[..., 26:28, 16:48] = -0.8
    blot[..., 20:28, 24:40] = 1.0
    light[..., 36:39, 31:34] = 1.0
    assert colour(fringed) < colour(plain) + 0.001
    assert colour(blot) > colour(plain) + 0.02
    assert colour(light) > colour(plain) + 0.02


def test_a_neck_has_the_skin_or_what_the_person_wears_there() -> None:
    bare, collar = with_fringe(-0.8, 0.3), with_fringe(-0.8, 0.3)
    collar[..., 50:58, 24:40] = torch.tensor([-0.2, -0.9, -0.9]).view(3, 1, 1)
    assert colour(collar) > colour(bare) + 0.05
    clean, alpha = person(-0.8, 0.3)
    clean[..., 50:58, 24:40] = collar[..., 50:58, 24:40]
    grey = Palette(*[torch.full((1, 3, 1, 1), (value + 1) / 2) for value in (-0.8, 0.3)])
    assert float(likeness.colour(collar, clean, alpha, grey)) < colour(collar) - 0.05


def test_no_hair_hangs_between_the_eyes_and_neither_there_nor_on_cheeks_is_white() -> None:
    plain, tip, hanging, blot, pale, strand = (with_fringe(-0.8, 0.3) for _ in range(6))
    tip[..., 27:29, 30:34] = -0.8
    hanging[..., 27:34, 30:34] = -0.8
    blot[..., 29:33, 30:34] = 1.0
    pale[..., 36:40, 20:26] = 1.0
    strand[..., 36:40, 20:22] = -0.8
    assert colour(tip) < colour(plain) + 0.001
    assert colour(hanging) > colour(plain) + 0.02
    assert colour(blot) > colour(plain) + 0.02
    assert colour(pale) > colour(plain) + 0.02
    assert colour(strand) < colour(plain) + 0.001


def test_there_are_no_dark_marks_beside_the_nose() -> None:
    plain, marked = with_fringe(-0.8, 0.3), with_fringe(-0.8, 0.3)
    marked[..., 34:38, 37:39] = -0.9
    assert colour(marked) > colour(plain) + 0.02


def test_eyes_are_open() -> None:
    shut, half, opened = (with_fringe(-0.8, 0.3) for _ in range(3))
    shut[..., 31:35, 17:25] = shut[..., 31:35, 39:47] = 0.3
    half[..., 33:35, 17:25] = half[..., 33:35, 39:47] = 0.3
    assert colour(shut) > colour(half) + 0.2
    assert colour(half) < colour(opened) + 0.1


def test_clothes_have_no_white_spots_unless_they_are_light() -> None:
    dark, spotted, person_, alpha = with_fringe(-0.8, 0.3), with_fringe(-0.8, 0.3), *person(-0.8, 0.3)
    for picture in (dark, spotted, person_):
        picture[..., 52:, 12:52] = 0.0
    spotted[..., 54:58, 16:20] = 1.0
    palette = Palette(torch.full((1, 3, 1, 1), 0.1), torch.full((1, 3, 1, 1), 0.65))
    plain_cost = likeness.colour(dark, person_, alpha, palette)
    assert likeness.colour(spotted, person_, alpha, palette) > plain_cost + 0.03
    person_[..., 52:, 12:52] = 0.7
    light = likeness.colour(spotted, person_, alpha, palette) - likeness.colour(dark, person_, alpha, palette)
    assert light < 0


@pytest.mark.parametrize("size", [32, 128])
def test_pictures_may_be_small_or_large(size: int) -> None:
    clean, alpha = (functional.interpolate(picture, size) for picture in person(-0.8, 0.3))
    drawn = functional.interpolate(with_fringe(-0.8, 0.3), size)
    palette = Palette(torch.full((1, 3, 1, 1), 0.1), torch.full((1, 3, 1, 1), 0.65))
    assert 0 < likeness.colour(drawn, clean, alpha, palette) + likeness.eyes(drawn) < 2


def test_a_hue_of_nothing_is_punished_beside_eyes_and_mouth_and_not_in_them() -> None:
    plain, spot, cheek, line, iris, lips = (with_fringe(-0.8, 0.3) for _ in range(6))
    red = torch.tensor([0.8, -0.8, -0.8]).view(3, 1, 1)
    spot[..., 56:60, 20:28] = red
    line[..., 56:60, 20:28] = -1.0
    iris[..., 30:34, 20:24] = lips[..., 45:47, 28:36] = red
    cheek[..., 37:40, 18:22] = red
    assert colour(spot) > colour(plain) + 0.02
    assert colour(cheek) > colour(plain) + 0.02
    assert colour(line) < colour(plain) + 0.02
    assert colour(iris) < colour(plain) + 0.001
    assert colour(lips) < colour(plain) + 0.01


def test_what_a_forehead_shows_is_no_hue_of_the_fringe_before_it() -> None:
    clean, alpha = person(-0.8, 0.3)
    red = torch.tensor([0.8, -0.2, -0.2]).view(3, 1, 1)
    clean[..., 8:20, 24:40] = red
    plain, light = with_fringe(-0.8, 0.3), with_fringe(-0.8, 0.3)
    light[..., 12:14, 28:36] = red
    grey = Palette(*(torch.full((1, 3, 1, 1), (value + 1) / 2) for value in (-0.8, 0.3)))
    asked = [float(likeness.colour(drawn, clean, alpha, grey)) for drawn in (plain, light)]
    assert asked[1] > asked[0] + 0.01


def test_colour_minds_hue_more_than_light() -> None:
    lighter, bluer = with_fringe(-0.8, 0.3), with_fringe(-0.8, 0.3)
    lighter[..., 4:26, 12:52] += 0.2
    bluer[:, 2, 4:26, 12:52] += 0.2 * 3  # the same sum over the channels
    assert colour(bluer) > 1.5 * colour(lighter)


def test_colour_leaves_room_for_lights_in_hair_and_for_a_mouth_but_not_for_other_hair() -> None:
    plain, lit, bleached = (with_fringe(-0.8, 0.3) for _ in range(3))
    lit[..., 8:11, 20:44] = 0.1
    lit[..., 46:47, 28:36] = -0.9
    bleached[..., 4:26, 20:44] = 1.0
    assert colour(lit) < colour(plain) + 0.01
    assert colour(bleached) > colour(plain) + 0.1


def test_one_blue_and_one_red_eye_or_half_an_eye_are_punished_and_a_shadow_is_not() -> None:
    even, odd, halved, shadowed = (torch.zeros(1, 3, 64, 64) for _ in range(4))
    blue, red = (torch.tensor(colour).view(3, 1, 1) for colour in ([-0.5, 0.0, 0.8], [0.8, -0.5, -0.5]))
    for picture, left, right in ((even, blue, blue), (odd, blue, red), (halved, blue, blue), (shadowed, blue, blue)):
        picture[0, :, 28:34, 17:24], picture[0, :, 28:34, 39:46] = left, right
        picture[..., 26:28, :] = picture[..., 32:34, :] = -1
    halved[0, :, 28:32, 17:20] = halved[0, :, 28:32, 39:42] = red
    shadowed[..., 30:, :] -= 0.3
    plain = likeness.eyes(even)
    assert likeness.eyes(odd) > plain + 0.1
    assert likeness.eyes(halved) > plain + 0.1
    assert likeness.eyes(shadowed) < plain + 0.01


def test_eyes_that_do_not_match_are_punished_and_small_differences_are_not() -> None:
    even, narrowed, lit = (torch.full((1, 3, 64, 64), 0.3) for _ in range(3))
    for picture in (even, narrowed, lit):
        picture[..., 27:36, 18:26] = picture[..., 27:36, 38:46] = -0.9
    narrowed[..., 30:36, 38:46] = 0.3
    lit[..., 28:30, 20:22] = 0.8
    assert likeness.eyes(narrowed) > likeness.eyes(even) + 0.05
    assert likeness.eyes(lit) < likeness.eyes(even) + 0.01


def test_eyes_without_pupils_are_punished() -> None:
    blank, seeing = torch.ones(1, 3, 64, 64), torch.ones(1, 3, 64, 64)
    for left in (18, 40):
        seeing[..., 27:34, left : left + 6] = -0.9
    assert likeness.eyes(seeing) < 1e-6
    assert likeness.eyes(blank) > 1


def test_lashes_are_no_pupils() -> None:
    blank, seeing = torch.ones(1, 3, 64, 64), torch.ones(1, 3, 64, 64)
    for left in (16, 38):
        blank[..., 26:28, left : left + 10] = -0.9
        blank[..., 34:36, left : left + 10] = -0.9
    for left in (18, 40):
        seeing[..., 27:34, left : left + 6] = -0.9
    assert likeness.eyes(blank) > likeness.eyes(seeing) + 0.2


def test_eyes_in_a_dark_face_have_a_white() -> None:
    dull, bright = torch.full((1, 3, 64, 64), -0.3), torch.full((1, 3, 64, 64), -0.3)
    for picture in (dull, bright):
        picture[..., 27:34, 17:22] = picture[..., 27:34, 42:47] = -0.9
    bright[..., 28:32, 22:24] = bright[..., 28:32, 40:42] = 0.9
    assert likeness.eyes(dull) > likeness.eyes(bright) + 0.5
