"""Where skin is in a portrait, and which tone it has: of people and of drawings, cropped by `face_crop.align.RECIPE`.

Pictures are float [N,3,S,S] in -1 .. 1, tones float [N,3,1,1] in 0 .. 1, masks float [N,1,S,S] in 0 .. 1.
Rules of thumb for training, not a segmentation: they may miss skin, and take for skin what has its colour.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

LIGHT = (0.87, 0.70, 0.61)
"""Skin as light as most people's in the data."""
BROWN = (0.46, 0.33, 0.27)
"""What the darkest skin keeps of it."""
CHEEKS = ((0.50, 0.62, 0.30, 0.42), (0.50, 0.62, 0.58, 0.70))
DRAWN_CHEEKS = ((0.60, 0.68, 0.34, 0.44), (0.60, 0.68, 0.56, 0.66))
FRINGE = ((0.10, 0.22, 0.35, 0.65),)


@dataclass(frozen=True)
class Skin:
    """A batch of people's skin, and the browner one that the network is to see.

    Attributes:
        tone, mask: see `tone` and `mask`.
        gain: what makes light skin browner, 1 where it stays; [N,3,1,1].
        lamp: what makes dark skin light, 1 where it is; [N,3,1,1].
    """

    tone: Tensor
    mask: Tensor
    gain: Tensor
    lamp: Tensor

    @classmethod
    def of(cls, clean: Tensor, alpha: Tensor, share: float) -> Skin:
        """Of people before white; `share` of the light ones are to become brown."""
        own = tone(clean)
        light = _luma(own) > 0.5
        gain = torch.where(light, browns(len(clean), share, own), 1.0)
        lamp = (torch.tensor(LIGHT).to(own).view(1, 3, 1, 1) / (own + 0.02)).clamp(1, 4)
        return cls(own, mask(clean, alpha, own), gain, torch.where(light, 1.0, lamp))

    def brown(self, picture: Tensor) -> Tensor:
        """A picture of these people, as the network is to see them."""
        return retoned(picture, self.mask, self.gain)

    def lit(self, picture: Tensor) -> Tensor:
        """A picture of these people with light skin."""
        return retoned(picture, self.mask, self.lamp)

    def flat(self, picture: Tensor) -> Tensor:
        """As `brown`, with one colour in place of lights and shadows of the skin: drawings have none."""
        return torch.lerp(self.brown(picture), 2 * (self.tone * self.gain) - 1, self.mask)

    @property
    def change(self) -> Tensor:
        """From `lit` to `brown`: [N,3,1,1]."""
        return self.gain / self.lamp

    @property
    def differs(self) -> Tensor:
        """Whether `lit` and `brown` differ to the eye: bool [N]."""
        return _luma(self.change).flatten() < 0.85


def tone(person: Tensor) -> Tensor:
    """The median colour of a person's cheeks."""
    return _median(person, CHEEKS)


def mask(person: Tensor, alpha: Tensor, tone: Tensor) -> Tensor:
    """A person's skin: what has the hue of the cheeks, lit a little less or much more.

    Args:
        person: a picture before white.
        alpha: [N,1,S,S] in 0 .. 1, 1 is person.
        tone: see `tone`.
    """
    colour, brightness, own = (person + 1) / 2, _luma((person + 1) / 2), _luma(tone)
    hue = colour / (brightness + 0.04) - tone / (own + 0.04)
    near = torch.exp(-((hue[:, :1] / 0.32) ** 2) - (hue[:, 2:] / 0.4) ** 2)
    lit = brightness / (own + 0.02)
    skin = near * torch.sigmoid((lit - 0.5) * 14) * torch.sigmoid((3.0 - lit) * 6)
    return _soft((1.4 * skin).clamp(0, 1)) * (alpha > 0.5)


def drawn_tone(drawing: Tensor) -> Tensor:
    """The median colour of a drawing's cheeks."""
    return _median(drawing, DRAWN_CHEEKS)


