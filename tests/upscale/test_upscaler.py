"""Enlarged drawings keep their content and show no seams."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
import pytest

from upscale import Upscaler, upscaler


def drawing(height: int, width: int) -> np.ndarray:
    """Flat areas with a dark outline, RGB uint8 [height,width,3]."""
    picture = np.full((height, width, 3), (250, 240, 230), np.uint8)
    centre, radius = (width // 2, height // 2), min(height, width) // 3
    cv2.circle(picture, centre, radius, (230, 120, 90), -1, cv2.LINE_AA)
    cv2.circle(picture, centre, radius, (40, 30, 30), 2, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("scale", [2, 4])
def test_the_picture_stays_what_it_is(scale: int) -> None:
    picture = drawing(48, 64)
    large = Upscaler(scale)(picture)
    assert large.shape == (48 * scale, 64 * scale, 3)
    assert large.dtype == np.uint8
    small = cv2.resize(large, (64, 48), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - picture).mean() < 4


def test_lines_are_sharper_than_those_of_plain_enlarging() -> None:
    picture = drawing(64, 64)
    plain = cv2.resize(picture, (256, 256), interpolation=cv2.INTER_CUBIC)
    steepest = [
        np.percentile(np.abs(np.diff(x[..., 1].astype(int), axis=1)), 99.5) for x in (plain, Upscaler(4)(picture))
    ]
    assert steepest[1] > 1.2 * steepest[0]


def test_tiles_show_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = drawing(70, 90)
    whole = Upscaler(4)(picture)
    monkeypatch.setattr(upscaler, "TILE", 32)
    tiled = Upscaler(4)(picture)
    assert np.abs(whole.astype(int) - tiled).max() <= 1


def test_odd_sizes_down_to_one_pixel() -> None:
    twice = Upscaler(2)
    assert twice(drawing(1, 1)).shape == (2, 2, 3)
    assert twice(drawing(37, 21)).shape == (74, 42, 3)


@pytest.mark.parametrize("wrong", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3))])
def test_anything_but_rgb_is_refused_by_its_shape(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected RGB uint8"):
        Upscaler(2)(wrong)


def test_a_scale_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="possible are 2 and 4"):
        Upscaler(3)


def test_the_graph_is_the_one_that_its_readme_names() -> None:
    digest = hashlib.sha256(upscaler.GRAPH.read_bytes()).hexdigest()
    assert digest in upscaler.GRAPH.with_name("README.md").read_text("utf-8")
