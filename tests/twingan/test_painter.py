"""Drawn heads play their parts: eyes and mouths are painted as they are asked for, and all else stays."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch

from tests.twingan.heads import BLUE, CENTRES, HAIR, NEARER, RED, SKIN, Places, around, drawing
from twingan.brush import UNIT
from twingan.drawn_colours import hair_colour, hair_of, skin_of
from twingan.drawn_eyes import DrawnEyes
from twingan.drawn_parts import to_lab
from twingan.eye_places import seen
from twingan.lab import to_lab as tensor_to_lab
from twingan.painted_mouth import MOUTH
from twingan.painter import Painter
from twingan.part import BROWN, Part
from twingan.pixels import to_pictures, to_tensor

Paint = Callable[..., np.ndarray]
GREY = (60.0, 0.0, 4.0)
UNSURE = (*GREY, 0.0)
AWAKE = Part((1.0, 1.0), 0.0, 0.0, 0.0, BROWN, man=False)


@pytest.fixture(scope="module")
def paint() -> Paint:
    """Paints one head, the men's eyes on nearer drawings; gives L*a*b* [S,S,3]."""
    painter = Painter({"woman": DrawnEyes.of(drawing()), "man": DrawnEyes.of(drawing(NEARER, iris=RED))}).eval()

    def painted(
        head: np.ndarray | None = None,
        glasses: tuple[float, float] = (0.0, 0.0),
        hair: tuple[float, ...] = UNSURE,
        **played: object,
    ) -> np.ndarray:
        part = dataclasses.replace(AWAKE, **played)  # type: ignore[arg-type]
        shown = drawing(iris=RED) if head is None else head
        with torch.no_grad():
            told = (torch.tensor([numbers]) for numbers in (part.told(), glasses, hair))
            return to_lab(to_pictures(painter(to_tensor(shown[None]), *told))[0])

    return painted


@pytest.mark.parametrize("own", [CENTRES, NEARER])
def test_eyes_come_where_the_head_s_own_were_in_the_colour_that_is_asked_for(paint: Paint, own: Places) -> None:
    painted = paint(drawing(own, RED))
    for x, y in own:
        iris = np.median(around(painted, x, y + 0.2, 0.4), 0)
        assert iris[2] > 15  # the source's are blue: b* < -30
        assert iris[1] < 30  # the head's own were red: a* > 50


def test_each_eye_is_as_open_as_asked(paint: Paint) -> None:
    def brown(openness: float) -> list[int]:
        painted = paint(openness=(openness, 1.0))
        return [int((around(painted, x, y)[:, 2] > 22).sum()) for x, y in CENTRES]

    opened, half, shut = brown(1.0), brown(0.5), brown(0.0)
    assert opened[0] > 1.2 * half[0] > 3 * shut[0]
    assert opened[1] == half[1] == shut[1]


def test_lids_come_down_steadily(paint: Paint) -> None:
    x, y = CENTRES[0]
    dark = [(around(paint(openness=(much, 1.0)), x, y, 1.4)[:, 0] < 60).sum() for much in (1.0, 0.8, 0.6, 0.4)]
    assert dark == sorted(dark, reverse=True) and dark[-1] > 20


def test_a_shut_eye_is_a_dark_line_on_skin(paint: Paint) -> None:
    lightness = around(paint(openness=(0.0, 0.0)), *CENTRES[0], 1.2)[:, 0]
    assert np.median(lightness) == pytest.approx(to_lab(np.array([[SKIN]], np.uint8))[0, 0, 0], abs=3)
    assert 0.01 < (lightness < 45).mean() < 0.25


def test_men_get_men_s_eyes(paint: Paint) -> None:
    """The men's drawing has its eyes nearer each other, so on a head like the women's they are larger."""
    women, men = (paint(man=man) for man in (False, True))
    assert np.abs(women - men).max() > 10
    assert np.abs(women - men)[:60].max() == 0


