"""A discriminator of lines learns to tell soft drawings from real ones, and to say which way is better."""

from __future__ import annotations

import torch
from torch.nn import functional

from twingan.data import Domain
from twingan.lines import Lines


def test_it_tells_soft_drawings_from_real_ones(domains: tuple[str, str]) -> None:
    torch.manual_seed(0)
    drawings = Domain(domains[1], 64)
    lines = Lines(drawings, "cpu")
    softly = [functional.avg_pool2d(drawings.draw(8)[:, :3], 5, 1, 2) for _ in range(40)]
    for soft in softly:
        lines.lack(soft)
    real, soft = drawings.draw(8)[:, :3], softly[0].requires_grad_(True)
    lack = lines.lack(soft)
    assert lack > lines.lack(real) + 0.2
    lack.backward()
    assert soft.grad is not None and soft.grad.abs().sum() > 0
    assert all(weight.grad is None or not weight.requires_grad for weight in lines.judge.parameters())
