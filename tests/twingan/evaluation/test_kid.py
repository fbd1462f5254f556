import numpy as np
import pytest

from twingan.evaluation.kid import kid, kid_estimate


def test_kid_of_two_pairs_worked_out_by_hand() -> None:
    # d = 1, k(a, b) = (ab + 1)^3. x = {0, 1}: the pair gives k(0, 1) = 1. y = {2, 3}: k(2, 3) = 7^3 = 343.
    # Across: k(0, 2) = k(0, 3) = 1, k(1, 2) = 27, k(1, 3) = 64; mean 93 / 4. KID = 1 + 343 - 2 * 93 / 4.
    value = kid(np.array([[0.0], [1.0]]), np.array([[2.0], [3.0]]))
    assert value == pytest.approx(344 - 46.5)


def test_kid_divides_by_the_number_of_features() -> None:
    x, y = np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([[0.0, 0.0], [0.0, 2.0]])
    # k = (x.y / 2 + 1)^3; within x: (1/2 + 1)^3 = 3.375; within y: 1; across: 1, 8, 1, 1.
    assert kid(x, y) == pytest.approx(3.375 + 1 - 2 * 11 / 4)


def test_samples_of_one_distribution_are_at_zero_within_the_interval() -> None:
    random = np.random.default_rng(3)
    estimate = kid_estimate(random.normal(size=(150, 16)), random.normal(size=(150, 16)))
    assert estimate.low < 0 < estimate.high
    assert estimate.count == 150


def test_the_interval_lies_around_the_value_and_apart_from_zero_for_different_sets() -> None:
    random = np.random.default_rng(3)
    estimate = kid_estimate(random.normal(size=(80, 16)) + 0.7, random.normal(size=(80, 16)))
    assert 0 < estimate.low < estimate.value < estimate.high


def test_a_larger_difference_gives_a_larger_value() -> None:
    random = np.random.default_rng(5)
    real = random.normal(size=(60, 8))
    near, far = (kid(random.normal(size=(60, 8)) + shift, real) for shift in (0.3, 1.0))
    assert near < far


def test_the_same_seed_gives_the_same_interval() -> None:
    random = np.random.default_rng(1)
    x, y = random.normal(size=(20, 4)), random.normal(size=(20, 4))
    assert kid_estimate(x, y, seed=4) == kid_estimate(x, y, seed=4)


def test_one_picture_is_too_few() -> None:
    with pytest.raises(ValueError, match="at least two pictures on each side, got 1 and 5"):
        kid(np.zeros((1, 3)), np.zeros((5, 3)))
