"""Where drawn heads have their eyes: two dark disks, level, with something light beside and below each.

Places are in sixteenths of the side; they fit `face_crop.align.RECIPE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from twingan.drawn_colours import skin_of
from twingan.lab import far, to_lab
from twingan.likeness import Area, area_of
from twingan.pixels import to_tensor

SEEN = 128
"""Side of the heads in which they are looked for."""
AREA: Area = (5.0, 10.25, 2.5, 13.5)
"""Where in them."""
IRIS, ROUND = 0.8, (1.25, 1.55)
"""Radius of a dark iris that is looked for, and of the ring of skin or white beside and below it."""
HEIGHTS, SHIFTS, HALVES = np.arange(6.6, 8.7, 0.125), np.arange(-0.75, 0.76, 0.125), np.arange(1.9, 3.6, 0.125)
"""Where they are looked for: y, x of the middle between them from the head's middle, and half their distance."""
SHARP = 0.05
"""Places count by exp(score / SHARP): of drawings that are nearly alike they differ by less than a tenth of a pixel."""
DARK = 45.0
"""Distance in L*a*b* from skin from which on all is equally dark."""


@dataclass(frozen=True, eq=False)
class Eyes:
    """x of the left and the right eye of pictures and y of both, [N,1,1,1]."""

    left: Tensor
    right: Tensor
    y: Tensor


class EyePlaces(nn.Module):
    """Finds them: the mean of all places, weighted by how well they fit; the best one would tremble."""

    disk: Tensor
    spots: Tensor
    places: Tensor

    def __init__(self) -> None:
        super().__init__()
        y, shift, half = (axis.ravel() for axis in np.meshgrid(HEIGHTS, SHIFTS, HALVES, indexing="ij"))
        top, bottom, start, end = (int(edge * SEEN / 16) for edge in AREA)
        self.size = bottom - top, end - start
        rows, left, right = ((at * SEEN / 16).astype(np.int64) for at in (y, 8 + shift - half, 8 + shift + half))
        rows, left, right = rows - top, left - start, right - start
        self.register_buffer("disk", torch.from_numpy(_disk())[None, None])
        self.register_buffer("spots", torch.from_numpy(np.stack([rows * self.size[1] + at for at in (left, right)])))
        places = np.stack([8 + shift - half, 8 + shift + half, y], 1).astype(np.float32)
        self.register_buffer("places", torch.from_numpy(places))

    def forward(self, lab: Tensor, skin: Tensor) -> Eyes:
        """Of L*a*b* of heads, their `AREA` at `SEEN` pixels [N,3,42,88], and the colour of their skin [N,3,1,1]."""
        off = (far(lab - skin) / DARK).clamp_max(1)
        around = functional.pad(off, [self.disk.shape[-1] // 2] * 4, mode="replicate")
        like = functional.conv2d(around, self.disk).reshape(-1, self.size[0] * self.size[1])
        score = like[:, self.spots[0]] + like[:, self.spots[1]]
        left, right, y = (torch.softmax(score / SHARP, 1) @ self.places)[..., None, None, None].unbind(1)
        return Eyes(left, right, y)


def seen(heads: Tensor) -> Tensor:
    """L*a*b* [N,3,42,88] of heads RGB [N,3,S,S] in -1 .. 1, as `EyePlaces` takes it."""
    return to_lab(functional.avg_pool2d(area_of(heads, AREA), heads.shape[-1] // SEEN))


@torch.no_grad()
def found(head: npt.NDArray[np.uint8]) -> tuple[tuple[float, float], tuple[float, float]]:
    """x and y of the eyes of one head, RGB uint8 [S,S,3]; the left of the picture first."""
    heads = to_tensor(np.asarray(cv2.resize(head, (SEEN, SEEN), interpolation=cv2.INTER_AREA), np.uint8)[None])
    eyes = _finder()(seen(heads), to_lab(skin_of(heads)))
    y = eyes.y.item()
    return (eyes.left.item(), y), (eyes.right.item(), y)


@cache
def _finder() -> EyePlaces:
    return EyePlaces()


def _disk() -> npt.NDArray[np.float32]:
    """A filter that finds dark disks."""
    unit = SEEN / 16
    reach = int(ROUND[1] * unit)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1] / unit
    distance = np.hypot(x, y)
    disk = distance < IRIS
    ring = (distance > ROUND[0]) & (distance <= ROUND[1]) & (y > -0.3)  # above are lashes and hair
    return np.asarray(disk / disk.sum() - ring / ring.sum(), np.float32)
