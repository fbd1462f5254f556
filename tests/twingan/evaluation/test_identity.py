import numpy as np
import pytest

from tests.twingan.evaluation.scene import person
from twingan.evaluation import face_parts as parts
from twingan.evaluation.colour import person_colouring
from twingan.evaluation.identity import found_share, ranks, traits


def test_portraits_that_are_all_lighter_in_the_same_way_are_still_told_apart() -> None:
    inputs = np.random.default_rng(0).normal(size=(30, 9))
    assert (ranks(inputs, inputs * 0.5 + 20) == 0).all()


def test_portraits_that_all_look_alike_are_found_by_chance_only() -> None:
    inputs = np.random.default_rng(0).normal(size=(40, 9))
    share = found_share(ranks(inputs, np.ones((40, 9))), gallery=40)
    assert share.mean() == pytest.approx(1 / 40, abs=0.02)


def test_exchanged_portraits_are_not_found() -> None:
    inputs = np.random.default_rng(0).normal(size=(30, 9))
    assert (ranks(inputs, np.roll(inputs, 1, axis=0)) > 0).all()


def test_the_chance_in_a_smaller_gallery_is_exact() -> None:
    # One of four others is nearer; two are drawn: C(3, 2) / C(4, 2) = 1 / 2 that it is not among them.
    share = found_share(np.array([0, 1, 0, 0, 0]), gallery=3)
    assert share.tolist() == [1, 0.5, 1, 1, 1]


def test_the_gallery_is_everybody_where_there_are_too_few() -> None:
    assert found_share(np.array([0, 1, 2]), gallery=100).tolist() == [1, 0, 0]
    assert found_share(np.array([0, 1, 2]), gallery=100, within=2).tolist() == [1, 1, 0]


def test_unknown_hair_counts_as_average_hair() -> None:
    inputs = np.random.default_rng(0).normal(size=(20, 9))
    inputs[4, :3] = np.nan
    assert ranks(inputs, inputs)[4] == 0


def test_long_hair_is_seen() -> None:
    short, long = (
        traits(labels, person_colouring(picture, labels)) for picture, labels in (person(), person(long=True))
    )
    assert short[6:8].tolist() == [0, 0]
    assert long[7] > 0.3


def test_a_nose_that_points_aside_is_seen() -> None:
    picture, labels = person()
    turned = np.where(labels == parts.NOSE, parts.SKIN, labels).astype(np.uint8)
    turned[32:38, 38:42] = parts.NOSE
    ahead, aside = (traits(seen, person_colouring(picture, seen))[8] for seen in (labels, turned))
    assert ahead == pytest.approx(0, abs=0.01)
    assert aside > 0.1
