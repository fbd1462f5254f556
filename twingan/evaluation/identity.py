"""Is a portrait still the one of its person? The right input must be the nearest of a hundred.

The measure knows nothing of faces: no recognition network, which would be out of its depth on drawings. A person is
described by what should survive being drawn: hair colour, skin tone, how much hair hangs beside and below the face,
and where the nose points.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twingan.evaluation import face_parts as parts
from twingan.evaluation.colour import Colouring

Array = npt.NDArray[np.float64]

GALLERY = 100


def traits(labels: npt.NDArray[np.uint8], colours: Colouring) -> Array:
    """float64 [9]: hair L*a*b*, skin L*a*b*, shares of hair beside and below the face, nose to the side; NaN: unknown.

    Args:
        labels: classes of the pixels, uint8 [S,S], of a photo or a drawing.
        colours: of the same picture.
    """
    size = labels.shape[0]
    hair = (labels == parts.HAIR) | (labels == parts.HAT)
    beside, below = hair[size // 2 : size * 3 // 4].mean(), hair[size * 3 // 4 :].mean()
    nose, face = _middle(labels == parts.NOSE), _middle((labels == parts.SKIN) | (labels == parts.NOSE))
    return np.array([*colours.hair, *colours.skin, beside, below, nose - face])


def ranks(inputs: Array, portraits: Array) -> npt.NDArray[np.int64]:
    """How many other inputs are nearer to a portrait than its own, [N]; 0 is right.

    Traits are standardized within the inputs and within the portraits: that all drawings are lighter than all
    photos must not matter here. An unknown trait counts as the average one. Equally near inputs count half.

    Args:
        inputs, portraits: traits [N,D] of the same people in the same order.
    """
    a, b = _standardized(inputs), _standardized(portraits)
    distances = np.linalg.norm(b[:, None] - a[None], axis=-1)
    own = np.diag(distances)[:, None]
    others = ~np.eye(len(a), dtype=bool)
    nearer = ((distances < own - 1e-9) & others).sum(1)
    equal = ((np.abs(distances - own) <= 1e-9) & others).sum(1)
    return np.asarray(nearer + (equal + 1) // 2, np.int64)


def found_share(rank: npt.NDArray[np.int64], gallery: int = GALLERY, within: int = 1) -> Array:
    """Chance, for each portrait, that its input is among the `within` nearest of a random gallery, [N].

    The gallery holds the right input and others drawn from all N, without replacement; the chance is exact
    (hypergeometric) instead of sampled. With fewer inputs than the gallery asks for, all are in it.
    """
    people = len(rank)
    drawn = min(gallery, people) - 1
    return np.array([_at_most(int(r), people - 1, drawn, within - 1) for r in rank])


def _at_most(marked: int, total: int, drawn: int, limit: int) -> float:
    """P(at most `limit` marked ones among `drawn` of `total`)."""
    from math import comb

    ways = sum(comb(marked, k) * comb(total - marked, drawn - k) for k in range(min(limit, drawn) + 1))
    return ways / comb(total, drawn)


def _standardized(x: Array) -> Array:
    known = np.maximum((~np.isnan(x)).sum(0), 1)
    centred = x - np.nansum(x, 0) / known
    spread = np.sqrt(np.nansum(centred**2, 0) / known)
    return np.asarray(np.nan_to_num(centred / np.where(spread > 1e-9, spread, 1)))


def _middle(mask: npt.NDArray[np.bool_]) -> float:
    """Mean column of a mask as a share of the width; NaN where it is empty."""
    columns = np.nonzero(mask)[1]
    return float(columns.mean() / mask.shape[1]) if len(columns) else float("nan")
