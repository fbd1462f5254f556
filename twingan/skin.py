"""Where skin is in a portrait of a person, and which tone it has; people are cropped by `face_crop.align.RECIPE`.

Pictures are float [N,3,S,S] in -1 .. 1, tones float [N,3,1,1] in 0 .. 1, masks float [N,1,S,S] in 0 .. 1.
Rules of thumb for training, not a segmentation: they may miss skin, and take for skin what has its colour.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from twingan.pixels import on_white

BROWN = (0.46, 0.33, 0.27)
"""What the darkest skin keeps of light skin."""
CHEEKS = ((0.50, 0.62, 0.30, 0.42), (0.50, 0.62, 0.58, 0.70))
LIFT, LIGHTEST = 0.22, 0.95
"""Drawn skin is lighter than a photo's by so much luma, up to a limit."""
PALE = 0.8
"""How much of a photo's chroma drawn skin has."""


@dataclass(frozen=True)
class Skin:
    """A batch of people's skin, and the browner one that the network is to see.

    Attributes:
        tone, mask: see `tone` and `mask`.
        gain: what makes light skin browner, 1 where it stays; [N,3,1,1].
    """

    tone: Tensor
    mask: Tensor
    gain: Tensor

    @classmethod
    def of(cls, clean: Tensor, alpha: Tensor, share: float) -> Skin:
        """Of people before white; `share` of the light ones are to become brown."""
        own = tone(clean)
        gain = torch.where(is_light(own), browns(len(clean), share, own), 1.0)
        return cls(own, mask(clean, alpha, own), gain)

    def brown(self, picture: Tensor) -> Tensor:
        """A picture of these people, as the network is to see them."""
        return retoned(picture, self.mask, self.gain)

    @property
    def drawn(self) -> Tensor:
        """The tone that a drawing of them should have: [N,3,1,1]."""
        return drawn(self.tone * self.gain)

    def as_drawn(self, picture: Tensor) -> Tensor:
        """A picture of these people with skin of that tone, lights and shadows kept."""
        return retoned(picture, self.mask, self.drawn / (self.tone + 0.02))


def browned(person: Tensor, share: float) -> Tensor:
    """People RGBA [N,4,S,S]; that share of the light-skinned ones have browner skin."""
    skin = Skin.of(on_white(person), (person[:, 3:] + 1) / 2, share)
    return torch.cat([skin.brown(person[:, :3]), person[:, 3:]], 1)


def tone(person: Tensor) -> Tensor:
    """The median colour of a person's cheeks."""
    size = person.shape[-1]
    pixels = [
        person[..., int(top * size) : int(bottom * size), int(left * size) : int(right * size)].flatten(2)
        for top, bottom, left, right in CHEEKS
    ]
    return (torch.cat(pixels, 2).float().median(2).values[:, :, None, None] + 1) / 2


def is_light(tone: Tensor) -> Tensor:
    """bool [N,1,1,1]."""
    return luma(tone) > 0.5


def drawn(tone: Tensor) -> Tensor:
    """The tone that a drawing gives a person's skin: lighter and paler, but in the same order."""
    grey = luma(tone)
    return ((grey + LIFT).clamp(max=LIGHTEST) + PALE * (tone - grey)).clamp(0, 1)


def mask(person: Tensor, alpha: Tensor, tone: Tensor) -> Tensor:
    """A person's skin: what has the hue of the cheeks, lit a little less or much more.

    Args:
        person: a picture before white.
        alpha: [N,1,S,S] in 0 .. 1, 1 is person.
        tone: see `tone`.
    """
    colour, brightness, own = (person + 1) / 2, luma((person + 1) / 2), luma(tone)
    hue = colour / (brightness + 0.04) - tone / (own + 0.04)
    near = torch.exp(-((hue[:, :1] / 0.32) ** 2) - (hue[:, 2:] / 0.4) ** 2)
    lit = brightness / (own + 0.02)
    skin = near * torch.sigmoid((lit - 0.5) * 14) * torch.sigmoid((3.0 - lit) * 6)
    return _soft((1.4 * skin).clamp(0, 1)) * (alpha > 0.5)


def retoned(picture: Tensor, mask: Tensor, gain: Tensor) -> Tensor:
    """A picture whose skin is multiplied by `gain` [N,3,1,1]."""
    return ((picture + 1) * (1 + (gain - 1) * mask) - 1).clamp(max=1)


def browns(count: int, share: float, like: Tensor) -> Tensor:
    """Random gains [count,3,1,1] from 1 to dark brown for a share of the pictures; 1 for the others."""
    depth, chance = (torch.rand(count, 1, 1, 1, device=like.device) for _ in range(2))
    least = torch.tensor(BROWN, device=like.device).view(1, 3, 1, 1)
    return 1 - (1 - least) * depth**0.7 * (chance < share)


def luma(colour: Tensor) -> Tensor:
    """Rec. 601: [N,3,H,W] -> [N,1,H,W]."""
    return 0.299 * colour[:, :1] + 0.587 * colour[:, 1:2] + 0.114 * colour[:, 2:]


def _soft(mask: Tensor) -> Tensor:
    return functional.avg_pool2d(functional.pad(mask, [1] * 4, mode="replicate"), 3, stride=1)
