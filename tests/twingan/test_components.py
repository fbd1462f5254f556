"""Discriminators of parts of a face see eyes as a pair."""

from __future__ import annotations

import pytest
import torch

from twingan import components


@pytest.mark.parametrize(("side", "seen"), [(64, 32), (128, 32), (256, 64)])
def test_a_pair_of_eyes_is_seen_one_mirrored_and_the_mouth(side: int, seen: int) -> None:
    face = torch.rand(2, 3, side, side)
    parts = components.seen((face + face.flip(-1)) / 2)
    assert parts["eyes"].shape == (2, 6, seen, seen) and parts["mouth"].shape == (2, 3, seen, seen)
    left, right = parts["eyes"].chunk(2, 1)
    assert torch.allclose(left, right, atol=1e-5)
    left, right = components.seen(face)["eyes"].chunk(2, 1)
    assert not torch.allclose(left, right, atol=0.1)
