"""Drawings that took their dye only in parts are told from those that took it."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from tests.twingan.test_dye import drawn_head
from twingan.palette import Palette
from twingan.purity import impurity, purest

HAIR, SKIN = (60, 40, 35), (230, 190, 170)


def streaked() -> np.ndarray:
    """The same head with a white strand and a spot on the cheek."""
    head = drawn_head(HAIR, SKIN)
    cv2.line(head, (56, 12), (50, 50), (250, 250, 250), 9)
    cv2.circle(head, (48, 84), 5, (250, 240, 240), -1)
    return head


def test_a_strand_of_another_colour_is_impure_and_eyes_are_not() -> None:
    plain = drawn_head(HAIR, SKIN)
    other_eyes = plain.copy()
    cv2.circle(other_eyes, (48, 70), 6, (200, 30, 30), -1)
    pictures = torch.from_numpy(np.stack([plain, other_eyes, streaked()])).permute(0, 3, 1, 2).float() / 127.5 - 1
    colours = [torch.tensor([tone] * 3)[..., None, None] / 255 for tone in (HAIR, SKIN)]
    clean, eyes, impure = impurity(pictures, Palette(*colours)).tolist()
    assert eyes < clean + 0.01
    assert impure > clean + 0.02


def test_the_purest_are_kept_in_their_order() -> None:
    heads = [streaked(), drawn_head(HAIR, SKIN), streaked(), drawn_head(HAIR, SKIN)]
    drawings = np.stack([np.dstack([head, np.full((128, 128), 255, np.uint8)]) for head in heads])
    hair, skin = ([[value / 255 for value in tone]] * 4 for tone in (HAIR, SKIN))
    assert purest(drawings, hair, skin, 0.5).tolist() == [1, 3]
    assert len(purest(drawings, hair, skin, 0.01)) == 1
