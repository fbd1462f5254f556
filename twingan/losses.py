"""Losses of TwinGAN. Pictures are float [N,3,S,S] in -1 .. 1; every loss is a scalar, mean over all elements."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from twingan import skin
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


def edges(a: Tensor, b: Tensor) -> Tensor:
    """L1 between the differences of neighbouring pixels, both ways: a line is where it should be, and as sharp."""
    return picture(a.diff(dim=-1), b.diff(dim=-1)) + picture(a.diff(dim=-2), b.diff(dim=-2))


def content(code: Code, like: Code) -> Tensor:
    """Semantic consistency E(G(E(x))) = E(x): L1 between codes, mean over the resolutions."""
    return torch.stack([(code.features[r].float() - x.float()).abs().mean() for r, x in like.features.items()]).mean()


def colour(drawn: Tensor, clean: Tensor, alpha: Tensor) -> Tensor:
    """Hair and skin keep their tone: L1 between the colours of 16x16 areas of a drawing and of its person.

    A drawn fringe covers the forehead, so the fringe is compared with the person's hair above it, and the forehead
    with nothing. Drawn hair reaches beyond the person's: there a drawing may be hair, white or a mixture of both. All
    else that is person is compared in place. Rows and columns fit `face_crop.align.RECIPE`.

    Args:
        drawn, clean: pictures; the person's skin flat (`twingan.skin.Skin.flat`), or its lights and shadows become
            blots.
        alpha: [N,1,S,S] in 0 .. 1, 1 is person.
    """
    pool = drawn.shape[-1] // 16
    drawn, clean, alpha = (functional.avg_pool2d(x.float(), pool) for x in (drawn, clean, alpha))
    hair_alpha = alpha[..., 1:3, 5:11]
    hair = ((clean[..., 1:3, 5:11] * hair_alpha).sum((2, 3)) / (hair_alpha.sum((2, 3)) + 1e-3))[..., None, None]
    has_hair = (hair_alpha.mean((2, 3), keepdim=True) > 0.5).float()
    elsewhere = (alpha > 0.9).float()
    elsewhere[..., :7, 4:12] = 0
    beyond = (alpha < 0.3).float() * has_hair
    beyond[..., 10:, :] = 0
    around = (_tone_distance(_off_white_mixture(drawn, hair)) * beyond).sum() / (beyond.sum() + 1)
    above = (_tone_distance(drawn[..., 1:5, 4:12] - hair) * has_hair).mean()
    return above + around + (_tone_distance(drawn - clean) * elsewhere).sum() / (elsewhere.sum() + 1)


def brown(drawn: Tensor, light: Tensor, change: Tensor) -> Tensor:
    """Brown skin is drawn as light skin is: L1 to the drawing of the same person with light skin, made brown.

    Drawings of people teach a network hardly anything about brown skin; this does, from what it draws of light skin.

    Args:
        drawn: [N,3,S,S], of people as they are.
        light: [N,3,S,S], of them with light skin; without gradient. Where its hair has the colour of its skin, only
            the face below the eyes counts.
        change: [N,3,1,1], how much darker than light the skin is.
    """
    light = skin.without_glare(light.float())
    told = skin.told_from_hair(light).float()
    counts = told + (1 - told) * skin.below_the_eyes(light.shape[-1], light)
    wanted = skin.retoned(light, skin.drawn_flat(light), change)
    return ((drawn.float() - wanted).abs() * counts).mean()


def _off_white_mixture(drawn: Tensor, hair: Tensor) -> Tensor:
    """What a colour lacks to the nearest mixture of white (1) and a hair colour [N,3,1,1]."""
    line = hair - 1
    share = ((drawn - 1) * line).sum(1, keepdim=True) / (line.square().sum(1, keepdim=True) + 1e-3)
    return drawn - (1 + share.clamp(0, 1) * line)


def _tone_distance(difference: Tensor) -> Tensor:
    """[N,3,H,W] -> [N,1,H,W]: luma (Rec. 601) once, hue twice: black hair may be drawn lighter, but not blue."""
    red, green, blue = difference[:, :1], difference[:, 1:2], difference[:, 2:]
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return (luma.abs() + 2 * (red - luma).abs() + 2 * (blue - luma).abs()) / 3
