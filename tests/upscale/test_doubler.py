"""Live portraits of twice the side."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.errors import EngineError
from tests.upscale.test_upscaler import drawing
from upscale import Doubler, doubler


def steepest(picture: np.ndarray) -> float:
    """How much neighbouring pixels differ across the hardest edges."""
    return float(np.percentile(np.abs(np.diff(picture[..., 1].astype(int), axis=1)), 99.5))


def blocky(picture: np.ndarray) -> bool:
    """Whether neighbouring pixels differ mostly at every fourth border, as where pixels were only repeated."""
    steps = np.abs(np.diff(picture.astype(int), axis=1)).mean((0, 2))
    return bool(steps[3::4].mean() > 2 * np.delete(steps, np.s_[3::4]).mean())


@pytest.fixture(params=["openvino", "onnxruntime"])
def double(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Doubler:
    if request.param == "onnxruntime":
        monkeypatch.setattr(doubler, "find_spec", lambda name: None)
    made = Doubler()
    assert made.runtime.replace(" ", "").lower().startswith(request.param)
    return made


def test_drawings_keep_their_content_with_sharper_lines_than_plain_enlarging(double: Doubler) -> None:
    drawings = np.stack([drawing(64, 64), drawing(64, 64)[:, :, ::-1]])
    doubled = double(drawings)
    assert doubled.shape == (2, 128, 128, 3)
    for before, after in zip(drawings, doubled, strict=True):
        small = cv2.resize(after, (64, 64), interpolation=cv2.INTER_AREA)
        assert np.abs(small.astype(int) - before).mean() < 6
        plain = cv2.resize(before, (128, 128), interpolation=cv2.INTER_CUBIC)
        assert steepest(after) > 1.15 * steepest(plain)
        assert not blocky(after)


def test_results_are_the_callers_own(double: Doubler) -> None:
    first = double(drawing(16, 16)[None])
    kept = first.copy()
    double(np.zeros((1, 16, 16, 3), np.uint8))
    np.testing.assert_array_equal(first, kept)


def test_odd_sides_are_doubled_too(double: Doubler) -> None:
    assert double(np.zeros((1, 17, 17, 3), np.uint8)).shape == (1, 34, 34, 3)
    assert double(np.zeros((0, 16, 16, 3), np.uint8)).shape == (0, 32, 32, 3)


def test_a_missing_graph_is_told() -> None:
    with pytest.raises(EngineError, match=r"gone\.onnx does not exist"):
        Doubler(Path("gone.onnx"))
