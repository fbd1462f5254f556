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


def test_a_discriminator_sees_each_picture_moved_and_with_one_square_cut_out() -> None:
    torch.manual_seed(0)
    places = torch.linspace(0.2, 0.8, 48).expand(1, 3, 48, 48).repeat(40, 1, 1, 1).requires_grad_()
    seen = augment.discriminated(places)
    seen.sum().backward()  # type: ignore[no-untyped-call]
    cut = (seen == 0).all(1)
    assert all(1 <= square.any(0).sum() <= 16 and 1 <= square.any(1).sum() <= 16 for square in cut)
    assert 150 < cut.sum((1, 2)).float().mean() <= 256
    middles = seen[:, 0].masked_fill(cut, float("nan")).nanmean(1).diff(dim=1)  # a ramp, but where it left the picture
    borders = [int((steps[:12].abs() < 1e-6).sum()) for steps in middles]
    assert max(borders) <= 6 and len(set(borders)) > 3
    assert places.grad is not None and places.grad.abs().sum() > 0
