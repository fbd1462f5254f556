"""Losses of TwinGAN. Pictures are float [N,3,S,S] in -1 .. 1; every loss is a scalar, mean over all elements."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from twingan.networks import Code


def hinge_discriminator(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Hinge loss of a discriminator (arXiv 1705.02894), mean over its score maps."""
    losses = [
        functional.relu(1 - r.float()).mean() + functional.relu(1 + f.float()).mean()
        for r, f in zip(real, fake, strict=True)
    ]
    return torch.stack(losses).mean()


def hinge_generator(fake: Sequence[Tensor]) -> Tensor:
    """The generator's side of `hinge_discriminator`."""
    return torch.stack([-f.float().mean() for f in fake]).mean()


def picture(a: Tensor, b: Tensor) -> Tensor:
    """Reconstruction and cycle loss: L1 between two pictures (arXiv 1809.00946, section 3.2)."""
    return (a.float() - b.float()).abs().mean()


def alike(a: Sequence[Tensor], b: Sequence[Tensor]) -> Tensor:
    """L1 between the feature maps of two pictures, mean over the maps."""
    return torch.stack([picture(one, other) for one, other in zip(a, b, strict=True)]).mean()


def edges(a: Tensor, b: Tensor) -> Tensor:
    """L1 between the differences of neighbouring pixels, both ways: a line is where it should be, and as sharp."""
    return picture(a.diff(dim=-1), b.diff(dim=-1)) + picture(a.diff(dim=-2), b.diff(dim=-2))


def unlike(a: Tensor, b: Tensor) -> Tensor:
    """`picture` and `edges`: what a drawing that is known lacks, where a network is simply told what to draw."""
    return picture(a, b) + edges(a, b)


def grid(drawn: Tensor) -> Tensor:
    """No checkerboard (Odena et al. 2016): the four pixels of a cell that leave by pixel shuffle are alike on average.

    L1 between the means, over areas of 8x8 cells, of each of the four and of all.
    """
    means = functional.avg_pool2d(functional.pixel_unshuffle(drawn.float(), 2), 8)  # [N,12,S/16,S/16]
    phases = means.reshape(len(means), 3, 4, -1)
    return (phases - phases.mean(2, keepdim=True)).abs().mean()


def dots(drawn: Tensor, like: Tensor) -> Tensor:
    """No rows of dots: how much more strongly four neighbouring pixels alternate than in another picture, both ways."""
    return torch.stack([functional.relu(_alternating(drawn, d) - _alternating(like, d)).mean() for d in (-1, -2)]).sum()


def _alternating(picture: Tensor, dim: int) -> Tensor:
    first, second, third, fourth = (picture.narrow(dim, i, picture.shape[dim] - 3) for i in range(4))
    return (first - second + third - fourth).abs()


def content(code: Code, like: Code) -> Tensor:
    """Semantic consistency E(G(E(x))) = E(x): L1 between codes, mean over the resolutions."""
    return torch.stack([(code.features[r].float() - x.float()).abs().mean() for r, x in like.features.items()]).mean()
