"""Paint the eyes of a real drawing over a head's own: in another colour, as open as wanted.

Places are in sixteenths of the side. Colours are mixed in L*a*b* before the eyes are laid into the head, while they are
small, as that is what takes a CPU longest. Both eyes are painted in one pass, each in its half
of the picture; tensors of both have the left ones first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from twingan.brush import UNIT, ellipse, grid, mixed, stroke
from twingan.drawn_colours import retoned
from twingan.drawn_eyes import CUT, DrawnEyes
from twingan.eye_places import AREA, Eyes
from twingan.lab import colour, to_rgb

UPPER, LOWER, END = -1.15, 1.15, 1.75
"""An eye's upper and lower line, from its middle, and up to where skin is stretched when it shuts."""
LID, SOFT = 0.15, 0.3
"""How far above the upper line all is lid when it falls, and how softly that begins."""
FALLS, RISES, FADES = 0.62, 0.22, (0.12, 0.27)
"""Parts of an eye's height by which lids come together, and between which openness a shut eye becomes an open one."""
OWN, CORE = (1.6, 1.2, 1.3), (1.3, 1.0, 1.05)
"""Half width, rise and drop of what a head's own eye covers, and of how far hair gives way: lashes count as hair."""
SHUT_EYE, LID_LINE, WIDTHS = (1.3, 0.42, 0.55), (20.0, 12.0, 4.0), (0.34, 0.44)
"""Half width, drop and height below the middle of a shut eye's line, its colour, and its width and that of what hides
the skin around it."""
SIZES = (0.85, 1.05)
"""How much smaller and larger eyes are painted where a head's own are nearer or farther from each other."""


@dataclass(frozen=True, eq=False)
class Look:
    """Of eyes.

    Attributes:
        openness: of each eye [N,1,1,1] in 0 .. 1, the left of the picture first.
        iris: how much lighter than drawn ones irises are, then a* and b* [N,3,1,1].
        man: whose eyes they are, 0 .. 1 [N,1,1,1].
    """

    openness: tuple[Tensor, Tensor]
    iris: Tensor
    man: Tensor


