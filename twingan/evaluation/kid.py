"""Kernel Inception Distance's estimator (Binkowski et al. 2018, arXiv 1801.01401) on any features, in NumPy.

KID is the squared maximum mean discrepancy with the kernel (x.y / d + 1)^3: 0 for two samples of one distribution,
and unbiased, so that a small sample may give a value below 0. Values made with other features are not comparable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval and the number of pictures behind it."""

    value: float
    low: float
    high: float
    count: int


def kernel(x: Array, y: Array) -> Array:
    """(x.y / d + 1)^3 of features [N,d] and [M,d]: [N,M]."""
    return np.asarray((x @ y.T / x.shape[1] + 1) ** 3)


def kid(x: Array, y: Array) -> float:
    """The unbiased estimate for features [N,d] and [M,d].

    Raises:
        ValueError: fewer than two pictures on a side.
    """
    return float(_mmd(x, y, np.ones((1, len(x))), np.ones((1, len(y))))[0])


def kid_estimate(x: Array, y: Array, rounds: int = 1000, seed: int = 0) -> Estimate:
    """`kid` with a bootstrap interval over the pictures of both sides.

    A round draws pictures with replacement; pairs of a picture with its own copy are left out, as the unbiased
    estimate leaves out a picture with itself, or the interval would lie too high.
    """
    random = np.random.default_rng(seed)
    weights = [random.multinomial(len(z), np.full(len(z), 1 / len(z)), rounds).astype(float) for z in (x, y)]
    low, high = np.nanpercentile(_mmd(x, y, weights[0], weights[1]), [2.5, 97.5])
    return Estimate(kid(x, y), float(low), float(high), len(x))


def _mmd(x: Array, y: Array, x_weights: Array, y_weights: Array) -> Array:
    """The estimate for each row of weights [R,N] and [R,M]."""
    if min(len(x), len(y)) < 2:
        raise ValueError(f"KID needs at least two pictures on each side, got {len(x)} and {len(y)}")
    across = np.einsum("rn,nm,rm->r", x_weights, kernel(x, y), y_weights, optimize=True)
    across /= x_weights.sum(1) * y_weights.sum(1)
    return np.asarray(_within(x, x_weights) + _within(y, y_weights) - 2 * across)


def _within(x: Array, weights: Array) -> Array:
    """Weighted mean of the kernel over the pairs of different pictures; NaN for a round that drew only one picture."""
    pairs = kernel(x, x)
    np.fill_diagonal(pairs, 0)
    total = np.einsum("rn,nm,rm->r", weights, pairs, weights, optimize=True)
    count = weights.sum(1) ** 2 - (weights**2).sum(1)
    return np.asarray(np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0))
