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
        top, _, start, _ = (int(edge * SEEN / 16) for edge in AREA)
        rows, left, right = ((at * SEEN / 16).astype(np.int64) for at in (y, 8 + shift - half, 8 + shift + half))
        rows, left, right = rows - top, left - start, right - start
        first = int(rows.min()), int(left.min())
        self.within = *first, int(rows.max()) + 1, int(right.max()) + 1
        spots = [(rows - first[0]) * (self.within[3] - first[1]) + at - first[1] for at in (left, right)]
        self.register_buffer("disk", torch.from_numpy(_disk())[None, None])
        self.register_buffer("spots", torch.from_numpy(np.stack(spots)))
        places = np.stack([8 + shift - half, 8 + shift + half, y], 1).astype(np.float32)
        self.register_buffer("places", torch.from_numpy(places))

    def forward(self, lab: Tensor, skin: Tensor) -> Eyes:
        """Of L*a*b* of heads, their `AREA` at `SEEN` pixels [N,3,42,88], and the colour of their skin [N,3,1,1]."""
        off = (far(lab - skin) / DARK).clamp_max(1)
        like = functional.conv2d(self._around(off), self.disk).flatten(1)
        score = like[:, self.spots[0]] + like[:, self.spots[1]]
        left, right, y = (torch.softmax(score / SHARP, 1) @ self.places)[..., None, None, None].unbind(1)
        return Eyes(left, right, y)

    def _around(self, off: Tensor) -> Tensor:
        """What the filter sees at the places that are looked at: a third of all."""
        reach, (height, width) = self.disk.shape[-1] // 2, off.shape[-2:]
        top, left, bottom, right = self.within
        edges = left - reach, top - reach, right + reach, bottom + reach
        seen = off[:, :, max(edges[1], 0) : min(edges[3], height), max(edges[0], 0) : min(edges[2], width)]
        lacking = [max(-edges[0], 0), max(edges[2] - width, 0), max(-edges[1], 0), max(edges[3] - height, 0)]
        return functional.pad(seen, lacking, mode="replicate")


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
