from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from live.encode import encode_jpeg


def decoded(jpeg: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255)])
def test_red_stays_red(colour: tuple[int, int, int]) -> None:
    picture = np.full((32, 48, 3), colour, np.uint8)
    assert np.abs(decoded(encode_jpeg(picture)).astype(int) - picture).max() <= 3


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 5, 3), (4320, 7680, 3)])
def test_encodes_any_size(shape: tuple[int, int, int]) -> None:
    picture = np.full(shape, 90, np.uint8)
    assert decoded(encode_jpeg(picture)).shape == shape


def test_encodes_a_part_of_a_larger_picture() -> None:
    canvas = np.zeros((20, 40, 3), np.uint8)
    canvas[:, 20:] = 200
    assert decoded(encode_jpeg(canvas[:, 20:])).min() >= 198


def test_less_quality_is_smaller() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    assert len(encode_jpeg(noise, 40)) < len(encode_jpeg(noise, 90))
