"""Who is drawn oftener."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from twingan.data import Domain
from twingan.rarity import OFTENER, even_out

BROWN, WHITE = [0.2, 0.1, 0.1], [0.9, 0.9, 0.9]


def domain(path: str, hairs: list[list[float]]) -> Domain:
    """A packed domain whose pictures have these hair colours in turn."""
    note = Path(path).with_suffix(".json")
    packed = json.loads(note.read_text())
    for number, row in enumerate(packed["pictures"]):
        row["hair"] = hairs[number % len(hairs)]
    note.write_text(json.dumps(packed))
    return Domain(path, 64)


def test_one_white_head_among_brown_ones_is_drawn_oftener(domains: tuple[str, str]) -> None:
    people = domain(domains[0], [WHITE] + [BROWN] * 15)
    drawings = domain(domains[1], [BROWN, WHITE])
    asked = people.weights.sum()
    even_out(people, drawings)
    assert 1.5 * people.weights[1:].mean() < people.weights[0] <= OFTENER
    assert people.weights.sum().item() == pytest.approx(asked.item(), rel=0.1)
    brown, white = drawings.weights[:2]
    assert white > 1.5 * brown


def test_people_who_look_alike_keep_their_weights(domains: tuple[str, str]) -> None:
    people, drawings = domain(domains[0], [BROWN]), domain(domains[1], [BROWN])
    people.pictures[:] = people.pictures[0]
    before = people.weights.clone()
    even_out(people, drawings)
    assert torch.allclose(people.weights, before)
