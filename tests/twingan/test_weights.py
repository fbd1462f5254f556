"""Light weights are small, whole, and good for going on and for export."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from twingan import weights
from twingan.config import Stage, TrainConfig
from twingan.export import read_checkpoint
from twingan.train import run


@pytest.fixture
def config(domains: tuple[str, str], tmp_path: Path) -> TrainConfig:
    stages = (Stage(64, 2, 2, frozen=True),)
    return TrainConfig(*domains, network="tiny", stages=stages, features=False, out=str(tmp_path / "run"))


def test_they_are_an_eighth_of_a_checkpoint_and_read_like_one(config: TrainConfig, tmp_path: Path) -> None:
    trainer = run(config, "cpu", 600, bf16=False)
    weights.main([f"{config.out}/last.pt", "-o", str(tmp_path / "light")])
    size = sum(path.stat().st_size for path in (tmp_path / "light").iterdir())
    assert size < 0.2 * (Path(config.out) / "last.pt").stat().st_size
    state = read_checkpoint(tmp_path / "light")
    assert state["step"] == 2
    assert state["frozen"]
    for name, value in trainer.ema.state_dict().items():
        assert torch.allclose(state["ema"][name].float(), value.float(), atol=2e-3), name
    assert state["judges"].keys() == trainer.judges.state_dict().keys()


def test_a_new_run_begins_with_them(config: TrainConfig, tmp_path: Path) -> None:
    first = run(config, "cpu", 600, bf16=False)
    weights.write(first.state(), tmp_path / "light")
    none = dataclasses.replace(config, out=str(tmp_path / "again"), stages=(), seed=1)
    begun = run(none, "cpu", 600, bf16=False, start=tmp_path / "light")
    assert begun.step == 0
    for network in ("network", "judges"):
        wanted = (first.ema if network == "network" else first.judges).state_dict()
        for name, value in getattr(begun, network).state_dict().items():
            assert torch.allclose(value.float(), wanted[name].float(), atol=2e-3), name
    with pytest.raises(ValueError, match="another network"):
        run(
            dataclasses.replace(none, network="lite", out=str(tmp_path / "lite")),
            "cpu",
            600,
            bf16=False,
            start=tmp_path / "light",
        )


def test_they_come_in_files_of_limited_size_and_a_lost_one_is_missed(
    config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = run(dataclasses.replace(config, stages=()), "cpu", 600, bf16=False).state()
    whole = weights.write(state, tmp_path / "light")
    monkeypatch.setattr(weights, "MOST", 100_000)
    parts = weights.write(state, tmp_path / "light")
    assert len(parts) > len(whole)
    assert sorted((tmp_path / "light").iterdir()) == sorted(parts)
    assert torch.equal(
        weights.read(tmp_path / "light")["ema"]["generator.bottom.conv.weight"].half(),
        state["ema"]["generator.bottom.conv.weight"].half(),
    )
    parts[1].unlink()
    with pytest.raises(ValueError, match="copy them all"):
        weights.read(tmp_path / "light")
    with pytest.raises(SystemExit, match=r"last\.pt"):
        weights.main([str(tmp_path / "none.pt"), "-o", str(tmp_path / "light")])


def test_of_several_the_mean_is_written(config: TrainConfig, tmp_path: Path) -> None:
    runs = [dataclasses.replace(config, out=str(tmp_path / str(seed)), seed=seed) for seed in (0, 1)]
    states = [run(each, "cpu", 600, bf16=False).state() for each in runs]
    weights.main([f"{runs[0].out}/last.pt", f"{runs[1].out}/last.pt", "-o", str(tmp_path / "mean")])
    name = "generator.bottom.conv.weight"
    between = (states[0]["ema"][name] + states[1]["ema"][name]) / 2
    assert torch.allclose(weights.read(tmp_path / "mean")["ema"][name], between, atol=2e-3)
    other = run(
        dataclasses.replace(config, network="lite", out=str(tmp_path / "lite"), stages=()), "cpu", 600, bf16=False
    )
    with pytest.raises(ValueError, match="different networks"):
        weights.mean([states[0], other.state()])
