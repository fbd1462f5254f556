"""L*a*b* of tensors is that of OpenCV, nearly."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from twingan import drawn_parts
from twingan.lab import colour, far, to_lab, to_rgb
from twingan.pixels import to_pictures, to_tensor


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """All sorts of colours, and all greys."""
    some = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    some[:4] = np.arange(256, dtype=np.uint8).reshape(4, 64, 1)
    return some


def test_colours_are_opencv_s(picture: np.ndarray) -> None:
    own = to_lab(to_tensor(picture[None]))[0].permute(1, 2, 0).numpy()
    off = np.abs(own - drawn_parts.to_lab(picture))
    assert off[..., 0].max() < 1 and off.max() < 3.5 and off.mean() < 0.6  # 2 is just visible


def test_there_and_back_is_the_same_picture(picture: np.ndarray) -> None:
    back = to_pictures(to_rgb(to_lab(to_tensor(picture[None]))))[0]
    off = np.abs(back.astype(int) - picture)
    assert off.mean() < 2.5 and np.quantile(off, 0.95) <= 8
    assert off[:4].max() <= 3  # greys


def test_what_no_screen_can_show_is_cut_off() -> None:
    assert to_rgb(colour((150, 0, 0))).max() <= 1 and to_rgb(colour((-20, 90, -90))).min() >= -1


def test_distances_are_over_the_channels() -> None:
    difference = torch.tensor([3.0, 4.0]).view(1, 2, 1, 1)
    assert far(difference).item() == pytest.approx(5)
