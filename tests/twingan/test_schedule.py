"""The learning rate falls along a cosine, and the average forgets by half."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from twingan.schedule import along_cosine, averaging


@pytest.mark.parametrize(("progress", "share"), [(0.0, 1.0), (0.5, 0.5), (1.0, 0.0)])
def test_the_rate_falls_from_all_to_nothing(progress: float, share: float) -> None:
    optimizer = torch.optim.Adam([nn.Parameter(torch.zeros(1))], 1.0)
    along_cosine(optimizer, 0.2, progress)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.2 * share)


def test_what_is_half_a_life_old_counts_half() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    mean = averaging(network, half_life=3)
    mean.update_parameters(network)
    nn.init.ones_(network.weight)
    for _ in range(3):
        mean.update_parameters(network)
    assert mean.state_dict()["module.weight"].item() == pytest.approx(0.5)
