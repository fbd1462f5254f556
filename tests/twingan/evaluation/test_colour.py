import numpy as np
import pytest

from tests.twingan.evaluation.scene import person
from twingan.evaluation import face_parts as parts
from twingan.evaluation.colour import difference, drawing_colouring, person_colouring, to_lab, typology_angle


def test_known_colours_are_read_as_they_are() -> None:
    colours = person_colouring(*person(hair=(0, 0, 0), skin=(255, 255, 255)))
    assert colours.hair == pytest.approx([0, 0, 0], abs=0.1)
    assert colours.skin == pytest.approx([100, 0, 0], abs=0.1)


def test_a_known_change_of_hair_is_a_known_error_and_leaves_the_skin() -> None:
    before, after = person_colouring(*person(hair=(0, 0, 0))), drawing_colouring(*person(hair=(119, 119, 119)))
    assert difference(before.hair, after.hair) == pytest.approx(50, abs=0.2)  # sRGB 119 is L* 50.03.
    assert difference(before.skin, after.skin) == pytest.approx(0, abs=1e-6)


def test_lightened_skin_shows_in_lightness() -> None:
    dark, light = person_colouring(*person(skin=(100, 70, 55))), drawing_colouring(*person(skin=(240, 205, 185)))
    assert light.skin[0] - dark.skin[0] > 40


def test_hair_under_a_hat_and_on_a_bald_head_is_unknown() -> None:
    picture, labels = person()
    hat = np.where(labels == parts.HAIR, parts.HAT, labels).astype(np.uint8)
    bald = np.where(labels == parts.HAIR, parts.SKIN, labels).astype(np.uint8)
    assert np.isnan(person_colouring(picture, hat).hair).all()
    assert np.isnan(person_colouring(picture, bald).hair).all()
    assert not np.isnan(drawing_colouring(picture, hat).hair).any()


def test_a_few_lines_and_specks_do_not_move_a_colour() -> None:
    picture, labels = person()
    speckled = picture.copy()
    speckled[::4, ::3] = 0
    plain, noisy = person_colouring(picture, labels), person_colouring(speckled, labels)
    assert difference(plain.hair, noisy.hair) < 1e-6
    assert difference(plain.skin, noisy.skin) < 1e-6


def test_paper_around_a_drawing_is_not_white_hair() -> None:
    picture, labels = person(hair=(60, 40, 30))
    labels[:, :16] = parts.HAIR  # The parser takes the paper on the left for hair.
    assert drawing_colouring(picture, labels).hair[0] < 30


@pytest.mark.parametrize(("rgb", "least", "most"), [((245, 220, 205), 41, 90), ((90, 60, 45), -90, 0)])
def test_the_typology_angle_orders_skin_from_light_to_dark(
    rgb: tuple[int, int, int], least: float, most: float
) -> None:
    assert least < typology_angle(to_lab(np.array([[rgb]], np.uint8))[0, 0]) < most