def drawn_mask(drawing: Tensor) -> Tensor:
    """A drawing's skin: what has the flat colour of its cheeks; nothing where hair has that colour, too."""
    return drawn_flat(drawing) * told_from_hair(drawing)


def drawn_flat(drawing: Tensor) -> Tensor:
    """What has the flat colour of a drawing's cheeks or of their shadow, whether skin or hair."""
    colour, own = (drawing + 1) / 2, drawn_tone(drawing)
    off = torch.minimum(_distance(colour, own), _distance(colour, _shadow(own)))
    flat = torch.exp(-((off / 0.1) ** 4))
    flat[:, :, : flat.shape[-2] // 4] = 0
    return _soft(flat)


def without_glare(drawing: Tensor) -> Tensor:
    """Below the eyes nothing is lighter than the skin: a white spot on a nose is loud on brown skin."""
    own = drawn_tone(drawing)
    glare = (_luma((drawing + 1) / 2) > _luma(own)) & (below_the_eyes(drawing.shape[-1], drawing) > 0)
    return torch.where(glare, 2 * own - 1, drawing)


def told_from_hair(drawing: Tensor) -> Tensor:
    """Whether a drawing's skin is light and its hair of another colour: bool [N,1,1,1]."""
    own, hair = drawn_tone(drawing), _median(drawing, FRINGE)
    return (_distance(hair, own) > 0.16) & (_distance(hair, _shadow(own)) > 0.12) & (_luma(own) > 0.5)


def below_the_eyes(size: int, like: Tensor) -> Tensor:
    """An oval [1,1,size,size], 1 inside: the part of a drawn face that hair hardly ever covers."""
    y, x = torch.meshgrid(*[(torch.arange(size) + 0.5) / size] * 2, indexing="ij")
    oval = ((x - 0.5) / 0.2) ** 2 + ((y - 0.64) / 0.16) ** 2 < 1
    return oval[None, None].to(like)


def retoned(picture: Tensor, mask: Tensor, gain: Tensor) -> Tensor:
    """A picture whose skin is multiplied by `gain` [N,3,1,1]."""
    return ((picture + 1) * (1 + (gain - 1) * mask) - 1).clamp(max=1)


def browns(count: int, share: float, like: Tensor) -> Tensor:
    """Random gains [count,3,1,1] from 1 to dark brown for a share of the pictures; 1 for the others."""
    depth = torch.rand(count, 1, 1, 1) ** 0.7 * (torch.rand(count, 1, 1, 1) < share)
    return 1 - (1 - torch.tensor(BROWN).view(1, 3, 1, 1)).to(like) * depth.to(like)


def _median(picture: Tensor, areas: tuple[tuple[float, float, float, float], ...]) -> Tensor:
    """Of areas (top, bottom, left, right in shares of the side): [N,3,1,1] in 0 .. 1."""
    size = picture.shape[-1]
    pixels = [
        picture[..., int(top * size) : int(bottom * size), int(left * size) : int(right * size)].flatten(2)
        for top, bottom, left, right in areas
    ]
    return (torch.cat(pixels, 2).float().median(2).values[:, :, None, None] + 1) / 2


def _distance(a: Tensor, b: Tensor) -> Tensor:
    return (a - b).abs().amax(1, keepdim=True)


def _shadow(tone: Tensor) -> Tensor:
    """Skin in the shadow of hair, as it is drawn."""
    return tone * torch.tensor([0.86, 0.72, 0.72]).to(tone).view(1, 3, 1, 1)


def _luma(colour: Tensor) -> Tensor:
    """Rec. 601."""
    return 0.299 * colour[:, :1] + 0.587 * colour[:, 1:2] + 0.114 * colour[:, 2:]


def _soft(mask: Tensor) -> Tensor:
    return functional.avg_pool2d(functional.pad(mask, [1] * 4, mode="replicate"), 3, stride=1)
