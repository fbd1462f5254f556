"""A network learns to do what the people of pairs do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.twingan.conftest import disc
from twingan.act import Actor, begin, main, run
from twingan.config import SIZES, TrainConfig
from twingan.data import Domain
from twingan.lines import Lines
from twingan.networks import TwinGAN
from twingan.pairs import Pairs
from twingan.pairs import save as save_pairs
from twingan.sharpen import finest
from twingan.train import save


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Eight people at 32 px, and at 64 px what their faces become; mouths are dark where theirs are."""
    people = np.stack([disc(32, number, 120) for number in range(8)])
    drawings = np.stack([disc(64, number, 255) for number in range(8)])
    drawings[..., 3] = 0
    drawings[:, 24:52, 12:52, 3] = 255
    drawings[::2, 40:50, 28:36, :3] = 0
    people[::2, 20:25, 14:18, :3] = 0
    save_pairs(
        tmp_path / "pairs", people, drawings, [[1.0, 1.0, float(number % 2 == 0), *[0.0] * 6] for number in range(8)]
    )
    return tmp_path / "pairs"


def test_eyes_and_mouths_come_out_as_they_should_and_all_else_stays(pairs: Path) -> None:
    torch.manual_seed(0)
    network = TwinGAN(SIZES["tiny"])
    actor = Actor(network, 64, "cpu", rate=3e-3)
    shown = Pairs(pairs).draw(8, 0.5, "cpu")
    found = [actor.step(*shown, step / 150) for step in range(150)]
    assert found[-1]["features"] < 0.8 * found[0]["features"]
    assert found[-1]["tells"] < 0.5 * found[0]["tells"]
    with torch.no_grad():
        before, after = (
            one.decode(one.encode(shown[0][:, :3], "human"), "anime", 64) for one in (network, actor.network)
        )
    moved = (after - before).abs().mean((0, 1))
    hair, mouth = moved[:16], moved[40:50, 28:36]
    assert hair.mean() < 0.3 * mouth.mean()


def test_what_an_earlier_run_learnt_is_gone_on_with(pairs: Path) -> None:
    first, second = TwinGAN(SIZES["tiny"]), TwinGAN(SIZES["tiny"])
    actor = Actor(first, 64, "cpu", 1e-9, second)
    actor.step(*Pairs(pairs).draw(2, 0.5, "cpu"), 0.0)
    name, learnt = next(iter(actor.network.named_parameters()))
    assert torch.allclose(learnt, second.get_parameter(name), atol=1e-6)
    assert torch.equal(actor.teacher.get_parameter(name), first.get_parameter(name))


def test_where_lines_are_judged_only_the_finest_resolutions_learn(pairs: Path, domains: tuple[str, str]) -> None:
    torch.manual_seed(0)
    network = TwinGAN(SIZES["tiny"])
    lines = Lines(Domain(domains[1], 64), "cpu")
    actor = Actor(network, 64, "cpu", 1e-3, lines=lines)
    judge = [value.clone() for value in lines.judge.state_dict().values()]
    terms = actor.step(*Pairs(pairs).draw(4, 0.5, "cpu"), 0.0)
    assert {"lines", "grid"} < terms.keys()
    assert any(not torch.equal(a, b) for a, b in zip(judge, lines.judge.state_dict().values(), strict=True))
    fine = {id(one) for one in finest(actor.network, 64).parameters()}
    for name, one in actor.network.named_parameters():
        assert (id(one) in fine) != torch.equal(one, network.get_parameter(name)) or one.grad is None, name


def test_drawings_of_another_size_are_refused(pairs: Path, domains: tuple[str, str], tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text('source = "human"\ntarget = "anime"\nnetwork = "tiny"\n')
    save({"ema": TwinGAN(SIZES["tiny"]).state_dict(), "step": 7, "encoded": 64}, tmp_path / "sharp.pt")
    asked = [str(tmp_path / "sharp.pt"), "--config", str(config), "--pairs", str(pairs), "--drawings", domains[1]]
    with pytest.raises(SystemExit, match="128"):
        main([*asked, "-o", str(tmp_path / "never.pt")])


def test_what_there_is_is_kept_now_and_then_and_at_the_end(pairs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twingan.act.KEEP_SECONDS", 0.0)
    torch.manual_seed(0)
    kept: list[int] = []
    run(Actor(TwinGAN(SIZES["tiny"]), 64, "cpu", 1e-3), Pairs(pairs), 3, 2, lambda _, done: kept.append(done))
    assert kept == [1, 2, 3, 3]


def test_the_same_seed_teaches_the_same(pairs: Path, tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text('source = "human"\ntarget = "anime"\nnetwork = "tiny"\n')
    torch.manual_seed(5)
    save({"ema": TwinGAN(SIZES["tiny"]).state_dict(), "step": 7, "encoded": 32}, tmp_path / "sharp.pt")
    asked = [
        str(tmp_path / "sharp.pt"),
        "--config",
        str(config),
        "--pairs",
        str(pairs),
        "--device",
        "cpu",
        "--batch",
        "2",
    ]
    for name in ("one", "other"):
        main([*asked, "--steps", "3", "-o", str(tmp_path / f"{name}.pt")])
    main([*asked, "--steps", "2", "--begin", str(tmp_path / "one.pt"), "-o", str(tmp_path / "more.pt")])
    assert torch.load(tmp_path / "more.pt", weights_only=True)["step"] == 12
    one, other = (torch.load(tmp_path / f"{name}.pt", weights_only=True) for name in ("one", "other"))
    assert one["step"] == 10 and one["encoded"] == 32 and one["frozen"]
    assert all(torch.equal(value, other["ema"][name]) for name, value in one["ema"].items())


def test_what_is_not_sharpened_is_refused(tmp_path: Path) -> None:
    save({"ema": TwinGAN(SIZES["tiny"]).state_dict(), "step": 1}, tmp_path / "plain.pt")
    with pytest.raises(SystemExit, match="not sharpened"):
        begin(tmp_path / "plain.pt", TrainConfig(source="human", target="anime", network="tiny"))


def test_a_released_graph_is_a_beginning() -> None:
    network, note = begin(Path("models/human2anime-lite.onnx"), TrainConfig(source="x", target="y", network="lite"))
    assert note == {"encoded": 128, "step": 0, "frozen": True}
    assert network.config.size == 256
