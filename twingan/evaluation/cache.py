"""Results that cost time, kept on disk by what they were made from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt


class Cache:
    """Arrays under a folder, found by a text and the pictures that they were computed from."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def array(self, what: str, pictures: npt.NDArray[np.uint8], compute: Callable[[], npt.NDArray]) -> npt.NDArray:  # type: ignore[type-arg]
        """The stored array, or a computed one, which is stored.

        Args:
            what: names the computation and everything it depends on but the pictures, versions included.
            pictures: what it is computed from.
            compute: makes the array.
        """
        key = hashlib.sha256(what.encode() + str(pictures.shape).encode() + pictures.tobytes()).hexdigest()[:24]
        path = self._folder / f"{key}.npy"
        if path.is_file():
            try:
                return np.asarray(np.load(path))
            except (ValueError, EOFError, OSError):
                path.unlink()  # Damaged: made again.
        array = compute()
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npy")
        np.save(partial, array)
        partial.replace(path)
        return array
