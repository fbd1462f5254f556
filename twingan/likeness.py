"""Losses between a drawing and the person it shows: the colours of hair and skin, and eyes.

Pictures are float [N,3,S,S] in -1 .. 1; losses are scalars. Rows and columns fit `face_crop.align.RECIPE`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from twingan.palette import Palette
from twingan.skin import luma

Area = tuple[float, float, float, float]
"""(top, bottom, left, right) in sixteenths of the side."""

FRINGE, FOREHEAD, BRIDGE = (1, 5, 4, 12), (5, 6.8, 4, 12), (6.8, 7.4, 7, 9)
"""Where all drawings have hair, and twice where they have hair or skin."""
NOSE, CHEEKS, LOWER_FACE = (7.4, 10, 7, 9), (8.6, 10.2, 4.5, 11.5), (10, 12, 6, 10)
"""Where they have skin, on the cheeks strands of hair, too. Hair between the eyes would hide faces from detectors."""
UNDER_EYES = (8.5, 10, 6.2, 9.8)
"""Skin beside the nose, where dark marks would be strange."""
NECK = (12.5, 14.5, 6.5, 9.5)
"""Where more than half have skin; what is worn there must be seen on the person."""
BELOW = (13, 16, 0, 16)
"""Shoulders."""
FEATURES = ((6.5, 8.5, 3.5, 12.5), (10.2, 12.5, 6, 10))
"""Where eyes and mouth may have any hue."""
EYES = ((6.88, 8.48, 3.84, 6.56), (6.88, 8.48, 9.44, 12.16))
SOCKETS = ((6.5, 9, 3.5, 7), (6.5, 9, 9, 12.5))
IRISES = ((7.2, 8.4, 4.6, 5.9), (7.2, 8.4, 10.1, 11.4))
"""Where irises are when both look ahead."""
LOWER_EYES, OPEN = ((7.8, 8.6, 4.4, 6.1), (7.8, 8.6, 9.9, 11.6)), 0.3
"""The lower halves of open eyes, and how far they are from skin (`tone_distance`): the median of drawn women. Drawn
men's eyes are narrow, half as far; at this size they would look closed."""
EYE_CELLS, UNLIKE = (5, 7), 0.2
"""An eye's areas are compared with the other's, mirrored: four in ten real drawings differ by more than this L1."""
SKIN, GLARE, STRAY = 2.0, 2.0, 12.0
"""Weights beside the hair's colour: of the skin's, as less of it is seen and drawings are all alike there, and of white
blots and of hues that belong to nothing, of which there are few."""
HAIR_LIGHT, SKIN_LIGHT, CHEEK_LIGHT, CLOTHES_LIGHT = 0.9, 0.15, 0.05, 0.4
"""By so much luma lights may be above what they lie on."""
ABOVE = 13
"""Rows of 32 in which the head's hair, but not the forehead, has no white: seen as paper it would cut into the head."""
HAIR_SHARE, AROUND_SHARE, SKIN_SHARE, NECK_SHARE = 0.8, 0.75, 0.8, 0.7
"""Share of the pixels that must have the colour of hair or skin: lights, lines, a ribbon or a mouth need not."""
VIVID = 1.3
"""How much more vivid than its colour a thing may be."""
PUPIL, DARK = 0.3, -0.5
"""Share of the pixels around an eye that are lashes and pupil, and the luma that they have at most on average."""
IRIS_DARK = -0.4
"""Luma that the darkest `PUPIL` of an iris has at most on average, as in six of ten real drawings: lashes are no
pupil."""
WHITE, LIGHT = 0.12, 0.35
"""Share that are its white and lights, and the luma that they have at least on average, also on brown skin."""


def eyes(drawn: Tensor) -> Tensor:
    """Both eyes have one colour, from end to end, each has a pupil and a white, and one is about the other mirrored.

    L1 between the mean hues of the four halves of where the two are in a drawing and that of all, what the darkest
    pixels of each, and of each iris, lack to being dark and the lightest to being light, and how much less alike they
    are than in most real drawings.
    """
    drawn = drawn.float()
    both = [area_of(drawn, eye) for eye in EYES]
    halves = [half for eye in both for half in eye.tensor_split(2, dim=-1)]
    hues = torch.stack([_hue(half).mean((2, 3)) for half in halves])
    pale = _pale(drawn, EYES, DARK) + _pale(drawn, IRISES, IRIS_DARK)
    dull = torch.stack([functional.relu(LIGHT + _least(-luma(eye), WHITE)) for eye in both])
    return (hues - hues.mean(0)).abs().mean() + pale + dull.mean() + _lopsided(drawn)


