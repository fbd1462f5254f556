"""What a training step is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from twingan.batches import CONDITIONS, Drawings, Sitters
from twingan.data import Domain

Noted = Callable[[str, str, list[Any]], str]


def test_without_colours_nothing_is_told(domains: tuple[str, str]) -> None:
    sitters = Sitters.draw(Domain(domains[0], 64), 3, 0.0, coloured=False)
    drawings = Drawings.draw(Domain(domains[1], 64), 3, coloured=False)
    assert sitters.wanted is None
    assert sitters.told is None and drawings.told is None
    assert sitters.seen.shape == sitters.clean.shape == drawings.pictures.shape == (3, 3, 64, 64)


def test_the_judge_is_told_people_s_hair_and_sex(domains: tuple[str, str], noted: Noted) -> None:
    sitters = Sitters.draw(Domain(noted(domains[0], "group", ["man"]), 64), 4, 0.0, coloured=True)
    assert sitters.told is not None and sitters.wanted is not None
    assert sitters.told.shape == (4, CONDITIONS, 1, 1)
    assert torch.equal(sitters.told[:, -1], torch.ones(4, 1, 1))
    assert torch.allclose(sitters.told[:, :3], 2 * sitters.wanted.hair - 1)


def test_the_judge_is_told_a_drawing_s_own_colours_and_sex(domains: tuple[str, str], noted: Noted) -> None:
    drawings = Drawings.draw(Domain(noted(domains[1], "group", ["woman"]), 64), 4, coloured=True)
    assert drawings.told is not None
    told = torch.tensor([0.2, 0.1, 0.1, 0.9, 0.7, 0.6]) * 2 - 1
    assert torch.allclose(drawings.told[:, :6, 0, 0], told.expand(4, 6))
    assert torch.equal(drawings.told[:, -1], -torch.ones(4, 1, 1))


def test_people_stand_before_white_only_where_they_are_clean(domains: tuple[str, str]) -> None:
    torch.manual_seed(0)
    sitters = Sitters.draw(Domain(domains[0], 64), 8, 0.0, coloured=False)
    beside = (sitters.alpha == 0).expand_as(sitters.clean)
    assert torch.all(sitters.clean[beside] == 1)
    assert (sitters.seen[beside] < 0.9).float().mean() > 0.3
