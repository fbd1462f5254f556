"""Real drawings without eyes that take any colours of hair, skin and clothes.

Arrays are of M drawings of side S; colours are L*a*b* (L* in 0 .. 100).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import cv2
import numpy as np
import numpy.typing as npt

from twingan import eye_places
from twingan.drawn_parts import PAPER, Lab, Mask, Parts, find, to_lab, to_picture
from twingan.dye import HAIR_SPREAD, SKIN_SPREAD, moved

SOCKET, CORE = (1.7, 1.3, 1.4), (1.25, 0.85, 1.0)
"""Half width, rise and drop, in sixteenths of the side, of where an eye may be, and of where hair gives way, too:
lashes count as hair."""
EDGE = 1.2
"""Standard deviation in pixels of an eye's edge where skin is laid over it."""
SHOULDERS, LEAST = 0.78, 0.004
"""Clothes are below this share of the side; less of them than this share of a picture has no colour."""
OFF_PAPER, CLOTHES_SPREAD = 5.0, 0.6


@dataclass(frozen=True, eq=False)
class Colours:
    """Of one drawing; `clothes` is None where there are hardly any."""

    hair: Lab
    skin: Lab
    clothes: Lab | None

    @classmethod
    def of(cls, parts: Parts) -> Colours:
        """Those of a drawn head."""
        return cls(parts.hair_colour, parts.skin_colour, _common(parts.lab, clothes_of(parts)))


@dataclass(frozen=True, eq=False)
class Stencils:
    """Drawings, float32.

    Attributes:
        lab: [M,S,S,3].
        hair, skin, clothes, drawn: masks [M,S,S] in 0 .. 1; the rest of `drawn` is paper.
        hair_colour, skin_colour, clothes_colour: [M,3]; the last is that of paper where there are hardly any clothes.
    """

    lab: Lab
    hair: Mask
    skin: Mask
    clothes: Mask
    drawn: Mask
    hair_colour: Lab
    skin_colour: Lab
    clothes_colour: Lab

    @classmethod
    def of(cls, drawing: npt.NDArray[np.uint8]) -> Stencils | None:
        """One drawing, RGBA uint8 [S,S,4]; None where hair cannot be told from skin (`drawn_parts.Parts.told`)."""
        rgb = np.ascontiguousarray(drawing[..., :3])
        parts = find(rgb)
        if parts is None or not parts.told:
            return None
        blind = eyeless(rgb, parts)
        drawn = drawing[..., 3].astype(np.float32) / 255
        skin = np.where((blind != rgb).any(-1) & (parts.hair < 0.5), np.float32(1), parts.skin)
        clothes = clothes_of(parts) * (drawn > 0.5)
        worn = _common(parts.lab, clothes)
        colours = parts.hair_colour, parts.skin_colour, PAPER if worn is None else worn
        arrays = to_lab(blind), parts.hair, skin, clothes, drawn, *colours
        return cls(*(np.asarray(array, np.float32)[None] for array in arrays))

    @classmethod
    def all(cls, some: list[Stencils]) -> Stencils:
        """Several as one."""
        return cls(*(np.concatenate([getattr(one, field.name) for one in some]) for field in fields(cls)))

    def __len__(self) -> int:
        return len(self.lab)

    def take(self, which: npt.NDArray[np.integer] | list[int]) -> Stencils:
        """Some of them."""
        return Stencils(*(getattr(self, field.name)[which] for field in fields(self)))

    def shrunk(self, side: int) -> Stencils:
        """The same, smaller."""
        arrays = (getattr(self, field.name) for field in fields(self))
        return Stencils(*(_shrunk(array, side) if array.ndim > 2 else array for array in arrays))

    def dyed(self, colours: Colours) -> npt.NDArray[np.float32]:
        """In these colours, on white: RGB [M,S,S,3] in 0 .. 1. Drawn clothes stay as they are if there are none."""
        lab = moved(self.lab, self.hair, self.hair_colour, colours.hair, HAIR_SPREAD)
        lab = moved(lab, self.skin, self.skin_colour, colours.skin, SKIN_SPREAD)
        if colours.clothes is not None:
            worn = self.clothes * (self.clothes_colour != PAPER).any(-1)[:, None, None]
            lab = moved(lab, worn, self.clothes_colour, colours.clothes, CLOTHES_SPREAD)
        rows = np.ascontiguousarray(lab.reshape(-1, *lab.shape[2:]), np.float32)
        rgb = np.asarray(cv2.cvtColor(rows, cv2.COLOR_Lab2RGB), np.float32).clip(0, 1).reshape(lab.shape)
        return np.asarray(1 + (rgb - 1) * self.drawn[..., None], np.float32)


def eyeless(drawing: npt.NDArray[np.uint8], parts: Parts) -> npt.NDArray[np.uint8]:
    """A drawn head RGB uint8 [S,S,3] with skin where its eyes are; hair that hangs beside them stays."""
    y, x = np.indices(parts.hair.shape) * (16 / len(drawing))
    covered = np.zeros(parts.hair.shape, bool)
    for left, top in eye_places.found(drawing):
        at = x - left, y - top + 0.1
        covered |= (_egg(*at, SOCKET) & (parts.hair < 0.5)) | _egg(*at, CORE)
    share = cv2.GaussianBlur(covered.astype(np.float32), (0, 0), EDGE)[..., None]
    skin = to_picture(parts.skin_colour[None, None])[0, 0].astype(np.float32)
    return np.asarray(drawing + (skin - drawing) * share + 0.5, np.uint8)


def clothes_of(parts: Parts) -> Mask:
    """What is neither hair nor skin nor paper below a head: [S,S] in 0 .. 1."""
    other = (1 - np.maximum(parts.hair, parts.skin)) * (np.linalg.norm(parts.lab - PAPER, axis=-1) > OFF_PAPER)
    other[: int(SHOULDERS * len(other))] = 0
    return np.asarray(other, np.float32)


def _common(lab: Lab, mask: Mask) -> Lab | None:
    """The median colour under a mask, [3]."""
    pixels = lab[mask > 0.5]
    return np.asarray(np.median(pixels, 0), np.float32) if len(pixels) > LEAST * mask.size else None


def _egg(
    x: npt.NDArray[np.floating], y: npt.NDArray[np.floating], size: tuple[float, float, float]
) -> npt.NDArray[np.bool_]:
    wide, up, down = size
    return np.asarray((x / wide) ** 2 + np.where(y < 0, y / up, y / down) ** 2 < 1)


def _shrunk(pictures: npt.NDArray[np.float32], side: int) -> npt.NDArray[np.float32]:
    small = [cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA) for picture in pictures]
    return np.asarray(np.stack(small), np.float32)
