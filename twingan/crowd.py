"""The network's drawings as a crowd against the real drawings as a crowd.

A discriminator judges one drawing at a time, and a network that draws everybody alike may please it. The squared
maximum mean discrepancy between two crowds (Gretton et al. 2012) minds that: it falls when drawings differ from one
another as real ones do. Generators were trained by it alone (Li et al. 2015, arXiv 1502.02761); here it stands beside
the discriminators, on the features that they look at. It is KID's estimator and kernel (Binkowski et al. 2018), but
the evaluation looks through another network.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

SIZE = 512
"""Pictures that a crowd remembers: those of the last steps."""


class Crowds:
    """The pictures judged lately, generated and real, as rows of numbers [M,D]."""

    def __init__(self) -> None:
        self.fakes, self.reals = torch.empty(0), torch.empty(0)

    def distance(self, fake: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
        """What a batch of generated pictures contributes to the discrepancy (its gradient is exact, its value is not).

        Args:
            fake: feature maps [N,C,R,R] of `features.LiteFeatures`.
            real: the same of a batch of real pictures, which joins the crowd, as the generated one does.

        Returns:
            A scalar; 0 in the first step.
        """
        judged = summary(fake)
        self.reals = _joined(self.reals, summary(real).detach())
        like, unlike = self.fakes, self.reals
        self.fakes = _joined(self.fakes, judged.detach())
        if not len(like):
            return judged.sum() * 0
        with torch.autocast(judged.device.type, enabled=False):  # the difference of two nearly equal numbers
            return 2 * (kernel(judged, like).mean() - kernel(judged, unlike).mean())

    def state(self) -> dict[str, Tensor]:
        """For a checkpoint."""
        return {"fakes": self.fakes, "reals": self.reals}

    def restore(self, state: dict[str, Tensor]) -> None:
        """What `state` gave."""
        self.fakes, self.reals = state["fakes"], state["reals"]


def summary(features: Sequence[Tensor]) -> Tensor:
    """Maps [N,C,R,R] -> [N,D] float32: channels scaled to unit length at every place, then averaged over the places.

    What is above and what is below zero is averaged apart, or much of it would cancel out. x.y is a mean similarity of
    two pictures, at most 1.
    """
    taps = []
    for unit in map(_unit, features):
        taps += [unit.relu().mean((2, 3)), (-unit).relu().mean((2, 3))]
    return torch.mul(torch.cat(taps, 1), len(features) ** -0.5)


def variety(fake: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """How much nearer to one another the drawings of a batch are than real ones: 0 for not at all, 1 for copies.

    The distances of all pairs, least first, are compared with those of a batch of real drawings, so that two people who
    get nearly the same drawing count most. Maps [N,C,R,R] as in `Crowds.distance`, N > 1.
    """
    drawn, wanted = distances(fake), distances(real)
    return functional.relu(1 - drawn.sort().values / (wanted.sort().values + 1e-6)).mean()


def distances(features: Sequence[Tensor]) -> Tensor:
    """Of all pairs of a batch, place by place: [N (N - 1) / 2], each the mean over the maps."""
    return torch.stack([_apart(_unit(maps)) for maps in features]).mean(0)


def _apart(unit: Tensor) -> Tensor:
    """Mean over the places of the squared distances of all pairs of [N,C,R,R]: [N (N - 1) / 2]."""
    rows = unit.flatten(1)
    with torch.autocast(rows.device.type, enabled=False):  # the difference of nearly equal numbers
        products = rows @ rows.T / unit[0, 0].numel()
    first, second = torch.triu_indices(len(rows), len(rows), 1, device=rows.device)
    squares = products.diagonal()
    return squares[first] + squares[second] - 2 * products[first, second]


def kernel(x: Tensor, y: Tensor) -> Tensor:
    """(x.y + 1)^3 of [N,D] and [M,D]: [N,M]."""
    similarity: Tensor = x @ y.T
    return torch.pow(similarity + 1, 3)


def _unit(maps: Tensor) -> Tensor:
    """[N,C,R,R] float32 with channels of unit length at every place."""
    maps = maps.float()
    return torch.div(maps, maps.norm(dim=1, keepdim=True) + 1e-6)


def _joined(crowd: Tensor, new: Tensor) -> Tensor:
    return new if not len(crowd) else torch.cat([crowd, new])[-SIZE:]