def _pale(drawn: Tensor, areas: Sequence[Area], most: float) -> Tensor:
    """What the darkest `PUPIL` of each area lacks to a luma of `most`."""
    darkest = torch.stack([_least(luma(area_of(drawn, area)), PUPIL) for area in areas])
    return functional.relu(darkest - most).mean()


def _lopsided(drawn: Tensor) -> Tensor:
    left, right = (functional.adaptive_avg_pool2d(area_of(drawn, socket), EYE_CELLS) for socket in SOCKETS)
    return functional.relu((left - right.flip(-1)).abs().mean((1, 2, 3)) - UNLIKE).mean()


def colour(drawn: Tensor, person: Tensor, alpha: Tensor, palette: Palette) -> Tensor:
    """Hair and skin have the colours they should.

    A drawn fringe covers the forehead, so the area where all drawings have hair is compared with the person's hair
    colour, those below the eyes with the skin's, and the rest of the forehead with both. Drawn hair reaches beyond
    the person's: around the upper half of the head there is hair, and farther away hair or white, but nothing between.
    All else that is person is compared in place. Beside eyes and mouth no pixel may have a hue that is neither the
    hair's nor, below the fringe, the skin's or the person's own in that place, however light or dark it is.

    Args:
        drawn: pictures.
        person: the person before white, skin as it is to be drawn (`twingan.skin.Skin.as_drawn`).
        alpha: [N,1,S,S] in 0 .. 1, 1 is person.
        palette: the colours that hair and skin should have.
    """
    drawn, person, alpha = drawn.float(), person.float(), alpha.float()
    hair, skin = 2 * palette.hair - 1, 2 * palette.skin - 1
    # Pixel by pixel: the mean of an area can be had with a white blot, too.
    fringe = _least(tone_distance(area_of(drawn, FRINGE) - hair), HAIR_SHARE).mean()
    stray = _stray(drawn, hair, skin, person)
    hair_terms = fringe + GLARE * _glare(drawn, hair, skin) + _around(drawn, alpha, hair)
    return hair_terms + SKIN * _face(drawn, hair, skin, person) + STRAY * stray + _elsewhere(drawn, person, alpha)


def _face(drawn: Tensor, hair: Tensor, skin: Tensor, person: Tensor) -> Tensor:
    """What the skin lacks to its colour; a nose has no lights, a forehead and the bridge of a nose may be hair.

    A neck has the person's own colours in that place or the skin's. Eyes are open.
    """
    lower = _least(tone_distance(area_of(drawn, LOWER_FACE) - skin), SKIN_SHARE).mean()
    nose = tone_distance(area_of(drawn, NOSE) - skin).mean()
    forehead = _least(to_nearer(area_of(drawn, FOREHEAD), hair, skin), SKIN_SHARE).mean()
    under = tone_distance(area_of(drawn, UNDER_EYES) - skin).mean()
    bridge = to_nearer(area_of(drawn, BRIDGE), hair, skin).mean()
    neck = _least(to_nearer(area_of(drawn, NECK), area_of(_in_place(person), NECK), skin), NECK_SHARE).mean()
    return lower + (nose + under + forehead + bridge + neck) / 2 + _shut(drawn, skin)


def _shut(drawn: Tensor, skin: Tensor) -> Tensor:
    """What the lower halves of both eyes lack to being open."""
    seen = [tone_distance(area_of(drawn, eye) - skin).mean((1, 2, 3)) for eye in LOWER_EYES]
    return functional.relu(OPEN - torch.stack(seen)).mean()


def to_nearer(area: Tensor, one: Tensor, other: Tensor) -> Tensor:
    """[N,1,H,W]: `tone_distance` of an area to the nearer of two colours, or pictures, in -1 .. 1."""
    return torch.minimum(tone_distance(area - one), tone_distance(area - other))


def _glare(drawn: Tensor, hair: Tensor, skin: Tensor) -> Tensor:
    """By how much fringe, forehead and cheeks exceed their lights: what is let off must not be a white blot."""
    light = luma(hair) + HAIR_LIGHT
    fringe = functional.relu(luma(area_of(drawn, FRINGE)) - light)
    forehead = functional.relu(luma(area_of(drawn, FOREHEAD)) - torch.maximum(light, luma(skin) + SKIN_LIGHT))
    cheeks = functional.relu(luma(area_of(drawn, CHEEKS)) - torch.maximum(luma(hair), luma(skin)) - CHEEK_LIGHT)
    return fringe.mean() + forehead.mean() + cheeks.mean()