def test_glasses_are_drawn_once_it_is_sure_of_them(paint: Paint) -> None:
    bare, doubtful, sure, dark = (paint(glasses=seen) for seen in ((0, 0), (0.4, 1), (0.6, 0), (1, 1)))
    assert np.abs(bare - doubtful).max() == 0
    assert 0.01 < (np.abs(bare - sure).max(-1) > 20).mean() < 0.06
    x, y = CENTRES[0]
    assert around(dark, x, y + 0.3)[:, 0].mean() < around(sure, x, y + 0.3)[:, 0].mean() - 15


def test_hair_gets_the_colour_that_was_read_once_that_is_sure(paint: Paint) -> None:
    unsure, half, sure = (paint(hair=(*GREY, much)) for much in (0.0, 0.5, 1.0))
    fringe = np.s_[40:70, 50:200]
    assert np.median(sure[fringe].reshape(-1, 3), 0) == pytest.approx(GREY, abs=2)
    assert np.median(half[fringe].reshape(-1, 3), 0)[1] == pytest.approx(np.median(unsure[fringe][..., 1]) / 2, abs=6)
    changed = np.abs(sure - unsure).max(-1) > 3
    skin, paper = np.s_[150:170, 110:150], np.s_[:8, :8]
    assert changed[fringe].mean() > 0.95 and not changed[skin].any() and not changed[paper].any()


def test_hair_of_about_that_colour_stays_as_it_is(paint: Paint) -> None:
    light, red, yellow = to_lab(np.array([[HAIR]], np.uint8))[0, 0]
    assert np.abs(paint(hair=(light, red, yellow + 4, 1.0)) - paint()).max() == 0


def test_hair_beside_an_eye_stays(paint: Paint) -> None:
    strand = drawing(iris=RED)
    beside = np.s_[round(8.1 * UNIT) : round(8.5 * UNIT), round(3.3 * UNIT) : round(3.6 * UNIT)]
    strand[beside] = HAIR
    assert np.abs(paint(strand)[beside] - to_lab(strand)[beside]).mean() < 4


def test_hair_is_told_from_skin_and_paper() -> None:
    head = to_tensor(drawing()[None])
    skin = tensor_to_lab(skin_of(head))
    colour = hair_colour(head, skin)
    assert colour.flatten().numpy() == pytest.approx(to_lab(np.array([[HAIR]], np.uint8))[0, 0], abs=2)
    hair = hair_of(seen(head), skin, colour)[0, 0]
    assert hair[0, 3] > 0.9  # beside the forehead
    assert hair[30, 44] < 0.1  # the nose


def test_a_mouth_opens_and_smiles(paint: Paint) -> None:
    red = [(around(paint(gap=gap), *MOUTH)[:, 1] > 25).sum() for gap in (0.0, 0.4, 1.0)]
    assert red[0] == 0 < red[1] < red[2]
    rows = [np.flatnonzero((paint(smile=smile)[165:200, 112:144, 0] < 78).any(1)) for smile in (0.0, 1.0)]
    assert np.ptp(rows[1]) > np.ptp(rows[0])


def test_a_turned_face_moves_its_eyes_and_mouth(paint: Paint) -> None:
    straight, turned = paint(gap=1.0), paint(gap=1.0, turned=0.5)

    def middle(lab: np.ndarray, rows: slice, columns: slice, channel: int) -> float:
        return float(np.flatnonzero((lab[rows, columns, channel] > 22).any(0)).mean())

    for place in (
        (slice(100, 140), slice(0, 128), 2),
        (slice(100, 140), slice(128, 256), 2),
        (slice(175, 200), slice(90, 166), 1),
    ):
        assert middle(turned, *place) > middle(straight, *place) + 2


def test_all_else_is_as_it_was_to_the_pixel(paint: Paint) -> None:
    head = drawing(iris=BLUE)
    changed = np.abs(paint(head) - to_lab(head)).max(-1) > 0
    rows, columns = np.where(changed)
    assert rows.min() >= 5 * UNIT and rows.max() < 13 * UNIT
    assert columns.min() >= 2.5 * UNIT and columns.max() < 13.5 * UNIT
    assert 0.02 < (np.abs(paint(head) - to_lab(head)).max(-1) > 3).mean() < 0.2
