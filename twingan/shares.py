"""Give everybody what suits them best of a few things, and none of these to too many."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

ROUNDS, STEP, SETTLES = 400, 0.002, 100.0
"""How often prices change, by how much at first, and after how many rounds by half of that."""
STEEPEST = 3.0
"""A thing that very many want becomes dearer by at most so many steps."""

Costs = npt.NDArray[np.float32]


def shared_out(costs: Costs, most: Costs) -> npt.NDArray[np.int64]:
    """The number of one thing for each person, by prices that rise for what too many take.

    Args:
        costs: of each thing for each person, mean square differences of pictures in 0 .. 1 [N,M]; infinite where it
            does not suit.
        most: how many people may take each [M]; that is kept nearly, not exactly.

    Returns:
        int64 [N]; -1 where nothing suits.
    """
    prices = np.zeros(costs.shape[1], np.float32)
    for number in range(ROUNDS):
        taken = np.bincount((costs + prices).argmin(1), minlength=len(prices))
        change = (taken / most - 1).clip(-1, STEEPEST) * STEP / (1 + number / SETTLES)
        prices = np.maximum(prices + change, 0).astype(np.float32)
    chosen = (costs + prices).argmin(1)
    return np.asarray(np.where(np.isfinite(costs.min(1)), chosen, -1), np.int64)
