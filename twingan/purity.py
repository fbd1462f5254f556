"""Which dyed drawings have the two colours that they should, and nothing else where a face and its hair are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from twingan.likeness import FEATURES, area_of, to_nearer, tone_distance
from twingan.palette import Palette
from twingan.pixels import to_tensor

HEAD, SIDES = (1, 12, 4, 12), ((2, 12, 1.5, 3.75), (2, 12, 12.25, 14.5))
"""Areas as in `twingan.likeness`: hair or skin, and beside it hair or paper."""
SIDES_SHARE = 0.5
"""Weight of the sides: the network draws faces, and hair there is often tied with something."""


def impurity(drawings: Tensor, palette: Palette) -> Tensor:
    """How far the pixels of drawings [N,3,S,S] in -1 .. 1 are from hair or skin, eyes and mouth left out: [N].

    A drawing with white strands, a hat, or skin that was not all found gets black hair only in parts.
    """
    hair, skin = 2 * palette.hair - 1, 2 * palette.skin - 1
    counted = torch.zeros_like(drawings[:, :1])
    area_of(counted, HEAD).fill_(1)
    for feature in FEATURES:
        area_of(counted, feature).zero_()
    head = (to_nearer(drawings, hair, skin) * counted).sum((1, 2, 3)) / counted.sum((1, 2, 3))
    beside = torch.minimum(tone_distance(drawings - hair), tone_distance(drawings - 1))
    sides = torch.cat([area_of(beside, side) for side in SIDES], -1).mean((1, 2, 3))
    return head + SIDES_SHARE * sides


def purest(
    drawings: npt.NDArray[np.uint8], hair: list[list[float]], skin: list[list[float]], share: float
) -> npt.NDArray[np.int64]:
    """Numbers of the purest `share` (at least one) of drawings RGBA uint8 [N,S,S,4], in their order."""
    found = []
    for some in torch.split(torch.arange(len(drawings)), 64):
        pictures = to_tensor(drawings[some.numpy()][..., :3])
        colours = (torch.tensor([parts[i] for i in some])[..., None, None] for parts in (hair, skin))
        found.append(impurity(pictures, Palette(*colours)))
    kept = max(1, round(share * len(drawings)))
    return np.asarray(torch.cat(found).argsort()[:kept].sort().values.numpy(), np.int64)
