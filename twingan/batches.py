"""What one training step is shown: people as a camera sees them, and drawings.

Pictures are float [N,3,S,S] in -1 .. 1. `told` is what a discriminator is told of each picture, [N,CONDITIONS,1,1]:
hair and skin colour (`Palette.conditions`) and sex (`twingan.data.SEXES`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from twingan import augment
from twingan.data import Domain
from twingan.palette import Palette, drawn_hair
from twingan.skin import Skin

CONDITIONS = 7


@dataclass(frozen=True, eq=False)
class Sitters:
    """People to be drawn.

    Attributes:
        seen: as a camera sees them.
        clean, toned: the same on white, and with skin as it is to be drawn.
        alpha: [N,1,S,S] in 0 .. 1, 1 is person.
        wanted: colours that their drawings should have.
        told: what their drawings should be. Both are None without colours.
    """

    seen: Tensor
    clean: Tensor
    toned: Tensor
    alpha: Tensor
    wanted: Palette | None
    told: Tensor | None

    @classmethod
    def draw(cls, people: Domain, count: int, brown_share: float, *, coloured: bool) -> Sitters:
        """A batch drawn by weight; `brown_share` of the light-skinned become brown, see `twingan.skin`."""
        who = people.choose(count)
        seen, clean, alpha = augment.camera(people.take(who))
        skin = Skin.of(clean, alpha, brown_share)
        wanted = told = None
        if coloured:
            wanted = Palette(drawn_hair(people.hair(who))[..., None, None], skin.drawn)
            told = _told(wanted, people.sexes(who))
        return cls(skin.brown(seen), skin.brown(clean), skin.as_drawn(clean), alpha, wanted, told)


@dataclass(frozen=True, eq=False)
class Drawings:
    """Real drawings; `told` is None without colours."""

    pictures: Tensor
    told: Tensor | None

    @classmethod
    def draw(cls, drawings: Domain, count: int, *, coloured: bool) -> Drawings:
        """A batch drawn by weight."""
        which = drawings.choose(count)
        pictures = augment.warp(drawings.take(which)[:, :3], turn=0.05, zoom=0.05, move=0.02)
        told = _told(Palette.of(drawings, which), drawings.sexes(which)) if coloured else None
        return cls(pictures, told)


def _told(palette: Palette, sexes: Tensor) -> Tensor:
    return torch.cat([palette.conditions(), sexes[:, None, None, None]], 1)
