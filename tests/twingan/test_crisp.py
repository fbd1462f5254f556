"""A graph's finest layers learn crisper lines, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from twingan import crisp, losses, warm
from twingan.config import SIZES
from twingan.crisp import Crisper, main, strengthened
from twingan.data import Domain
from twingan.export import PortraitGraph, note, read_checkpoint, write
from twingan.lines import Lines
from twingan.networks import TwinGAN


def fine(picture: Tensor) -> Tensor:
    """How strong the details are that vanish at half the size."""
    coarse = functional.interpolate(functional.avg_pool2d(picture, 2), scale_factor=2.0, mode="nearest")
    return (picture - coarse).abs().mean()


def test_strengthened_details_are_stronger_and_flat_areas_stay() -> None:
    torch.manual_seed(0)
    picture = torch.rand(2, 3, 32, 32) * 0.2
    assert fine(strengthened(picture)) > 1.5 * fine(picture)
    flat = torch.full((1, 3, 16, 16), 0.4)
    assert torch.allclose(strengthened(flat), flat, atol=1e-6)
    assert strengthened(torch.randn(1, 3, 16, 16)).abs().max() <= 1


def test_dots_count_and_lines_that_the_other_picture_has_do_not() -> None:
    flat = torch.zeros(1, 3, 16, 16)
    dotted = flat.clone()
    dotted[..., ::2] = 0.5
    assert losses.dots(dotted, flat) > 0.3
    assert losses.dots(dotted, dotted) == 0
    assert losses.dots(flat, dotted) == 0


@pytest.fixture
def crisper(domains: tuple[str, str]) -> Crisper:
    torch.manual_seed(0)
    lines = Lines(Domain(domains[1], 64), "cpu", margin=4)
    return Crisper(TwinGAN(SIZES["tiny"]).eval(), warm.Sides(32, 64), lines, rate=1e-3)


def test_it_learns_stronger_details_and_keeps_colours(
    crisper: Crisper, domains: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for weight in ("JUDGED", "GRID"):
        monkeypatch.setattr(crisp, weight, 0.0)
    people = Domain(domains[0], 32)
    for step in range(60):
        crisper.step(people.draw(4), step / 60)
    with torch.no_grad():
        code = crisper.teacher.encode(people.draw(8)[:, :3], "human")
        before, after = crisper.teacher.decode(code, "anime", 64), crisper.learning.learnt().decode(code, "anime", 64)
    assert fine(after) > 1.2 * fine(before)
    assert losses.unlike(after, strengthened(before)) < 0.7 * losses.unlike(before, strengthened(before))
    assert functional.avg_pool2d(after - before, 4).abs().mean() < 0.3 * functional.avg_pool2d(before, 4).std()


def test_who_judges_learns_too(crisper: Crisper, domains: tuple[str, str]) -> None:
    before = [value.clone() for value in crisper.lines.judge.state_dict().values()]
    crisper.step(Domain(domains[0], 32).draw(4), 0.0)
    assert any(not torch.equal(a, b) for a, b in zip(before, crisper.lines.judge.state_dict().values(), strict=True))


def test_only_the_two_finest_resolutions_learn(crisper: Crisper, domains: tuple[str, str]) -> None:
    people = Domain(domains[0], 32)
    crisper.step(people.draw(4), 0.0)
    crisper.step(people.draw(4), 0.0)
    before, after = crisper.teacher.state_dict(), crisper.student.state_dict()
    changed = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert {name.split(".")[2] for name in changed} == {"16", "32"}
    assert all(name.startswith("generator.") for name in changed)


def test_edges_are_not_judged(domains: tuple[str, str]) -> None:
    torch.manual_seed(0)
    drawn = torch.rand(4, 3, 64, 64, requires_grad=True)
    Lines(Domain(domains[1], 64), "cpu", margin=4).lack(drawn).backward()  # type: ignore[no-untyped-call]
    assert drawn.grad is not None
    assert drawn.grad[:, :, 4:-4, 4:-4].abs().sum() > 0
    assert drawn.grad[:, :, :4].abs().sum() == drawn.grad[..., -4:].abs().sum() == 0


@pytest.fixture
def run_file(domains: tuple[str, str], tmp_path: Path) -> Path:
    config = tmp_path / "run.toml"
    config.write_text(f'source = "{domains[0]}"\ntarget = "{domains[1]}"\nnetwork = "tiny"\n')
    return config


@pytest.fixture
def graph(tmp_path: Path) -> PortraitGraph:
    """An untrained network with norms that are not neutral, written to graph.onnx."""
    torch.manual_seed(0)
    network = TwinGAN(SIZES["tiny"])
    for name, value in network.state_dict().items():
        if ".norms." in name and value.dtype.is_floating_point:
            value.copy_(torch.rand_like(value) * 0.5 + 0.5)
    made = PortraitGraph(network, "human", "anime", 64, 64, 32)
    write(made, tmp_path / "graph.onnx", note(made, "test", 7))
    return made


def test_the_command_makes_a_checkpoint_of_a_graph(
    graph: PortraitGraph, run_file: Path, domains: tuple[str, str], tmp_path: Path
) -> None:
    made = tmp_path / "crisp.pt"
    rest = ["--config", str(run_file), "--drawings", domains[1], "--steps", "2", "--batch", "2", "-o", str(made)]
    main([str(tmp_path / "graph.onnx"), *rest])
    state = read_checkpoint(made)
    assert (state["encoded"], state["frozen"], state["step"]) == (32, True, "7")
    network = TwinGAN(SIZES["tiny"])
    network.load_state_dict(state["ema"])
    faces = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8))
    again = PortraitGraph(network, "human", "anime", 64, 64, 32)
    assert (again(faces).int() - graph(faces).int()).abs().float().mean() < 10


@pytest.mark.usefixtures("graph")
def test_drawings_and_graphs_that_are_none_are_refused(run_file: Path, tmp_path: Path) -> None:
    rest = ["--config", str(run_file), "--drawings", str(tmp_path / "none"), "-o", str(tmp_path / "x.pt")]
    with pytest.raises(SystemExit, match="is missing"):
        main([str(tmp_path / "graph.onnx"), *rest])
    with pytest.raises(SystemExit, match="not a valid ONNX graph"):
        main([str(run_file), *rest])
