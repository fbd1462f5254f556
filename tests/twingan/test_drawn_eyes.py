"""Eyes are drawn into a head where its own were, as they are asked for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from twingan.brush import SIZE, UNIT, Canvas
from twingan.drawn_eyes import DrawnEyes, places
from twingan.drawn_parts import Lab, skin_of, to_lab

BROWN = np.array((4, 14, 34), np.float32)
HAIR, SKIN, BLUE, RED = (240, 120, 170), (250, 225, 215), (40, 90, 200), (200, 60, 60)
CENTRES = ((4.85, 7.35), (11.15, 7.35))
NEARER = ((5.85, 7.95), (10.15, 7.95))
"""Other eyes, nearer each other and lower."""


def drawing(centres: tuple[tuple[float, float], ...] = CENTRES, iris: tuple[int, int, int] = BLUE) -> np.ndarray:
    """RGB uint8: pink hair on white paper, a face below a fringe, and eyes with lashes."""
    picture = np.full((SIZE, SIZE, 3), 255, np.uint8)
    cv2.ellipse(picture, (128, 128), (110, 118), 0, 0, 360, HAIR, -1)
    cv2.ellipse(picture, (128, 132), (92, 80), 0, 0, 360, SKIN, -1)
    cv2.rectangle(picture, (40, 30), (216, 78), HAIR, -1)
    for x, y in centres:
        cv2.circle(picture, (round(x * UNIT), round(y * UNIT)), 15, iris, -1)
        cv2.ellipse(picture, (round(x * UNIT), round(y * UNIT)), (22, 18), 0, 180, 360, (40, 20, 20), 4)
    return picture


@pytest.fixture(scope="module")
def eyes() -> DrawnEyes:
    return DrawnEyes.of(drawing())


def canvas(
    eyes: DrawnEyes, openness: tuple[float, float], own: tuple[tuple[float, float], ...] = CENTRES, hair: float = 0
) -> Canvas:
    lab = to_lab(drawing(own, RED))
    return eyes.onto(Canvas.of(lab), np.full(lab.shape[:2], hair, np.float32), skin_of(lab), BROWN, openness)


def head(eyes: DrawnEyes, openness: tuple[float, float]) -> Lab:
    return canvas(eyes, openness).lab


def around(lab: Lab, x: float, y: float, reach: float = 1.0) -> Lab:
    rows, columns = (slice(round((at - reach) * UNIT), round((at + reach) * UNIT)) for at in (y, x))
    return lab[rows, columns].reshape(-1, 3)


@pytest.mark.parametrize("own", [CENTRES, NEARER])
def test_eyes_are_found(own: tuple[tuple[float, float], ...]) -> None:
    lab = to_lab(drawing(own))
    assert np.abs(np.array(places(lab, skin_of(lab))) - own).max() < 0.45


@pytest.mark.parametrize("own", [CENTRES, NEARER])
def test_eyes_come_where_the_head_s_own_were_in_the_colour_that_is_asked_for(
    eyes: DrawnEyes, own: tuple[tuple[float, float], ...]
) -> None:
    drawn = canvas(eyes, (1.0, 1.0), own).lab
    for x, y in own:
        iris = np.median(around(drawn, x, y + 0.2, 0.4), 0)
        assert iris[2] > 15  # the source's are blue: b* < -30
        assert iris[1] < 25  # the head's own were red: a* > 50


def test_each_eye_is_as_open_as_asked(eyes: DrawnEyes) -> None:
    def brown(openness: float) -> list[int]:
        drawn = head(eyes, (openness, 1.0))
        return [int((around(drawn, x, y)[:, 2] > 22).sum()) for x, y in CENTRES]

    opened, half, shut = brown(1.0), brown(0.5), brown(0.0)
    assert opened[0] > 1.2 * half[0] > 3 * shut[0]
    assert opened[1] == half[1] == shut[1]


def test_a_shut_eye_is_a_dark_line_on_skin(eyes: DrawnEyes) -> None:
    drawn = head(eyes, (0.0, 0.0))
    lightness = around(drawn, *CENTRES[0], 1.2)[:, 0]
    assert np.median(lightness) == pytest.approx(skin_of(drawn)[0], abs=3)
    assert 0.01 < (lightness < 45).mean() < 0.25


def test_hair_beside_an_eye_stays_and_an_eye_comes_before_it(eyes: DrawnEyes) -> None:
    bald, hairy = (canvas(eyes, (1.0, 1.0), hair=hair) for hair in (0.0, 1.0))
    beside = np.s_[round(8.2 * UNIT) : round(8.4 * UNIT), round(3.4 * UNIT) : round(3.65 * UNIT)]
    assert hairy.painted[beside].max() < 0.01 < 0.1 < bald.painted[beside].mean()
    for x, y in CENTRES:
        assert np.abs(around(hairy.lab, x, y, 0.5) - around(bald.lab, x, y, 0.5)).max() < 1e-3


def test_what_is_not_painted_is_as_it_was(eyes: DrawnEyes) -> None:
    after = canvas(eyes, (0.5, 0.5))
    same = after.painted == 0
    assert np.abs(after.lab - to_lab(drawing(iris=RED)))[same].max() == 0
    assert 0.02 < 1 - same.mean() < 0.2


def test_a_drawing_without_hair_or_eyes_is_refused() -> None:
    with pytest.raises(ValueError, match="name another"):
        DrawnEyes.of(np.full((SIZE, SIZE, 3), 255, np.uint8))
    with pytest.raises(ValueError, match="no eyes"):
        DrawnEyes.of(drawing(()))
