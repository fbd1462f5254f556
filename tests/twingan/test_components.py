"""Discriminators of parts of a face see eyes as a pair, and train beside the others."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from twingan import components
from twingan.config import Stage, TrainConfig
from twingan.data import Domain
from twingan.trainer import Trainer


@pytest.fixture
def config(domains: tuple[str, str]) -> TrainConfig:
    return TrainConfig(
        *domains, network="tiny", features=False, colour=0, parts_adversarial=0.5, stages=(Stage(32, 3, 2),)
    )


@pytest.mark.parametrize(("side", "seen"), [(64, 32), (128, 32), (256, 64)])
def test_a_pair_of_eyes_is_seen_one_mirrored_and_the_mouth(side: int, seen: int) -> None:
    face = torch.rand(2, 3, side, side)
    parts = components.seen((face + face.flip(-1)) / 2)
    assert parts["eyes"].shape == (2, 6, seen, seen) and parts["mouth"].shape == (2, 3, seen, seen)
    left, right = parts["eyes"].chunk(2, 1)
    assert torch.allclose(left, right, atol=1e-5)
    left, right = components.seen(face)["eyes"].chunk(2, 1)
    assert not torch.allclose(left, right, atol=0.1)


def test_parts_are_judged_and_the_generator_learns_of_them(config: TrainConfig) -> None:
    trainer = Trainer(config, "cpu", bf16=False)
    before = trainer.judges["anime"]["parts_adversarial/eyes"].layers[1].weight.clone()  # type: ignore[index]
    people, drawings = Domain(config.source, 32), Domain(config.target, 32)
    values = trainer.train_step(people, drawings, 2, 1.0)
    names = {f"parts_adversarial/{part}" for part in ("eyes", "mouth")}
    assert names | {f"judge/{name}" for name in names} <= values.keys()
    assert all(value == value for value in values.values()), values
    assert not torch.equal(before, trainer.judges["anime"]["parts_adversarial/eyes"].layers[1].weight)  # type: ignore[index]


def test_a_run_with_parts_begins_with_the_discriminators_of_one_without(config: TrainConfig) -> None:
    earlier = Trainer(dataclasses.replace(config, parts_adversarial=0.0, seed=5), "cpu", bf16=False)
    trainer = Trainer(config, "cpu", bf16=False)
    own = trainer.judges.state_dict()
    trainer.begin_with(earlier.state())
    begun = trainer.judges.state_dict()
    assert all(torch.equal(begun[name], value) for name, value in earlier.judges.state_dict().items())
    assert all(torch.equal(begun[name], value) for name, value in own.items() if "parts" in name)