def _around(drawn: Tensor, alpha: Tensor, hair: Tensor) -> Tensor:
    """What the cells beyond a person lack to hair, or to white where that may be, and white wedges in dark hair."""
    drawn, alpha = cells(drawn, 32), cells(alpha, 32)
    near = functional.max_pool2d(alpha, 5, 1, 2) > 0.5
    ring = (alpha < 0.5) & near
    ring[..., 16:, :] = False
    to_hair, to_white = tone_distance(drawn - hair), tone_distance(drawn - 1)
    nearest = torch.minimum(to_hair, to_white)
    above = near.clone()
    above[..., ABOVE:, :] = False
    above[..., ABOVE - 8 :, 8:24] = False
    white = functional.relu(luma(drawn) - luma(hair) - HAIR_LIGHT)
    lacks = _mean(to_hair, _most(to_hair, ring)) + _mean(nearest, _most(nearest, ~near))
    return lacks + GLARE * _mean(white, above.float())


def _stray(drawn: Tensor, hair: Tensor, skin: Tensor, person: Tensor) -> Tensor:
    """How far the hues of pixels are from that of the nearest: hair, and below the fringe skin or person in place."""
    hue, own = _hue(drawn), _hue(_in_place(person))
    below = int(FRINGE[1] / 16 * drawn.shape[-1])
    strays = _off(hue, _hue(hair))
    bare = torch.minimum(_off(hue, _hue(skin)), _off(hue, own))[..., below:, :]
    strays = torch.cat([strays[..., :below, :], torch.minimum(strays[..., below:, :], bare)], 2)
    counted = torch.ones_like(strays)
    for feature in FEATURES:
        area_of(counted, feature).zero_()
    return _mean(strays, counted)


def _off(hue: Tensor, line: Tensor) -> Tensor:
    """[N,1,H,W]: L1 from hues to the line from grey to another hue, and a little beyond."""
    share = (hue * line).sum(1, keepdim=True) / (line.square().sum(1, keepdim=True) + 1e-4)
    return (hue - share.clamp(0, VIVID) * line).abs().sum(1, keepdim=True) * (2 / 3)


def _elsewhere(drawn: Tensor, person: Tensor, alpha: Tensor) -> Tensor:
    """Clothes and hair beside the face have the colours that they have on the person; no white spots."""
    spots = _spots(drawn, person, alpha)
    drawn, person, alpha = (cells(picture, 16) for picture in (drawn, person, alpha))
    counted = (alpha > 0.9).float()
    counted[..., :12, 4:12] = 0
    return _mean(tone_distance(drawn - person), counted) + GLARE * spots


def _spots(drawn: Tensor, person: Tensor, alpha: Tensor) -> Tensor:
    """By how much clothes exceed their lights: seen as paper, a spot would be a hole in them."""
    count = min(64, drawn.shape[-1])
    drawn, person, alpha = (area_of(cells(picture, count), BELOW) for picture in (drawn, person, alpha))
    white = functional.relu(luma(drawn) - luma(person) - CLOTHES_LIGHT)
    return _mean(white, (alpha > 0.9).float())


def area_of(picture: Tensor, area: Area) -> Tensor:
    """The part of pictures that `area` names."""
    top, bottom, left, right = (int(edge / 16 * picture.shape[-1]) for edge in area)
    return picture[..., top:bottom, left:right]


def cells(picture: Tensor, count: int) -> Tensor:
    """Means of count x count areas."""
    return functional.avg_pool2d(picture, picture.shape[-1] // count)


def _in_place(person: Tensor) -> Tensor:
    """What a person's picture has about there."""
    return functional.interpolate(cells(person, 16), person.shape[-1], mode="bilinear")


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


def tone_distance(difference: Tensor) -> Tensor:
    """[N,3,H,W] -> [N,1,H,W]: luma once, hue twice: black hair may be drawn lighter, but not blue."""
    return (luma(difference).abs() + 2 * _hue(difference).abs().sum(1, keepdim=True)) / 3


def _hue(picture: Tensor) -> Tensor:
    """Red and blue less luma: [N,3,H,W] -> [N,2,H,W]; 0 is grey."""
    return picture[:, ::2] - luma(picture)
