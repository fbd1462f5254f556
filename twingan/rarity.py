"""People with rare colours of hair and skin are drawn oftener, as are drawings in these colours."""

from __future__ import annotations

import torch
from torch import Tensor

from twingan import skin
from twingan.data import Domain
from twingan.palette import Palette, drawn_hair

ALIKE = 0.16
"""Standard deviation in RGB (0 .. 1, of hair and skin together) of what counts as about the same colours."""
OFTENER = 3.0
"""How much oftener than its weight says the rarest is drawn: it may be badly cut, too."""


def even_out(people: Domain, drawings: Domain) -> None:
    """Divide the weights of both by the root of how many people have the colours that each has or should have drawn."""
    theirs, weights = _wanted(people), people.weights
    typical = weights.sum() / (weights * _density(theirs, theirs, weights).rsqrt()).sum()
    for domain, colours in ((people, theirs), (drawings, _drawn(drawings))):
        domain.weights = domain.weights * (typical * _density(colours, theirs, weights).rsqrt()).clamp(max=OFTENER)


def _wanted(people: Domain) -> Tensor:
    """[N,6]: what drawings of all these people should have."""
    everybody = torch.arange(len(people), device=people.weights.device)
    tones = [skin.drawn(skin.tone(people.take(some)[:, :3])).flatten(1) for some in torch.split(everybody, 64)]
    return torch.cat([drawn_hair(people.hair(everybody)), torch.cat(tones)], 1)


def _drawn(drawings: Domain) -> Tensor:
    """[N,6]: what all these drawings have."""
    palette = Palette.of(drawings, torch.arange(len(drawings), device=drawings.weights.device))
    return torch.cat([palette.hair, palette.skin], 1).flatten(1)


def _density(of: Tensor, among: Tensor, weights: Tensor) -> Tensor:
    """Gaussian kernel estimate, [N,6] among [M,6] with weights [M]: [N], more than 0."""
    alike = torch.exp(-torch.cdist(of, among).square() / (2 * ALIKE**2))
    return alike @ weights / weights.sum() + 1e-6
