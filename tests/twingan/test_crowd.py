"""Drawings that are all alike are told from drawings that differ as real ones do."""

from __future__ import annotations

import torch
from torch import Tensor

from twingan.crowd import SIZE, Crowds, distances, kernel, summary, variety


def maps(values: Tensor) -> list[Tensor]:
    """Feature maps [N,4,2,2] that are [N,4] everywhere."""
    return [values[:, :, None, None].expand(-1, -1, 2, 2)]


def looks(count: int, variety: float) -> Tensor:
    return torch.tensor([1.0, 1.0, 1.0, 1.0]) + variety * torch.randn(count, 4)


def test_the_summary_is_similar_by_direction_and_not_by_size() -> None:
    a, b = torch.tensor([[1.0, 0, 0, 0]]), torch.tensor([[0, 1.0, 0, 0]])
    assert torch.allclose(summary(maps(a)) @ summary(maps(7 * a)).T, torch.ones(1, 1), atol=1e-4)
    assert torch.allclose(summary(maps(a)) @ summary(maps(b)).T, torch.zeros(1, 1), atol=1e-4)
    assert kernel(summary(maps(a)), summary(maps(b))).item() == 1


def test_a_uniform_crowd_is_driven_apart() -> None:
    """Drawings as varied as the real ones are better than copies of the mean one, and gradient descent finds that."""
    torch.manual_seed(0)
    drawn = looks(64, 0.02).requires_grad_()
    crowds = Crowds()
    optimizer = torch.optim.Adam([drawn], 0.02)
    for _ in range(150):
        optimizer.zero_grad()
        crowds.distance(maps(drawn), maps(looks(64, 0.5))).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    real = summary(maps(looks(500, 0.5))).std(0).mean()
    begun, ended = summary(maps(looks(64, 0.02))).std(0).mean(), summary(maps(drawn.detach())).std(0).mean()
    assert begun < 0.1 * real
    assert ended > 0.5 * real


def test_crowds_remember_the_last_steps_and_come_back_from_a_checkpoint() -> None:
    crowds = Crowds()
    for _ in range(3):
        crowds.distance(maps(looks(SIZE // 2, 0.1)), maps(looks(SIZE // 2, 0.1)))
    assert len(crowds.fakes) == len(crowds.reals) == SIZE
    other = Crowds()
    other.restore(crowds.state())
    fake, real = maps(looks(8, 0.1)), maps(looks(8, 0.1))
    assert torch.equal(other.distance(fake, real), crowds.distance(fake, real))


def test_variety_minds_the_two_that_are_drawn_alike_and_where_they_differ() -> None:
    torch.manual_seed(0)
    real = [torch.randn(6, 8, 4, 4)]
    assert variety(real, real) < 1e-5
    assert variety([2 * real[0]], real) < 1e-3
    twins = [real[0].clone()]
    twins[0][1] = twins[0][0] + 0.1 * torch.randn(8, 4, 4)
    assert 0.02 < variety(twins, real) < 0.2
    assert variety([real[0][:1].expand(6, -1, -1, -1)], real) > 0.99
    shuffled = [real[0][:, :, torch.randperm(4)]]
    assert torch.allclose(summary(shuffled), summary(real), atol=1e-6)
    assert distances([torch.cat([real[0][:1], shuffled[0][:1]])]).item() > 0.5
