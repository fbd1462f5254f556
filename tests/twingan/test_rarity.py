"""Who is drawn oftener."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from twingan.data import Domain
from twingan.rarity import OFTENER, even_out

Noted = Callable[[str, str, list[Any]], str]

BROWN, WHITE = [0.2, 0.1, 0.1], [0.9, 0.9, 0.9]


def test_one_white_head_among_brown_ones_is_drawn_oftener(domains: tuple[str, str], noted: Noted) -> None:
    people = Domain(noted(domains[0], "hair", [WHITE] + [BROWN] * 15), 64)
    drawings = Domain(noted(domains[1], "hair", [BROWN, WHITE]), 64)
    asked = people.weights.sum()
    even_out(people, drawings)
    assert 1.5 * people.weights[1:].mean() < people.weights[0] <= OFTENER
    assert people.weights.sum().item() == pytest.approx(asked.item(), rel=0.1)
    brown, white = drawings.weights[:2]
    assert white > 1.5 * brown


def test_people_who_look_alike_keep_their_weights(domains: tuple[str, str], noted: Noted) -> None:
    people, drawings = Domain(noted(domains[0], "hair", [BROWN]), 64), Domain(noted(domains[1], "hair", [BROWN]), 64)
    people.pictures[:] = people.pictures[0]
    before = people.weights.clone()
    even_out(people, drawings)
    assert torch.allclose(people.weights, before)
