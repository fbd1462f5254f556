"""What a camera may make of a person."""

from __future__ import annotations

import torch

from twingan import augment


def test_elsewhere_the_person_stays_and_the_background_changes() -> None:
    torch.manual_seed(0)
    person = torch.full((16, 4, 32, 32), -1.0)
    person[:, :3, 8:, 8:24] = torch.rand(16, 3, 24, 16) - 0.2
    person[:, 3, 8:, 8:24] = 1
    seen, clean, alpha = augment.camera(person)
    again = augment.elsewhere(clean, alpha)
    inside, outside = (alpha > 0.99).expand_as(clean), (alpha < 0.01).expand_as(clean)
    assert again.shape == seen.shape
    assert (again - clean)[inside].abs().mean() < 0.3
    assert (again - seen)[outside].abs().mean() > 0.5
