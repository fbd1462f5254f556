"""Hair that is missing on one side of the crown is filled in from the other."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from tests.twingan.test_drawn_eyes import HAIR, drawing
from twingan.crown import all_filled, filled

WEDGE = np.array([[30, 40], [90, 20], [60, 90]])
"""Within the crown on the left, x and y."""


def torn() -> np.ndarray:
    """A drawing with a white wedge in its hair."""
    picture = drawing()
    cv2.fillPoly(picture, [WEDGE], (255, 255, 255))
    return picture


def test_a_wedge_becomes_hair() -> None:
    mended = filled(torn())
    assert np.abs(mended[52, 58].astype(int) - HAIR).max() < 12
    changed = np.abs(mended.astype(int) - torn()).max(-1) > 12
    assert not changed[:, 128:].any() and not changed[128:].any()


def test_whole_heads_and_pictures_without_hair_stay() -> None:
    assert np.abs(filled(drawing()).astype(int) - drawing()).max() <= 1
    paper = np.full((64, 64, 3), 255, np.uint8)
    assert np.array_equal(filled(paper), paper)


def test_smaller_drawings_are_mended_alike_as_tensors() -> None:
    small = cv2.resize(torn(), (128, 128), interpolation=cv2.INTER_AREA)
    tensor = torch.from_numpy(np.stack([small, small[:, ::-1]])).permute(0, 3, 1, 2).float() / 127.5 - 1
    mended = all_filled(tensor)
    assert mended.shape == tensor.shape and mended.abs().max() <= 1
    hair = torch.tensor(HAIR) / 127.5 - 1
    assert (mended[0, :, 26, 29] - hair).abs().max() < 0.12
    assert (mended[1, :, 26, 98] - hair).abs().max() < 0.12