class PaintedEyes(nn.Module):
    """Eyes of two drawings, of which people get one or the other.

    Args:
        women, men: whose eyes they are.
    """

    cuts: Tensor
    skins: Tensor
    aparts: Tensor
    x: Tensor
    y: Tensor

    def __init__(self, women: DrawnEyes, men: DrawnEyes) -> None:
        super().__init__()
        both = (women, men)
        self.register_buffer("cuts", torch.from_numpy(np.stack([eyes.cut for eyes in both])))
        self.register_buffer("skins", torch.tensor(np.stack([eyes.skin for eyes in both]))[:, None, :, None, None])
        self.register_buffer("aparts", torch.tensor([eyes.apart for eyes in both], dtype=torch.float32))
        x, y = grid(AREA)
        self.register_buffer("x", x)
        self.register_buffer("y", y[..., : x.shape[-1] // 2].contiguous())

    def forward(self, head: Tensor, hair: Tensor, skin: Tensor, eyes: Eyes, look: Look) -> Tensor:
        """A head with other eyes.

        Args:
            head: its `AREA`, RGB [N,3,84,176] in -1 .. 1.
            hair: where it has hair [N,1,84,176], which stays where it hangs beside an eye.
            skin: its colour, L*a*b* [N,3,1,1].
            eyes: where its own are.
            look: of the new ones.
        """
        half, count = head.shape[-1] // 2, head.shape[0]  # len() would export a fixed batch
        x = torch.cat([self.x[..., :half] - eyes.left, self.x[..., half:] - eyes.right])
        y, opened = _twice(self.y - eyes.y), torch.cat(look.openness)
        both, beside = (torch.cat([picture[..., :half], picture[..., half:]]) for picture in (head, hair))
        size = ((eyes.right - eyes.left) / mixed(self.aparts[0], self.aparts[1], look.man)).clamp(*SIZES)
        plain = _twice(to_rgb(skin))
        both = mixed(both, plain, ellipse(x, y - 0.1, *OWN) * (1 - beside * (1 - ellipse(x, y, *CORE))))
        picture, shape = self._eye(x, y, _twice(size), self._cuts(skin, look), plain, opened)
        painted = mixed(both, picture, shape)
        return torch.cat([painted[:count], painted[count:]], 3)

    def _cuts(self, skin: Tensor, look: Look) -> Tensor:
        """Both eyes in their colours, RGB, and what of them covers a head [2N,4,60,72]."""
        layers = torch.cat([mixed(self.cuts[0, side], self.cuts[1, side], look.man) for side in (0, 1)])
        lab, coloured, shape, own = layers[:, :3], layers[:, 3:4], layers[:, 4:5], layers[:, 5:]
        skins = _twice(mixed(self.skins[0], self.skins[1], look.man))
        lab = mixed(lab, retoned(lab, skins, _twice(skin)), own)
        lab = mixed(lab, _irises(lab[:, :1], _twice(look.iris)), coloured)
        return torch.cat([to_rgb(lab), shape], 1)

    def _eye(
        self, x: Tensor, y: Tensor, size: Tensor, cuts: Tensor, plain: Tensor, opened: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What eyes look like, RGB, and what of them covers the head, as open as wanted."""
        source, lid = _lidded(y, 1 - opened)
        seen = _at(cuts, x / size, source / size)
        rgb, shape = mixed(seen[:, :3], plain, lid), seen[:, 3:]
        wide, drop, low = SHUT_EYE
        along = x / wide
        off = y - low - drop * (1 - along.square())
        shut = mixed(plain, to_rgb(colour(LID_LINE)), stroke(off, along, WIDTHS[0]))
        shows = ((opened - FADES[0]) / (FADES[1] - FADES[0])).clamp(0, 1)
        return mixed(shut, rgb, shows), torch.maximum(stroke(off, along, WIDTHS[1]) * (1 - shows), shape * shows)


def _at(cuts: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """What is cut out, at places from the middle of an eye."""
    top, bottom, left, right = CUT
    across, down = 2 * (x - left + 0.5 / UNIT) / (right - left) - 1, 2 * (y - top + 0.5 / UNIT) / (bottom - top) - 1
    places = torch.stack([across[:, 0].expand_as(down[:, 0]), down[:, 0]], -1)
    return functional.grid_sample(cuts, places, padding_mode="border", align_corners=False)


def _lidded(y: Tensor, closing: Tensor) -> tuple[Tensor, Tensor]:
    """From which height of an open eye a pixel is taken when lids have come together, and what is lid then.

    The skin above an eye falls with its upper line; the eye is squeezed, and the skin below it stretched up to its end.
    """
    high = LOWER - UPPER
    upper, lower = UPPER + high * FALLS * closing, LOWER - high * RISES * closing
    above, inside = y - (upper - UPPER), UPPER + (y - upper) * (high / (lower - upper))
    below = LOWER + (y - lower) * ((END - LOWER) / (END - lower))
    lid = ((upper - LID - y) / SOFT).clamp(0, 1) * (20 * closing).clamp(0, 1)
    return torch.minimum(torch.maximum(above, inside), below), lid


def _irises(lightness: Tensor, iris: Tensor) -> Tensor:
    """An eye in the colour of an iris; pupil and lights have less of it."""
    vivid = torch.minimum(lightness / 35, (100 - lightness) / 45).clamp(0.0, 1.1)
    lighter = lightness + iris[:, :1] * torch.minimum(lightness / 30, (100 - lightness) / 60).clamp(0, 1)
    return torch.cat([lighter, iris[:, 1:] * vivid], 1)


def _twice(values: Tensor) -> Tensor:
    return torch.cat([values, values])
