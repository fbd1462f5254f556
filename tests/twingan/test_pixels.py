"""Pictures come back from a tensor as they went in."""

from __future__ import annotations

import numpy as np
import torch

from twingan.pixels import to_pictures, to_tensor


def test_every_grey_comes_back() -> None:
    pictures = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1).repeat(4, 3)
    x = to_tensor(pictures)
    assert x.shape == (1, 4, 16, 16) and x.min() == -1 and x.max() == 1
    assert np.array_equal(to_pictures(x), pictures)


def test_what_is_too_bright_is_cut_off() -> None:
    assert to_pictures(torch.tensor([-3.0, 3.0]).view(1, 1, 1, 2)).ravel().tolist() == [0, 255]
