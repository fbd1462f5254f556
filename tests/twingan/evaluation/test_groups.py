import numpy as np
import pytest

from tests.twingan.evaluation.scene import person as drawn
from twingan.evaluation import face_parts as parts
from twingan.evaluation.colour import person_colouring
from twingan.evaluation.groups import DIMENSIONS, Person, mean_estimate, person, table

PEOPLE = [
    Person("man", "under 30", "light", "glasses", "no headwear"),
    Person("man", "50 and over", "dark", "no glasses", "no headwear"),
    Person("woman", "50 and over", "dark", "no glasses", "headwear"),
]


def test_every_dimension_counts_everybody_once() -> None:
    rows = table(PEOPLE, {"hair_error": np.array([1.0, 2.0, 6.0])})
    for dimension in DIMENSIONS:
        assert sum(row["hair_error"].count for row in rows[dimension].values()) == 3
        total = sum(row["hair_error"].value * row["hair_error"].count for row in rows[dimension].values())
        assert total == pytest.approx(9)


def test_a_group_has_its_own_mean() -> None:
    rows = table(PEOPLE, {"hair_error": np.array([1.0, 2.0, 6.0])})
    assert rows["sex"]["man"]["hair_error"].value == 1.5
    assert rows["skin"]["dark"]["hair_error"].value == rows["age"]["50 and over"]["hair_error"].value == 4


def test_the_unknown_is_left_out_of_a_mean_and_of_its_count() -> None:
    estimate = mean_estimate(np.array([2.0, np.nan, 4.0]))
    assert (estimate.value, estimate.count) == (3, 2)
    assert np.isnan(mean_estimate(np.array([np.nan])).value)


def test_the_interval_holds_the_mean_and_shrinks_with_more_people() -> None:
    random = np.random.default_rng(0)
    few, many = (mean_estimate(random.normal(5, 1, count)) for count in (10, 1000))
    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(
    ("skin", "word"), [((245, 220, 205), "light"), ((190, 145, 110), "medium"), ((90, 60, 45), "dark")]
)
def test_skin_tone_is_measured(skin: tuple[int, int, int], word: str) -> None:
    picture, labels = drawn(skin=skin)
    assert person("any", 40, labels, person_colouring(picture, labels)).skin == word


@pytest.mark.parametrize(
    ("years", "word"),
    [(0.0, "under 30"), (29.9, "under 30"), (30.0, "30 to 49"), (49.9, "30 to 49"), (50.0, "50 and over")],
)
def test_everybody_is_in_one_age_band(years: float, word: str) -> None:
    picture, labels = drawn()
    assert person("any", years, labels, person_colouring(picture, labels)).age == word


def test_glasses_and_hats_are_measured() -> None:
    picture, labels = drawn()
    labels[28:31, 20:44], labels[5:10, 10:50] = parts.GLASSES, parts.HAT
    found = person("woman", 40, labels, person_colouring(picture, labels))
    assert (found.sex, found.glasses, found.headwear) == ("woman", "glasses", "headwear")
