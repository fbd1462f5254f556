"""Which of some drawings is most like somebody's portrait, and what it looks like in their colours."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from twingan import eye_places
from twingan.drawn_colours import skin_of
from twingan.drawn_parts import find
from twingan.eye_places import Eyes
from twingan.lab import to_lab
from twingan.mime import Mime
from twingan.pixels import to_pictures, to_tensor
from twingan.stencils import Colours, Stencils, eyeless

SEEN = 32
"""Side at which portraits and drawings are compared."""
BELOW, BELOW_WEIGHT = 26, 0.5
"""Rows from which on they show clothes, which count less."""

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Sitter:
    """Somebody's portrait.

    Attributes:
        like: it, small and eyeless, RGB [SEEN,SEEN,3] in 0 .. 1.
        colours: its own.
        told: what the person does, and whether they are a man, as `part.Part.told` has it, [1,9].
        eyes: where it has them.
    """

    like: npt.NDArray[np.float32]
    colours: Colours
    told: Tensor
    eyes: Eyes

    @property
    def man(self) -> bool:
        """Whose drawing suits."""
        return bool(self.told[0, -1] > 0.5)


class Pairing:
    """M drawings for sitters.

    Args:
        mime: reads photos and paints eyes and mouths.
        stencils: the drawings.
        men: which of them show men [M].
    """

    def __init__(self, mime: Mime, stencils: Stencils, men: npt.NDArray[np.bool_]) -> None:
        self.mime, self.stencils, self.men = mime, stencils, men
        self.small = {man: stencils.take(np.flatnonzero(men == man)).shrunk(SEEN) for man in (True, False)}

    @torch.no_grad()
    def sitter(self, photo: Picture, portrait: Picture) -> Sitter | None:
        """Of RGB uint8 [S,S,3] each; None where the portrait has no hair."""
        parts = find(portrait)
        if parts is None:
            return None
        head = to_tensor(portrait[None])
        eyes = self.mime.painter.places(eye_places.seen(head), to_lab(skin_of(head)))
        blind = eyeless(portrait, parts).astype(np.float32) / 255
        like = np.asarray(cv2.resize(blind, (SEEN, SEEN), interpolation=cv2.INTER_AREA), np.float32)
        return Sitter(like, Colours.of(parts), self.mime.reader(to_tensor(photo[None])), eyes)

    def costs(self, sitter: Sitter | None) -> npt.NDArray[np.float32]:
        """How unlike all drawings are in the sitter's colours, [M]; infinite are those of the other sex."""
        costs = np.full(len(self.stencils), np.inf, np.float32)
        if sitter is not None and (self.men == sitter.man).any():
            weight = np.where(np.arange(SEEN) < BELOW, 1.0, BELOW_WEIGHT)[:, None, None]
            dyed = self.small[sitter.man].dyed(Colours(sitter.colours.hair, sitter.colours.skin, None))
            costs[self.men == sitter.man] = (np.square(dyed - sitter.like) * weight).mean((1, 2, 3))
        return costs

    @torch.no_grad()
    def drawing(self, sitter: Sitter | None, number: int) -> Picture | None:
        """One of the drawings in the sitter's colours, with their eyes and mouth: RGB uint8 [S,S,3]."""
        if sitter is None or number < 0:
            return None
        dyed = self.stencils.take([number]).dyed(sitter.colours)
        head = torch.from_numpy(dyed).permute(0, 3, 1, 2) * 2 - 1
        plain = torch.zeros(1, 2), torch.zeros(1, 4)
        painted: Tensor = self.mime.painter(head, sitter.told, *plain, sitter.eyes)
        return np.asarray(to_pictures(painted)[0], np.uint8)
