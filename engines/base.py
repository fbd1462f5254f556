"""The one contract of every runtime that executes an exported graph."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

Batch = npt.NDArray[np.uint8]


class Generator(Protocol):
    """Turns aligned face crops into portraits.

    Attributes:
        size: side S of crops and portraits in pixels.
        runtime: what really executes the graph, with its version, for people to read.
        max_batch: most crops in one call, None where there is no limit.
    """

    size: int
    runtime: str
    max_batch: int | None

    def __call__(self, batch: Batch) -> Batch:
        """Portraits, RGB uint8 [N,S,S,3], of crops, RGB uint8 [N,S,S,3] with N >= 1; the caller owns the result."""

    def close(self) -> None:
        """Release the runtime; calling it twice is harmless."""
