"""The finest resolutions learn from the upscaler, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch.nn import functional

from twingan import upscaler
from twingan.config import SIZES
from twingan.data import Domain
from twingan.lines import Lines
from twingan.networks import TwinGAN
from twingan.sharpen import Sharpener, main
from upscale.upscaler import GRAPH


def test_the_upscaler_is_the_one_of_the_app() -> None:
    picture = torch.rand(1, 3, 20, 24, generator=torch.Generator().manual_seed(0))
    seen = (picture * 255).round().to(torch.uint8)
    runtime = onnxruntime.InferenceSession(str(GRAPH), providers=["CPUExecutionProvider"])
    (wanted,) = runtime.run(None, {"image": seen.permute(0, 2, 3, 1).numpy()})
    drawn = upscaler.load()(seen / 255).clamp(0, 1) * 255
    assert np.abs(drawn.permute(0, 2, 3, 1).numpy() - wanted).max() <= 1


def test_a_doubled_picture_keeps_its_colours() -> None:
    flat = torch.tensor([0.5, -0.2, 0.1]).view(1, 3, 1, 1).expand(1, 3, 16, 16)
    doubled = upscaler.doubled(upscaler.load(), flat)
    assert doubled.shape == (1, 3, 32, 32)
    assert (doubled.mean((2, 3)) - flat.mean((2, 3))).abs().max() < 0.05


@pytest.fixture
def sharpener() -> Sharpener:
    torch.manual_seed(0)
    return Sharpener(TwinGAN(SIZES["tiny"]).eval(), 32, "cpu", bf16=False, rate=5e-3)


def test_it_comes_closer_to_the_upscaler_and_leaves_the_rest_as_it_was(
    sharpener: Sharpener, domains: tuple[str, str]
) -> None:
    people = Domain(domains[0], 32)
    sharpener.begin(people.draw(8))
    before = {name: value.clone() for name, value in sharpener.student.state_dict().items()}
    losses = [sharpener.step(people.draw(4), 0.0) for _ in range(25)]
    assert np.mean(losses[-3:]) < 0.6 * losses[0]
    changed = {name for name, value in sharpener.student.state_dict().items() if not torch.equal(value, before[name])}
    assert changed
    assert all(name.startswith("generator.") for name in changed)
    assert {name.split(".")[2] for name in changed} == {"16", "32"}


def test_a_network_that_cannot_draw_larger_is_refused(domains: tuple[str, str], tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text(f'source = "{domains[0]}"\ntarget = "{domains[1]}"\nnetwork = "tiny"\n')
    with pytest.raises(SystemExit, match="draws at most 64"):
        main(["none.pt", "--config", str(config), "--drawn", "64", "-o", "x.pt"])


def test_an_earlier_result_is_learnt_further(sharpener: Sharpener, domains: tuple[str, str]) -> None:
    people = Domain(domains[0], 32)
    sharpener.begin(people.draw(8))
    for _ in range(25):
        reached = sharpener.step(people.draw(4), 0.0)
    again = Sharpener(sharpener.teacher, 32, "cpu", bf16=False, rate=1e-4)
    again.go_on(sharpener.student)
    assert again.step(people.draw(4), 0.0) < 1.5 * reached


def test_a_judged_drawing_stays_what_was_drawn(domains: tuple[str, str]) -> None:
    torch.manual_seed(0)
    people = Domain(domains[0], 32)
    lines = Lines(Domain(domains[1], 64), "cpu")
    sharpener = Sharpener(TwinGAN(SIZES["tiny"]).eval(), 32, "cpu", bf16=False, rate=5e-3, lines=lines)
    sharpener.begin(people.draw(8))
    seen = people.draw(8)[:, :3]
    judged = [value.clone() for value in lines.judge.state_dict().values()]

    def apart() -> float:
        with torch.no_grad():
            code = sharpener.teacher.encode(seen, "human")
            small = sharpener.teacher.decode(code, "anime", 32)
            drawn = sharpener.student.decode(code, "anime", 64)
        return float((functional.avg_pool2d(drawn, 4) - functional.avg_pool2d(small, 2)).abs().mean())

    before = apart()
    for _ in range(25):
        sharpener.step(people.draw(4), 0.0)
    assert apart() < 0.5 * before
    assert any(not torch.equal(a, b) for a, b in zip(judged, lines.judge.state_dict().values(), strict=True))


def test_drawings_that_are_too_small_are_refused(domains: tuple[str, str], tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text(f'source = "{domains[0]}"\ntarget = "{domains[1]}"\nnetwork = "lite"\n')
    with pytest.raises(SystemExit, match="pictures of 64 px, not of 256 px"):
        main(["none.pt", "--config", str(config), "--drawn", "128", "--drawings", domains[1], "-o", "x.pt"])
