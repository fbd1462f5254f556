"""Paint glasses over a drawn head's eyes: two rims, a bridge, and the beginnings of the temples.

Pictures are RGB [N,3,H,W] in -1 .. 1; places are in sixteenths of the side.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from twingan.brush import UNIT, grid, line, mixed, within
from twingan.eye_places import AREA, Eyes
from twingan.lab import colour, to_rgb

LENS, LOW = (2.0, 1.5), 0.12
"""Half width and half height of a lens, a square with round corners, and by how much it is lower than the eye."""
APART = 0.46
"""Lenses' half widths are at most this share of the eyes' distance, so that there is a bridge between them."""
RIM, THICK, THIN = (32.0, 13.0, 13.0), 0.17, 0.11
"""Colour (L*a*b*) of frames, and width of rims at their tops and bottoms: brown and thin, as lines of drawings are,
they are nearer to drawings by KID than black and thicker ones."""
BRIDGE, ARCH = -0.3, 0.25
"""Height of the bridge's ends from the middle of lenses, and by how much it rises between them."""
TEMPLE, LENGTH = -0.5, 1.1
"""The same of temples, and how much of them is seen beside a lens."""
TINT, DENSE = (24.0, 2.0, -6.0), 0.7
"""Colour of dark lenses, and how little is seen through the darkest."""
GLINT, BRIGHT = (0.9, 0.35), 0.3
"""Light on a lens: how far up and left of its diagonal, half the width, and how much of it there is."""


class PaintedGlasses(nn.Module):
    """See the module."""

    x: Tensor
    y: Tensor

    def __init__(self) -> None:
        super().__init__()
        x, y = grid(AREA)
        self.register_buffer("x", x)
        self.register_buffer("y", y)

    def forward(self, head: Tensor, hair: Tensor, eyes: Eyes, worn: Tensor, dark: Tensor) -> Tensor:
        """A head with glasses on.

        Args:
            head: its `eye_places.AREA`.
            hair: where it has hair [N,1,H,W], behind which temples vanish.
            eyes: where its eyes are.
            worn: 0 none .. 1 [N,1,1,1].
            dark: clear lenses are 0, the darkest 1 [N,1,1,1].
        """
        apart = eyes.right - eyes.left
        half = (apart * APART).clamp_max(LENS[0])
        from_middle = self.x - (eyes.left + eyes.right) / 2
        out, y = from_middle.abs() - apart / 2, self.y - eyes.y - LOW
        off = _off_rim(out / half, y / LENS[1]) * half.clamp_max(LENS[1])
        lens = (-off * UNIT).clamp(0, 1)
        head = mixed(head, to_rgb(colour(TINT)), DENSE * dark * worn * lens)
        slant = out * from_middle.sign() + y + GLINT[0]
        head = mixed(head, torch.ones_like(head), BRIGHT * worn * lens * line(slant, 2 * GLINT[1]))
        rim = line(off, mixed(torch.tensor(THICK), torch.tensor(THIN), (y / LENS[1] / 2 + 0.5).clamp(0, 1)))
        across = from_middle / (apart / 2 - half).clamp_min(0.1)
        bridge = line(y - BRIDGE + ARCH * (1 - across.square()), THICK) * within(across)
        temple = line(y - TEMPLE, THICK) * within(2 * (out - half) / LENGTH - 1) * (1 - hair)
        return mixed(head, to_rgb(colour(RIM)), worn * torch.maximum(rim, torch.maximum(bridge, temple)))


def _off_rim(x: Tensor, y: Tensor) -> Tensor:
    """How far out of a rim places are: -1 is the middle of its lens."""
    return (x.square().square() + y.square().square()).clamp_min(1e-4).sqrt().sqrt() - 1
