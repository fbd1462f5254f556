"""Losses of TwinGAN. Pictures are float [N,3,S,S] in -1 .. 1; every loss is a scalar, mean over all elements."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from twingan.networks import Code
from twingan.palette import Palette

FACE = 2.0
"""Weight of the skin's colour beside the hair's: less of it is seen, and drawings are all alike there."""
EYES = (0.43, 0.53, 0.24, 0.41, 0.59, 0.76)
"""Top, bottom, left and right of the one, left and right of the other, in shares of the side."""
HAIR_SHARE, FACE_SHARE = 0.65, 0.8
"""Share of the pixels that must have the colour of hair or skin: lights, lines, a ribbon or a mouth need not."""


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


def grid(drawn: Tensor) -> Tensor:
    """No checkerboard (Odena et al. 2016): the four pixels of a cell that leave by pixel shuffle are alike on average.

    L1 between the means, over areas of 8x8 cells, of each of the four and of all.
    """
    means = functional.avg_pool2d(functional.pixel_unshuffle(drawn.float(), 2), 8)  # [N,12,S/16,S/16]
    phases = means.reshape(len(means), 3, 4, -1)
    return (phases - phases.mean(2, keepdim=True)).abs().mean()


def eyes(drawn: Tensor) -> Tensor:
    """Both eyes have one colour: L1 between the mean hues (colour less luma) of where the two are in a drawing."""
    size = drawn.shape[-1]
    top, bottom, *sides = (int(share * size) for share in EYES)
    left, right = (drawn[..., top:bottom, a:b].float().mean((2, 3)) for a, b in (sides[:2], sides[2:]))
    difference = left - right
    return (difference - difference.mean(1, keepdim=True)).abs().mean()


def content(code: Code, like: Code) -> Tensor:
    """Semantic consistency E(G(E(x))) = E(x): L1 between codes, mean over the resolutions."""
    return torch.stack([(code.features[r].float() - x.float()).abs().mean() for r, x in like.features.items()]).mean()


def colour(drawn: Tensor, person: Tensor, alpha: Tensor, palette: Palette) -> Tensor:
    """Hair and skin have the colours they should: L1 between the colours of 16x16 areas.

    A drawn fringe covers the forehead, so the areas where all drawings have hair are compared with the person's hair
    colour, those below the eyes with the skin's, and the rest of the forehead with nothing. Drawn hair reaches beyond
    the person's: there a drawing may be hair, white or a mixture of both. All else that is person is compared in
    place. Rows and columns fit `face_crop.align.RECIPE`.

    Args:
        drawn: pictures.
        person: the person before white, skin as it is to be drawn (`twingan.skin.Skin.as_drawn`).
        alpha: [N,1,S,S] in 0 .. 1, 1 is person.
        palette: the colours that hair and skin should have.
    """
    pool = drawn.shape[-1] // 16
    hair, skin = 2 * palette.hair - 1, 2 * palette.skin - 1
    # Pixel by pixel: the mean of an area can be had with a white blot, too.
    face = _most(_tone_distance(drawn[..., 10 * pool : 12 * pool, 6 * pool : 10 * pool].float() - skin), FACE_SHARE)
    above = _most(_tone_distance(drawn[..., pool : 5 * pool, 4 * pool : 12 * pool].float() - hair), HAIR_SHARE)
    drawn, person, alpha = (functional.avg_pool2d(x.float(), pool) for x in (drawn, person, alpha))
    elsewhere = (alpha > 0.9).float()
    elsewhere[..., :12, 4:12] = 0
    beyond = (alpha < 0.3).float()
    beyond[..., 10:, :] = 0
    around = _mean(_tone_distance(_off_white_mixture(drawn, hair)), beyond)
    return above + around + FACE * face + _mean(_tone_distance(drawn - person), elsewhere)


def _most(values: Tensor, share: float) -> Tensor:
    """Mean of the least values [N,1,H,W] of each picture."""
    values = values.flatten(1)
    return values.topk(int(share * values.shape[1]), dim=1, largest=False).values.mean()


def _mean(values: Tensor, counted: Tensor) -> Tensor:
    return (values * counted).sum() / (counted.sum() + 1)


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
