"""The one contract of every runtime that executes an exported graph."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from engines.errors import EngineError

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
        """Portraits, RGB uint8 [N,S,S,3], of crops, RGB uint8 [N,S,S,3] with N >= 1; the caller owns the result.

        Raises:
            EngineError: a batch of another shape or dtype, more than `max_batch` crops, or a closed generator.
            DeviceError: the device failed; close this generator and load it again.
        """

    def close(self) -> None:
        """Release the runtime; calling it twice is harmless."""


def check_batch(batch: object, size: int, max_batch: int | None = None) -> Batch:
    """The batch itself, made contiguous, if a generator of this size may be called with it.

    Args:
        batch: RGB uint8 [N,S,S,3] with N >= 1.
        size: side S that the generator takes.
        max_batch: most crops in one call, None for no limit.

    Raises:
        EngineError: it is something else.
    """
    expected = f"expected RGB uint8 [N,{size},{size},3]"
    if not isinstance(batch, np.ndarray):
        raise EngineError(f"{expected}, got {type(batch).__name__}")
    got = f"{batch.dtype} {list(batch.shape)}"
    if batch.dtype != np.uint8 or batch.ndim != 4 or batch.shape[1:] != (size, size, 3):
        raise EngineError(f"{expected}, got {got}")
    if not 1 <= len(batch) <= (max_batch or len(batch)):
        most = "" if max_batch is None else f" to {max_batch}"
        raise EngineError(f"{expected} with N from 1{most}, got {got}: split the batch")
    return np.ascontiguousarray(batch)
