"""Hair that a drawn head lacks on one side of its crown is filled in, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.twingan.heads import HAIR, drawing
from twingan.brush import SIZE
from twingan.crown import AREA, Crown
from twingan.drawn_colours import hair_colour, hair_of, skin_of
from twingan.eye_places import SEEN
from twingan.lab import to_lab
from twingan.likeness import area_of
from twingan.pixels import to_pictures, to_tensor

WHITE = (255, 255, 255)


def filled(head: np.ndarray) -> np.ndarray:
    """The head as `painter` has it filled."""
    with torch.no_grad():
        x = to_tensor(head[None])
        lab, skin = to_lab(functional.avg_pool2d(area_of(x, AREA), SIZE // SEEN)), to_lab(skin_of(x))
        colour = hair_colour(x, skin)
        return np.asarray(to_pictures(Crown()(x, lab, hair_of(lab, skin, colour), colour))[0])


def wedged() -> np.ndarray:
    """A head with a white wedge at the upper left, as the networks draw it."""
    head = drawing()
    y, x = np.indices(head.shape[:2])
    head[x + y < 150] = WHITE
    return head


def mirrored(head: np.ndarray) -> np.ndarray:
    return np.asarray(np.ascontiguousarray(head[:, ::-1]))


@pytest.mark.parametrize("turn", [lambda head: head, mirrored], ids=["left", "right"])
def test_a_wedge_becomes_hair(turn: Callable[[np.ndarray], np.ndarray]) -> None:
    lacking = (wedged() == WHITE).all(2) & (drawing() == HAIR).all(2)
    lacking = cv2.erode(lacking.astype(np.uint8), np.ones((5, 5))) > 0
    after = turn(filled(turn(wedged())))
    off = np.abs(after.astype(int) - HAIR).max(2)[lacking]
    assert lacking.sum() > 800 and np.median(off) < 12 and (off < 60).mean() > 0.85


def test_a_whole_head_stays_as_it_is() -> None:
    assert np.abs(filled(drawing()).astype(int) - drawing()).max() <= 1


def test_locks_that_differ_from_side_to_side_stay() -> None:
    head = drawing()
    cv2.circle(head, (14, 60), 12, HAIR, -1)
    assert np.abs(filled(head).astype(int) - head).max() <= 1


def test_face_and_all_below_the_eyes_are_not_touched() -> None:
    changed = np.abs(filled(wedged()).astype(int) - wedged()).max(2) > 1
    assert changed.any() and not changed[SIZE // 2 :].any()
    assert not changed[90:, 90:166].any()


def test_a_white_haired_head_is_not_taken_for_paper() -> None:
    head = drawing()
    head[(head == HAIR).all(2)] = (225, 225, 228)
    assert np.abs(filled(head).astype(int) - head).max() <= 1
