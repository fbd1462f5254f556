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


def content(code: Code, like: Code) -> Tensor:
    """Semantic consistency E(G(E(x))) = E(x): L1 between codes, mean over the resolutions."""
    return torch.stack([(code.features[r].float() - x.float()).abs().mean() for r, x in like.features.items()]).mean()


def colour(drawn: Tensor, clean: Tensor, alpha: Tensor, cells: int = 8) -> Tensor:
    """L1 between the colours of `cells` x `cells` areas that are all person: keeps hair and skin tone, not detail.

    Hue counts twice: black hair may be drawn lighter, but not blue. The axes are luma (Rec. 601) and its differences to
    red and blue.

    Args:
        drawn, clean: pictures.
        alpha: [N,1,S,S] in 0 .. 1, 1 is person.
    """
    pool = drawn.shape[-1] // cells
    person = (functional.avg_pool2d(alpha.float(), pool) > 0.95).float()
    red, green, blue = functional.avg_pool2d(drawn.float() - clean.float(), pool).split(1, 1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    difference = luma.abs() + 2 * (red - luma).abs() + 2 * (blue - luma).abs()
    return (difference * person).sum() / (3 * person.sum() + 1)
