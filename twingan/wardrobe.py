"""Which real drawings can be given anybody's colours without a trace of their own."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from twingan.drawn_parts import colour_to_lab
from twingan.palette import Palette
from twingan.purity import impurity
from twingan.stencils import Colours, Stencils

KEPT = {True: 0.5, False: 0.2}
"""Shares of the drawings of men, who are few, and of others that are kept, the purest first."""
TRIED, SKIN = ((0.13, 0.10, 0.09), (0.55, 0.40, 0.28)), (0.96, 0.86, 0.80)
"""Hair and skin, RGB, in which they are tried."""
SEEN = 128
"""Side at which they are looked at."""
PAPER = 0.05
"""Least share of a drawing that is paper or white: the others have backgrounds."""
WHITE = 0.98


def wardrobe(
    drawings: npt.NDArray[np.uint8], note: dict[str, Any], skip: Collection[str] = ()
) -> tuple[Stencils, list[str], npt.NDArray[np.bool_]]:
    """Of a packed domain, RGBA [N,S,S,4], and its note: drawings, their files, and which show men.

    Raises:
        ValueError: none can be dyed.
    """
    rows = note["pictures"]
    usable = [i for i, row in enumerate(rows) if row["weight"] and not row["validation"] and row["file"] not in skip]
    impure = np.array([_impure(drawings[i]) for i in tqdm(usable, desc="choosing drawings", unit="drawing")])
    men = np.array([rows[i]["group"] == "man" for i in usable])
    kept = sorted(i for man in (True, False) for i in _purest(np.flatnonzero(men == man), impure, KEPT[man]))
    if not kept:
        raise ValueError("in no drawing could hair be told from skin; are they drawn heads before white?")
    # Made once more, as all of them at once would take gigabytes.
    found = [Stencils.of(np.asarray(drawings[usable[i]])) for i in kept]
    stencils = Stencils.all([one for one in found if one is not None])
    return stencils, [rows[usable[i]]["file"] for i in kept], men[kept]


def _purest(numbers: npt.NDArray[np.int64], impure: npt.NDArray[np.float64], share: float) -> list[int]:
    """Numbers of the purest, at least one if any can be dyed at all."""
    able = numbers[np.isfinite(impure[numbers])]
    return [int(number) for number in able[impure[able].argsort()][: max(1, round(share * len(able)))]]


def _impure(drawing: npt.NDArray[np.uint8]) -> float:
    """How much of it keeps its own colours (`purity.impurity`); infinite where it cannot be dyed."""
    stencil = Stencils.of(np.asarray(drawing))
    if stencil is None:
        return np.inf
    small = stencil.shrunk(SEEN)
    skin = colour_to_lab(SKIN)
    dyed = [small.dyed(Colours(colour_to_lab(hair), skin, None)) for hair in TRIED]
    if (dyed[0] > WHITE).all(-1).mean() < PAPER:
        return np.inf
    pictures = torch.from_numpy(np.concatenate(dyed)).permute(0, 3, 1, 2) * 2 - 1
    colours = (torch.tensor(part)[..., None, None] for part in (TRIED, (SKIN,) * len(TRIED)))
    return float(impurity(pictures, Palette(*colours)).sum())
