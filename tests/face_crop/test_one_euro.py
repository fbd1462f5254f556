import numpy as np
import pytest

from face_crop.one_euro import OneEuro


def values(filtered: OneEuro, raw: np.ndarray, seconds: float) -> np.ndarray:
    return np.array([filtered(np.array([x]), seconds)[0] for x in raw])


def test_the_first_value_comes_back_as_it_is() -> None:
    assert OneEuro(0.3, 1)(np.array([5.0, -2.0]), 0.0).tolist() == [5, -2]


def test_noise_around_a_resting_value_is_damped() -> None:
    noise = np.random.default_rng(0).normal(0, 1, 600)
    steady = values(OneEuro(0.3, 0.0), noise, 1 / 30)[100:]
    # A filter of that cutoff leaves sqrt(a / (2 - a)) of white noise, a = 1 / (1 + 30 / (2 pi 0.3)) = 0.06.
    assert steady.std() == pytest.approx(0.175, rel=0.3)


def test_the_faster_the_motion_the_smaller_the_lag() -> None:
    lags = []
    for speed in (1.0, 10.0):
        ramp = speed * np.arange(120) / 30
        lags.append((ramp - values(OneEuro(0.3, 2.0), ramp, 1 / 30))[-1] / speed)
    assert lags[1] < lags[0] / 4
    # At 10 units/s the cutoff is 20.3 Hz; on a ramp a discrete exponential filter is behind by 1 / (2 pi cutoff).
    assert lags[1] == pytest.approx(1 / (2 * np.pi * 20.3), rel=0.05)


def test_half_the_frame_rate_gives_the_same_curve() -> None:
    times = np.arange(0, 3, 1 / 60)
    ramp = np.minimum(times, 1.5)
    fast = values(OneEuro(0.5, 2.0), ramp, 1 / 60)
    slow = values(OneEuro(0.5, 2.0), ramp[::2], 1 / 30)
    assert np.abs(fast[::2] - slow).max() < 0.03


def test_a_diagonal_is_followed_as_closely_as_a_straight_line() -> None:
    straight, diagonal = OneEuro(0.3, 2.0), OneEuro(0.3, 2.0)
    for i in range(60):
        a = straight(np.array([i * 0.1, 0.0]), 1 / 30)
        b = diagonal(np.array([i * 0.1, i * 0.1]) / np.sqrt(2), 1 / 30)
    assert np.linalg.norm(a) == pytest.approx(np.linalg.norm(b))


@pytest.mark.parametrize("parameters", [(0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, 0.0)])
def test_parameters_without_sense_are_refused(parameters: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="cutoff"):
        OneEuro(*parameters)
