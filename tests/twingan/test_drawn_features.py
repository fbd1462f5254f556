"""Eyes and mouths are drawn into a head as they are asked for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from twingan.drawn_features import CENTRES, MOUTH, SIZE, UNIT, DrawnEyes, turned, with_mouth
from twingan.drawn_parts import Lab, skin_of, to_lab, to_picture

BROWN = np.array((4, 14, 34), np.float32)


HAIR, SKIN, BLUE = (240, 120, 170), (250, 225, 215), (40, 90, 200)


def drawing() -> np.ndarray:
    """RGB uint8: pink hair on white paper, a face below a fringe, and blue eyes with lashes where heads have them."""
    picture = np.full((SIZE, SIZE, 3), 255, np.uint8)
    cv2.ellipse(picture, (128, 128), (110, 118), 0, 0, 360, HAIR, -1)
    cv2.ellipse(picture, (128, 132), (92, 80), 0, 0, 360, SKIN, -1)
    cv2.rectangle(picture, (40, 30), (216, 78), HAIR, -1)
    for x, y in CENTRES:
        cv2.circle(picture, (round(x * UNIT), round(y * UNIT)), 15, BLUE, -1)
        cv2.ellipse(picture, (round(x * UNIT), round(y * UNIT)), (22, 18), 0, 180, 360, (40, 20, 20), 4)
    return picture


@pytest.fixture(scope="module")
def eyes() -> DrawnEyes:
    return DrawnEyes.of(drawing())


def head(eyes: DrawnEyes, openness: tuple[float, float]) -> Lab:
    lab = to_lab(drawing())
    return eyes.onto(lab, np.zeros(lab.shape[:2], np.float32), skin_of(lab), BROWN, openness)


def around(lab: Lab, x: float, y: float, reach: float = 1.0) -> Lab:
    rows, columns = (slice(round((at - reach) * UNIT), round((at + reach) * UNIT)) for at in (y, x))
    return lab[rows, columns].reshape(-1, 3)


def test_eyes_come_where_they_belong_in_the_colour_that_is_asked_for(eyes: DrawnEyes) -> None:
    drawn = head(eyes, (1.0, 1.0))
    for x, y in CENTRES:
        assert np.median(around(drawn, x, y + 0.2, 0.4)[:, 2]) > 15  # the source's irises are blue: b* < -30
    assert eyes.iris[2] < -20


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


def test_hair_beside_an_eye_stays(eyes: DrawnEyes) -> None:
    before = to_lab(drawing())
    beside = (slice(round(6.8 * UNIT), round(8.2 * UNIT)), slice(round(2.6 * UNIT), round(2.9 * UNIT)))
    before[beside] = before[60, 128]  # a strand
    strand = np.zeros(before.shape[:2], np.float32)
    strand[beside] = 1
    for hair, stays in ((strand, True), (0 * strand, False)):
        after = eyes.onto(before, hair, skin_of(before), BROWN, (1.0, 1.0))
        assert stays == (np.abs(after[beside] - before[beside]).mean() < 8)


def test_a_mouth_opens_and_smiles() -> None:
    lab = to_lab(drawing())
    skin = skin_of(lab)
    red = [(around(with_mouth(lab, skin, gap, 0.0), *MOUTH)[:, 1] > 25).sum() for gap in (0.0, 0.4, 1.0)]
    assert red[0] == 0 < red[1] < red[2]
    straight, smiling = (around(with_mouth(lab, skin, 0.0, smile), *MOUTH) for smile in (0.0, 1.0))
    rows = [np.flatnonzero((area[:, 0].reshape(32, 32) < 60).any(1)) for area in (straight, smiling)]
    assert np.ptp(rows[1]) > np.ptp(rows[0])  # the corners go up


def test_a_turned_face_moves_and_its_outline_stays(eyes: DrawnEyes) -> None:
    lab = head(eyes, (1.0, 1.0))
    moved = turned(lab, 0.8)
    for edge in (np.s_[:4], np.s_[-4:], np.s_[:, :4], np.s_[:, -4:]):
        assert np.abs(moved[edge] - lab[edge]).max() < 5

    def eyes_of(picture: Lab) -> list[tuple[float, float]]:
        """Middle and width of each."""
        found = [np.flatnonzero((half > 22).any(0)) for half in np.hsplit(picture[100:140, :, 2], 2)]
        return [(float(columns.mean()), float(np.ptp(columns))) for columns in found]

    (left, wide), (right, _) = eyes_of(lab)
    (left_now, wider), (right_now, narrower) = eyes_of(moved)
    assert left_now > left + 3 and right_now > right + 3
    assert wider > wide > narrower  # the far side of the face
    assert np.abs(to_picture(turned(lab, 0.0)).astype(int) - to_picture(lab)).max() <= 1


def test_a_drawing_without_hair_is_refused() -> None:
    with pytest.raises(ValueError, match="name another"):
        DrawnEyes.of(np.full((SIZE, SIZE, 3), 255, np.uint8))
