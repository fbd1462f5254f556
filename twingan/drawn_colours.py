"""Colours of drawn heads, and where they have them, by the rules of `drawn_parts`, as a network can work them out.

Heads are RGB [N,3,S,S] in -1 .. 1 or L*a*b* [N,3,H,W], colours [N,3,1,1]; areas fit `face_crop.align.RECIPE`.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from twingan.brush import near
from twingan.lab import far, to_lab
from twingan.likeness import Area, area_of

CHEEKS: tuple[Area, Area] = (9.6, 10.88, 5.44, 7.04), (9.6, 10.88, 8.96, 10.56)
"""Where all have skin."""
TOP, COARSER = (1.0, 4.25, 4.75, 11.25), 4
"""Where nearly all have hair, and by how much less of it is seen."""
ROUNDS, ROUNDS_WITHIN = 4, 2
"""Of finding the hair's colour, each without what lay far from it in the one before: where its place is not known, and
where it is."""
LEAST = 1e-3
"""Weight of what is no hair: some has to be left of heads without."""
SHADES = 0.6
"""How much of a drawing's shades remain when it gets another colour."""


def skin_of(heads: Tensor) -> Tensor:
    """The mean colour of their cheeks, RGB [N,3,1,1]."""
    cheeks = [area_of(heads, cheek) for cheek in CHEEKS]
    means = [functional.avg_pool2d(cheek, cheek.shape[-2:]) for cheek in cheeks]
    return (means[0] + means[1]) / 2


def hair_colour(heads: Tensor, skin: Tensor) -> Tensor:
    """The commonest colour at the top of heads RGB [N,3,S,S] that is neither paper nor skin: L*a*b* [N,3,1,1]."""
    top = to_lab(functional.avg_pool2d(area_of(heads, TOP), COARSER))
    weight = ((93 - top[:, :1]) / 2).clamp(0, 1) * ((far(top - skin) - 14) / 2).clamp(0, 1) + LEAST
    return _common(top, weight, ROUNDS)


def colour_within(lab: Tensor, where: Tensor) -> Tensor:
    """The commonest colour of an area of pictures L*a*b* [N,3,H,W], of a mask [N,1,H,W]: [N,3,1,1].

    1.0 off the median (CIE 1976), which networks cannot work out cheaply.
    """
    return _common(lab, where.square() + LEAST, ROUNDS_WITHIN)


def _common(lab: Tensor, weight: Tensor, rounds: int) -> Tensor:
    """A weighted mean that sheds its outliers."""
    colour = _mean(lab, weight)
    for _ in range(rounds - 1):
        off = far((lab - colour) * torch.tensor([0.6, 1, 1]).view(1, 3, 1, 1))
        weight = weight * torch.sigmoid((1.2 * _mean(off, weight) - off) / 2) + LEAST
        colour = _mean(lab, weight)
    return colour


def hair_of(lab: Tensor, skin: Tensor, colour: Tensor) -> Tensor:
    """Where heads L*a*b* [N,3,H,W] have hair [N,1,H,W]: see `drawn_parts`, whose rules these are."""
    lightness, own = lab[:, :1], colour[:, :1]
    shrink = torch.minimum(lightness / own.clamp_min(15), (100 - lightness) / (100 - own).clamp_min(15))
    off_hue, chroma = far(lab[:, 1:] - colour[:, 1:] * shrink.clamp(0.15, 1.3)), far(colour[:, 1:])
    hair = ((24 + 0.4 * chroma - off_hue) / (10 + 0.15 * chroma)).clamp(0, 1) * near((lightness - own).abs(), 45, 70)
    shadow = torch.cat([0.82 * skin[:, :1], skin[:, 1:2] + 8, skin[:, 2:] + 6], 1)
    weight = torch.tensor([0.8, 1, 1]).view(1, 3, 1, 1)
    off_skin = torch.minimum(far((lab - skin) * weight), far((lab - shadow) * weight))
    off_hair = far(torch.cat([0.9 * off_hue, 0.35 * (lightness - own)], 1))
    paper = near(far(lab - torch.tensor([100.0, 0, 0]).view(1, 3, 1, 1)), 4, 9)
    return hair * ((off_skin - off_hair) / 8 + 0.5).clamp(0, 1) * (1 - paper)


def retoned(lab: Tensor, own: Tensor, wanted: Tensor) -> Tensor:
    """What has one colour in another, its shades in proportion: nearly what `dye.moved` does to drawings."""
    lightness, old, new = lab[:, :1], own[:, :1], wanted[:, :1]
    share = (lightness / old.clamp_min(3)).clamp(1e-4, 1.0)
    root = share.sqrt()
    share = torch.where(new > old, root * root.sqrt(), share)
    above = ((lightness - old) / (100 - old).clamp_min(1)).clamp(0, 1)
    light = new * share + (100 - new) * above
    fade = torch.minimum(light / new.clamp_min(8), (100 - light) / (100 - new).clamp_min(8)).clamp(0.0, 1.25)
    hue = wanted[:, 1:] * fade + SHADES * (lab[:, 1:] - own[:, 1:])
    return torch.cat([light, hue], 1)


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    """Of each channel, [N,C,1,1]; one product of matrices, as sums of small pictures cost a runtime more."""
    counted = torch.cat([values, torch.ones_like(weight)], 1).flatten(2)  # [N,C+1,H*W]
    sums = counted @ weight.flatten(2).transpose(1, 2)
    return (sums[:, :-1] / sums[:, -1:])[..., None]
