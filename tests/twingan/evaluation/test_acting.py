"""Whether portraits blink and speak with people is seen in what eyes and mouths look like."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.twingan.acting import installed, portrait
from tests.twingan.heads import drawing
from twingan.drawn_eyes import DrawnEyes
from twingan.evaluation import acting, extras
from twingan.painter import Painter
from twingan.part import BROWN, Part
from twingan.pixels import to_pictures, to_tensor


def drawn(openness: float, gap: float) -> np.ndarray:
    """A drawn head, RGB uint8 [1,S,S,3]."""
    eyes = DrawnEyes.of(drawing())
    part = Part((openness, openness), gap, 0.0, 0.0, BROWN, man=False)
    with torch.no_grad():
        painter, bare, undyed = Painter({"woman": eyes, "man": eyes}), torch.zeros(1, 2), torch.zeros(1, 4)
        painted = painter(to_tensor(drawing()[None]), torch.tensor([part.told()]), bare, undyed)
    return to_pictures(painted)


def test_shut_eyes_have_less_ink_and_an_open_mouth_more() -> None:
    awake, asleep, talking = drawn(1, 0), drawn(0, 0), drawn(1, 0.8)
    assert acting.blinks(awake, asleep) == acting.speaks(awake, talking) == 1
    assert acting.blinks(awake, talking) == acting.speaks(awake, asleep) == 0
    assert acting.blinks(awake, awake) == acting.speaks(awake, awake) == 0


def test_a_plain_face_has_no_ink() -> None:
    plain = np.full((256, 256, 3), (250, 225, 215), np.uint8)
    assert acting.ink(plain, acting.eyes_of(plain)) == acting.ink(plain, acting.MOUTH) == 0


@installed
def test_people_are_made_to_act_and_who_cannot_is_left_out() -> None:
    people = np.stack([portrait(), portrait()[:, ::-1]])
    shut, opened, able = acting.made(people, extras.FOLDER)
    assert shut.shape == opened.shape == people.shape
    assert (able == 1).all()  # she has open eyes and a closed mouth
    eyes, mouth = np.s_[:, 100:125, 80:176], np.s_[:, 172:200, 100:156]
    for changed, where, elsewhere in ((shut, eyes, mouth), (opened, mouth, eyes)):
        difference = np.abs(changed.astype(int) - people)
        assert difference[where].mean() > 3 * max(difference[elsewhere].mean(), 0.1)
    _, _, able = acting.made(opened[:1], extras.FOLDER)
    assert able[0, 0] == 1 and np.isnan(able[1, 0])


def test_portraits_of_two_people_are_told_apart() -> None:
    before, after = np.concatenate([drawn(1, 0)] * 2), np.concatenate([drawn(0, 0), drawn(1, 0)])
    assert acting.blinks(before, after) == pytest.approx([1, 0])
