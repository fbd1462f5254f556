"""The parts of a face that people look at first, each for a discriminator of its own.

A discriminator of whole pictures sees eyes in few of its scores. One that sees nothing else asks for round irises and
for lights in them (facial component loss: Wang et al. 2021, arXiv 2101.04061, section 3.4). Both eyes are shown to it
at once, one of them mirrored, so that a pair which does not match is told from drawn ones.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from twingan import augment
from twingan.discriminators import PixelDiscriminator
from twingan.likeness import Area, area_of

LEFT, RIGHT = (5.75, 9.75, 3.25, 7.25), (5.75, 9.75, 8.75, 12.75)
MOUTH: Area = (9.5, 13.5, 6, 10)
"""Squares with an eye and its brow, or the mouth and the chin; they fit `face_crop.align.RECIPE`."""
LEAST = 32
"""Pixels of their side that a discriminator needs."""


def judges() -> dict[str, PixelDiscriminator]:
    """A new discriminator for each part."""
    return {"eyes": PixelDiscriminator(channels=6), "mouth": PixelDiscriminator()}


def seen(picture: Tensor) -> dict[str, Tensor]:
    """What each of `judges` looks at.

    Args:
        picture: drawings [N,3,S,S] in -1 .. 1.

    Returns:
        by name: both eyes [N,6,s,s], the right one mirrored, and the mouth [N,3,s,s], augmented; s is S/4, and at least
        `LEAST`.
    """
    eyes = torch.cat([area_of(picture, LEFT), area_of(picture, RIGHT).flip(-1)], 1)
    parts = {"eyes": eyes, "mouth": area_of(picture, MOUTH)}
    return {name: augment.discriminated(_enlarged(part)) for name, part in parts.items()}


def _enlarged(part: Tensor) -> Tensor:
    if part.shape[-1] >= LEAST:
        return part
    return functional.interpolate(part, size=LEAST, mode="bilinear", align_corners=False)
