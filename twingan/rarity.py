"""People with rare colours of hair and skin are drawn oftener, as are drawings in these colours."""

from __future__ import annotations

import torch
from torch import Tensor

from twingan import skin
from twingan.data import Domain
from twingan.palette import Palette, drawn_hair

ALIKE = 0.32
"""Standard deviation in RGB (-1 .. 1, of hair and skin together) of what counts as about the same colours."""
OFTENER = 3.0
"""How much oftener than its weight says the rarest is drawn: it may be badly cut, too."""


def even_out(people: Domain, drawings: Domain) -> None:
    """Divide the weights of both by the root of how many people have the colours that each has or should have drawn."""
    everything = torch.arange(len(drawings), device=drawings.weights.device)
    drawn, theirs, weights = Palette.of(drawings, everything), _wanted(people), people.weights
    typical = weights.sum() / (weights * _density(theirs, theirs, weights).rsqrt()).sum()
    for domain, colours in ((people, theirs), (drawings, drawn)):
        domain.weights = domain.weights * (typical * _density(colours, theirs, weights).rsqrt()).clamp(max=OFTENER)


def _wanted(people: Domain) -> Palette:
    """What drawings of all these people should have."""
    everybody = torch.arange(len(people), device=people.weights.device)
    tones = [skin.drawn(skin.tone(people.take(some)[:, :3])) for some in torch.split(everybody, 64)]
    return Palette(drawn_hair(people.hair(everybody))[..., None, None], torch.cat(tones))


def _density(of: Palette, among: Palette, weights: Tensor) -> Tensor:
    """Gaussian kernel estimate, N palettes among M with weights [M]: [N], more than 0."""
    apart = torch.cdist(of.conditions().flatten(1), among.conditions().flatten(1))
    alike = torch.exp(-apart.square() / (2 * ALIKE**2))
    return alike @ weights / weights.sum() + 1e-6
