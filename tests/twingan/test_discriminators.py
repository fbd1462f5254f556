"""Discriminators see what a picture should match."""

from __future__ import annotations

import pytest
import torch

from twingan.discriminators import FeatureDiscriminator, PixelDiscriminator


@pytest.mark.parametrize("told", [0, 3])
def test_scores_depend_on_what_a_picture_should_match(told: int) -> None:
    torch.manual_seed(0)
    pixels, features = PixelDiscriminator(told).eval(), FeatureDiscriminator((8, 12), told).eval()
    maps = [torch.rand(2, 8, 16, 16), torch.rand(2, 12, 8, 8)]
    picture = torch.rand(2, 3, 32, 32)
    some, other = (torch.full((2, told, 1, 1), value) if told else None for value in (1.0, -1.0))
    for judge, seen in ((pixels, picture), (features, maps)):
        first, second = judge(seen, some), judge(seen, other)
        assert all(x.shape[:2] == (2, 1) for x in first)
        assert all(torch.equal(x, y) == (not told) for x, y in zip(first, second, strict=True))
