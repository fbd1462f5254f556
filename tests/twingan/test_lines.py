"""A discriminator of lines learns to tell soft drawings from real ones, and to say which way is better."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from twingan.data import Domain
from twingan.lines import Lines


def soft(pictures: Tensor) -> Tensor:
    return functional.interpolate(functional.avg_pool2d(pictures, 8), scale_factor=8.0, mode="bilinear")


def test_it_tells_soft_drawings_from_real_ones(domains: tuple[str, str]) -> None:
    torch.manual_seed(0)
    drawings = Domain(domains[1], 64)
    lines = Lines(drawings, "cpu")
    for _ in range(60):
        lines.lack(soft(drawings.draw(8)[:, :3]))
    real = drawings.draw(8)[:, :3]
    softened = soft(real).requires_grad_(True)
    lack = lines.lack(softened)
    assert lack > lines.lack(real) + 0.2
    lack.backward()  # type: ignore[no-untyped-call]
    assert softened.grad is not None and softened.grad.abs().sum() > 0
    assert all(weight.grad is None or not weight.requires_grad for weight in lines.judge.parameters())
