"""Losses between a drawing and the person it shows: the colours of hair and skin, and eyes.

Pictures are float [N,3,S,S] in -1 .. 1; losses are scalars. Rows and columns fit `face_crop.align.RECIPE`; areas are
(top, bottom, left, right) in sixteenths of the side.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from twingan.palette import Palette
from twingan.skin import luma

FRINGE, FOREHEAD, NOSE, LOWER_FACE = (1, 5, 4, 12), (5, 6.8, 4, 12), (8.5, 10, 7, 9), (10, 12, 6, 10)
"""Where all drawings have hair, where they have hair or skin, and twice where they have skin."""
FACE = (7, 13, 3.5, 12.5)
"""Where eyes and cheeks may have any hue."""
EYES = ((6.88, 8.48, 3.84, 6.56), (6.88, 8.48, 9.44, 12.16))
SKIN, GLARE, STRAY = 2.0, 2.0, 6.0
"""Weights beside the hair's colour: of the skin's, as less of it is seen and drawings are all alike there, and of white
blots and of hues that belong to nothing, of which there are few."""
HAIR_LIGHT, SKIN_LIGHT = 0.9, 0.15
"""By so much luma lights may be above what they lie on."""
HAIR_SHARE, AROUND_SHARE, SKIN_SHARE = 0.8, 0.75, 0.8
"""Share of the pixels that must have the colour of hair or skin: lights, lines, a ribbon or a mouth need not."""
VIVID = 1.3
"""How much more vivid than its colour a thing may be."""
PUPIL, DARK = 0.3, -0.5
"""Share of the pixels around an eye that are lashes and pupil, and the luma that they have at most on average."""


def eyes(drawn: Tensor) -> Tensor:
    """Both eyes have one colour, from end to end, and each a pupil.

    L1 between the mean hues of the four halves of where the two are in a drawing and that of all, and what the darkest
    pixels of each lack to being dark.
    """
    both = [_area(drawn.float(), eye) for eye in EYES]
    halves = [half for eye in both for half in eye.tensor_split(2, dim=-1)]
    hues = torch.stack([_hue(half).mean((2, 3)) for half in halves])
    pale = torch.stack([functional.relu(_least(luma(eye), PUPIL) - DARK) for eye in both])
    return (hues - hues.mean(0)).abs().mean() + pale.mean()


def colour(drawn: Tensor, person: Tensor, alpha: Tensor, palette: Palette) -> Tensor:
    """Hair and skin have the colours they should.

    A drawn fringe covers the forehead, so the area where all drawings have hair is compared with the person's hair
    colour, those below the eyes with the skin's, and the rest of the forehead with both. Drawn hair reaches beyond
    the person's: around the upper half of the head there is hair, and farther away hair or white, but nothing between.
    All else that is person is compared in place. Beside the face no pixel may have a hue that is neither the hair's nor
    the skin's nor the person's own in that place, however light or dark it is.

    Args:
        drawn: pictures.
        person: the person before white, skin as it is to be drawn (`twingan.skin.Skin.as_drawn`).
        alpha: [N,1,S,S] in 0 .. 1, 1 is person.
        palette: the colours that hair and skin should have.
    """
    drawn, person, alpha = drawn.float(), person.float(), alpha.float()
    hair, skin = 2 * palette.hair - 1, 2 * palette.skin - 1
    # Pixel by pixel: the mean of an area can be had with a white blot, too.
    fringe = _least(_tone_distance(_area(drawn, FRINGE) - hair), HAIR_SHARE).mean()
    stray = _stray(drawn, hair, skin, person)
    hair_terms = fringe + GLARE * _glare(drawn, hair, skin) + _around(drawn, alpha, hair)
    return hair_terms + SKIN * _face(drawn, hair, skin) + STRAY * stray + _elsewhere(drawn, person, alpha)


def _face(drawn: Tensor, hair: Tensor, skin: Tensor) -> Tensor:
    """What the skin lacks to its colour; a nose has no lights, a forehead may be hair."""
    lower = _least(_tone_distance(_area(drawn, LOWER_FACE) - skin), SKIN_SHARE).mean()
    nose = _tone_distance(_area(drawn, NOSE) - skin).mean()
    forehead = _area(drawn, FOREHEAD)
    nearest = torch.minimum(_tone_distance(forehead - hair), _tone_distance(forehead - skin))
    return lower + (nose + _least(nearest, SKIN_SHARE).mean()) / 2


def _glare(drawn: Tensor, hair: Tensor, skin: Tensor) -> Tensor:
    """By how much fringe and forehead exceed their lights: the share of pixels let off must not be a white blot."""
    light = luma(hair) + HAIR_LIGHT
    fringe = functional.relu(luma(_area(drawn, FRINGE)) - light)
    forehead = functional.relu(luma(_area(drawn, FOREHEAD)) - torch.maximum(light, luma(skin) + SKIN_LIGHT))
    return fringe.mean() + forehead.mean()


def _around(drawn: Tensor, alpha: Tensor, hair: Tensor) -> Tensor:
    """What the cells beyond a person lack to hair, or to white where that may be."""
    drawn, alpha = _cells(drawn, 32), _cells(alpha, 32)
    near = functional.max_pool2d(alpha, 5, 1, 2) > 0.5
    ring = (alpha < 0.5) & near
    ring[..., 16:, :] = False
    to_hair, to_white = _tone_distance(drawn - hair), _tone_distance(drawn - 1)
    nearest = torch.minimum(to_hair, to_white)
    return _mean(to_hair, _most(to_hair, ring)) + _mean(nearest, _most(nearest, ~near))


def _stray(drawn: Tensor, hair: Tensor, skin: Tensor, person: Tensor) -> Tensor:
    """How far the hues of pixels are from that of the nearest: hair, skin (not above the forehead), person in place."""
    hue, own = _hue(drawn), functional.interpolate(_cells(person, 16), drawn.shape[-1], mode="bilinear")
    strays = torch.minimum(_off(hue, _hue(hair)), _off(hue, _hue(own)))
    below = int(FRINGE[1] / 16 * drawn.shape[-1])
    bare = torch.minimum(strays[..., below:, :], _off(hue[..., below:, :], _hue(skin)))
    strays = torch.cat([strays[..., :below, :], bare], 2)
    counted = torch.ones_like(strays)
    _area(counted, FACE).zero_()
    return _mean(strays, counted)


def _off(hue: Tensor, line: Tensor) -> Tensor:
    """[N,1,H,W]: L1 from hues to the line from grey to another hue, and a little beyond."""
    share = (hue * line).sum(1, keepdim=True) / (line.square().sum(1, keepdim=True) + 1e-4)
    return (hue - share.clamp(0, VIVID) * line).abs().sum(1, keepdim=True) * (2 / 3)


def _elsewhere(drawn: Tensor, person: Tensor, alpha: Tensor) -> Tensor:
    """Clothes, and hair beside the face, have the colours that they have on the person."""
    drawn, person, alpha = (_cells(picture, 16) for picture in (drawn, person, alpha))
    counted = (alpha > 0.9).float()
    counted[..., :12, 4:12] = 0
    return _mean(_tone_distance(drawn - person), counted)


def _area(picture: Tensor, area: tuple[float, float, float, float]) -> Tensor:
    top, bottom, left, right = (int(edge / 16 * picture.shape[-1]) for edge in area)
    return picture[..., top:bottom, left:right]


def _cells(picture: Tensor, count: int) -> Tensor:
    """Means of count x count areas."""
    return functional.avg_pool2d(picture, picture.shape[-1] // count)


def _most(values: Tensor, counted: Tensor) -> Tensor:
    """The least `AROUND_SHARE` of those values that count: [N,1,H,W] of 0 and 1."""
    among = values.detach().masked_fill(~counted, torch.nan).flatten(1)
    limit = among.nanquantile(AROUND_SHARE, 1)[:, None, None, None]
    return ((values <= limit) & counted).float()


def _least(values: Tensor, share: float) -> Tensor:
    """Mean of the least values [N,1,H,W] of each picture: [N]."""
    values = values.flatten(1)
    return values.topk(int(share * values.shape[1]), dim=1, largest=False).values.mean(1)


def _mean(values: Tensor, counted: Tensor) -> Tensor:
    return (values * counted).sum() / (counted.sum() + 1)


def _tone_distance(difference: Tensor) -> Tensor:
    """[N,3,H,W] -> [N,1,H,W]: luma once, hue twice: black hair may be drawn lighter, but not blue."""
    return (luma(difference).abs() + 2 * _hue(difference).abs().sum(1, keepdim=True)) / 3


def _hue(picture: Tensor) -> Tensor:
    """Red and blue less luma: [N,3,H,W] -> [N,2,H,W]; 0 is grey."""
    return picture[:, ::2] - luma(picture)
