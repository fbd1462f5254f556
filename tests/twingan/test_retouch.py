"""Eyes and mouths are drawn anew, and the rest stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from twingan.config import SIZES
from twingan.data import Domain
from twingan.lines import Parts
from twingan.networks import TwinGAN
from twingan.retouch import Retoucher, main
from twingan.train import save


@pytest.fixture
def retoucher(domains: tuple[str, str]) -> Retoucher:
    torch.manual_seed(0)
    network = TwinGAN(SIZES["tiny"]).eval()
    return Retoucher(network, 64, Parts(Domain(domains[1], 64), "cpu"), "cpu", rate=1e-3)


def test_eyes_change_more_than_what_is_elsewhere(retoucher: Retoucher, domains: tuple[str, str]) -> None:
    people = Domain(domains[0], 32)
    seen = people.draw(8)[:, :3]

    def drawn(network: TwinGAN) -> Tensor:
        return network.decode(network.encode(seen, "human"), "anime", 64)

    losses = [retoucher.step(people.draw(4), step / 60)["kept"].item() for step in range(60)]
    with torch.no_grad():
        change = (drawn(retoucher.network) - drawn(retoucher.before)).abs().mean(1, keepdim=True)
    inside = (retoucher.elsewhere < 0.5).float().expand_as(change)
    eyes, rest = (change * inside).sum() / inside.sum(), (change * (1 - inside)).sum() / (1 - inside).sum()
    assert eyes > 1.5 * rest > 0
    assert losses[0] == 0 and losses[-1] < max(losses)


def test_what_is_elsewhere_is_most_of_the_picture_and_no_eye(retoucher: Retoucher) -> None:
    elsewhere = retoucher.elsewhere[0, 0]
    assert 0.75 < elsewhere.mean() < 0.95
    assert elsewhere[31, 21] == elsewhere[31, 43] == elsewhere[46, 32] == 0  # eyes and mouth
    assert elsewhere[:16].min() == elsewhere[60:].min() == 1


def test_a_network_that_was_not_sharpened_is_refused(domains: tuple[str, str], tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text(f'source = "{domains[0]}"\ntarget = "{domains[1]}"\nnetwork = "tiny"\n')
    save({"ema": TwinGAN(SIZES["tiny"]).state_dict(), "step": 1}, tmp_path / "plain.pt")
    asked = [str(tmp_path / "plain.pt"), "--config", str(config), "--drawings", domains[1], "-o", "x.pt"]
    with pytest.raises(SystemExit, match="not sharpened"):
        main(asked)
