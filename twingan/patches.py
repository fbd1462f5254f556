"""Bend a drawing towards another picture, so that every patch of it still is one of the drawing's.

Patch nearest neighbours, coarse to fine (Granot et al. 2022, arXiv 2103.15545, section 3), with the places held: a
patch comes from nearly where it goes, so that a nose does not become a button. Pictures are float [1,3,S,S] in 0 .. 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Level:
    """One scale: its side, how far patches come from each way, their side, in pixels, and how often they are sought."""

    side: int
    reach: int
    patch: int
    rounds: int = 1


LEVELS = Level(32, 3, 7, 2), Level(64, 2, 7, 2), Level(128, 1, 7)
LAST = Level(128, 1, 5)
"""Where patches of the full size come from is decided at half of it."""
STAY = 1e-4
"""What a pixel of way costs, squared, beside the mean square difference of patches."""
EVEN = 1e-3
"""Added to differences: patches that overlap count by the inverse of it."""


def bent(drawing: Tensor, like: Tensor) -> Tensor:
    """A drawing in the shape of another picture, both [1,3,2L,2L], L the side of the `LAST` level."""
    picture, before = _at(like, LEVELS[0].side), None
    for level in LEVELS:
        own = _at(drawing, level.side)
        seen = own
        if before is not None:  # what is sought has no finer details yet
            picture, seen = _enlarged(picture, level.side), _enlarged(_at(drawing, before), level.side)
        for _ in range(level.rounds):
            picture, seen = _woven(own, *_sought(picture, seen, level), level.patch), own
        before = level.side
    origin, difference = _sought(picture, _at(drawing, LAST.side), LAST)
    return _woven(drawing, origin, difference, LAST.patch, drawing.shape[-1] // LAST.side).clamp(0, 1)


def _sought(picture: Tensor, drawing: Tensor, level: Level) -> tuple[Tensor, Tensor]:
    """Of each patch of a picture the number of the drawing's nearest pixel [S*S], and the difference [S*S]."""
    side, reach = level.side, level.reach
    edged = functional.pad(drawing, (reach,) * 4, mode="replicate")
    ways = [(y, x) for y in range(-reach, reach + 1) for x in range(-reach, reach + 1)]
    moved = [edged[:, :, reach + y : reach + y + side, reach + x : reach + x + side] for y, x in ways]
    square = torch.cat(moved).sub(picture).square().sum(1, keepdim=True)
    square = functional.pad(square, (level.patch // 2,) * 4, mode="replicate")
    steps = torch.tensor(ways)
    costs = functional.avg_pool2d(square, level.patch, 1)[:, 0] + STAY * steps.square().sum(1)[:, None, None]
    difference, way = costs.flatten(1).min(0)
    rows, columns = torch.arange(side * side) // side + steps[way, 0], torch.arange(side * side) % side + steps[way, 1]
    return rows.clamp(0, side - 1) * side + columns.clamp(0, side - 1), difference


def _woven(drawing: Tensor, origin: Tensor, difference: Tensor, patch: int, scale: int = 1) -> Tensor:
    """A picture of a drawing's patches, sought at a `scale`th of its size; where they overlap, their weighted mean."""
    patch, edge, side = patch * scale, patch // 2 * scale, drawing.shape[-1]
    weight = 1 / (difference + EVEN)
    edged = functional.pad(drawing, (edge,) * 4, mode="replicate")
    patches = functional.unfold(edged, patch, stride=scale)[:, :, origin] * weight
    weights = weight.expand(1, patch * patch, -1)
    whole, shares = (functional.fold(part, side + 2 * edge, patch, stride=scale) for part in (patches, weights))
    return (whole / shares)[:, :, edge : edge + side, edge : edge + side]


def _at(picture: Tensor, side: int) -> Tensor:
    return functional.interpolate(picture, size=side, mode="area")


def _enlarged(picture: Tensor, side: int) -> Tensor:
    return functional.interpolate(picture, size=side, mode="bicubic", align_corners=False)
