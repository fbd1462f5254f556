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
STRAY, VIVID = 4.0, 1.3
"""Weight of hues that belong to nothing, of which there are few; how much more vivid than its colour a thing may be."""
PUPIL, DARK = 0.3, -0.5
"""Share of the pixels around an eye that are lashes and pupil, and the luma that they have at most on average."""
HAIR_SHARE, AROUND_SHARE, FACE_SHARE = 0.7, 0.75, 0.8
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
    """Both eyes have one colour, and each a pupil.

    L1 between the mean hues (colour less luma) of where the two are in a drawing, and what the darkest pixels there
    lack to being dark.
    """
    size = drawn.shape[-1]
    top, bottom, *sides = (int(share * size) for share in EYES)
    both = [drawn[..., top:bottom, a:b].float() for a, b in (sides[:2], sides[2:])]
    left, right = (eye.mean((2, 3)) for eye in both)
    difference = left - right
    pale = torch.stack([functional.relu(_least(_luma(eye), PUPIL) - DARK) for eye in both])
    return (difference - difference.mean(1, keepdim=True)).abs().mean() + pale.mean()


def content(code: Code, like: Code) -> Tensor:
    """Semantic consistency E(G(E(x))) = E(x): L1 between codes, mean over the resolutions."""
    return torch.stack([(code.features[r].float() - x.float()).abs().mean() for r, x in like.features.items()]).mean()


def colour(drawn: Tensor, person: Tensor, alpha: Tensor, palette: Palette) -> Tensor:
    """Hair and skin have the colours they should: L1 between colours of areas.

    A drawn fringe covers the forehead, so the areas where all drawings have hair are compared with the person's hair
    colour, those below the eyes with the skin's, and the rest of the forehead with nothing. Drawn hair reaches beyond
    the person's: around the upper half of the head there is hair, and farther away hair or white, but nothing between.
    All else that is person is compared in place. Beside the face no pixel may have a hue that is neither the hair's nor
    the skin's nor the person's own in that place, however light or dark it is. Rows and columns fit
    `face_crop.align.RECIPE`.

    Args:
        drawn: pictures.
        person: the person before white, skin as it is to be drawn (`twingan.skin.Skin.as_drawn`).
        alpha: [N,1,S,S] in 0 .. 1, 1 is person.
        palette: the colours that hair and skin should have.
    """
    pool = drawn.shape[-1] // 16
    hair, skin = 2 * palette.hair - 1, 2 * palette.skin - 1
    # Pixel by pixel: the mean of an area can be had with a white blot, too.
    face = _least(
        _tone_distance(drawn[..., 10 * pool : 12 * pool, 6 * pool : 10 * pool].float() - skin), FACE_SHARE
    ).mean()
    above = _least(_tone_distance(drawn[..., pool : 5 * pool, 4 * pool : 12 * pool].float() - hair), HAIR_SHARE).mean()
    around = _around(drawn, alpha, hair)
    pixels = drawn.float()
    drawn, person, alpha = (functional.avg_pool2d(x.float(), pool) for x in (drawn, person, alpha))
    stray = _stray(pixels, hair, skin, functional.interpolate(person, scale_factor=float(pool), mode="bilinear"))
    elsewhere = (alpha > 0.9).float()
    elsewhere[..., :12, 4:12] = 0
    return above + around + FACE * face + STRAY * stray + _mean(_tone_distance(drawn - person), elsewhere)


def _around(drawn: Tensor, alpha: Tensor, hair: Tensor) -> Tensor:
    """What the areas beyond a person lack to hair, or to white where that may be; on a grid of 32x32."""
    drawn, alpha = (functional.avg_pool2d(x.float(), x.shape[-1] // 32) for x in (drawn, alpha))
    near = functional.max_pool2d(alpha, 5, 1, 2) > 0.5
    ring = (alpha < 0.5) & near
    ring[..., 16:, :] = False
    to_hair, to_white = _tone_distance(drawn - hair), _tone_distance(drawn - 1)
    return _mean(to_hair, _most(to_hair, ring)) + _mean(
        beyond := torch.minimum(to_hair, to_white), _most(beyond, ~near)
    )


def _most(values: Tensor, counted: Tensor) -> Tensor:
    """The least `AROUND_SHARE` of those values that count: [N,1,H,W] of 0 and 1."""
    among = values.detach().masked_fill(~counted, torch.nan).flatten(1)
    limit = among.nanquantile(AROUND_SHARE, 1)[:, None, None, None]
    return ((values <= limit) & counted).float()


def _stray(drawn: Tensor, *colours: Tensor) -> Tensor:
    """How far the hues of pixels are from the nearest colour's, but in the face, where eyes and cheeks may have any."""
    hue = _hue(drawn)
    strays = torch.stack([_off(hue, _hue(colour)) for colour in colours]).amin(0)
    cell = drawn.shape[-1] // 16
    counted = torch.ones_like(strays)
    counted[..., 7 * cell : 13 * cell, 7 * cell // 2 : 25 * cell // 2] = 0
    return _mean(strays, counted)


def _off(hue: Tensor, line: Tensor) -> Tensor:
    """[N,1,H,W]: L1 from hues to the line from grey to another hue, and a little beyond."""
    share = (hue * line).sum(1, keepdim=True) / (line.square().sum(1, keepdim=True) + 1e-4)
    return (hue - share.clamp(0, VIVID) * line).abs().sum(1, keepdim=True) * (2 / 3)


def _least(values: Tensor, share: float) -> Tensor:
    """Mean of the least values [N,1,H,W] of each picture: [N]."""
    values = values.flatten(1)
    return values.topk(int(share * values.shape[1]), dim=1, largest=False).values.mean(1)


def _mean(values: Tensor, counted: Tensor) -> Tensor:
    return (values * counted).sum() / (counted.sum() + 1)


def _tone_distance(difference: Tensor) -> Tensor:
    """[N,3,H,W] -> [N,1,H,W]: luma (Rec. 601) once, hue twice: black hair may be drawn lighter, but not blue."""
    return (_luma(difference).abs() + 2 * _hue(difference).abs().sum(1, keepdim=True)) / 3


def _luma(picture: Tensor) -> Tensor:
    """Rec. 601: [N,3,H,W] -> [N,1,H,W]."""
    return 0.299 * picture[:, :1] + 0.587 * picture[:, 1:2] + 0.114 * picture[:, 2:]


def _hue(picture: Tensor) -> Tensor:
    """Red and blue less luma: [N,3,H,W] -> [N,2,H,W]; 0 is grey."""
    return picture[:, ::2] - _luma(picture)
