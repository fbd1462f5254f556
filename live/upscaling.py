"""Portraits of twice the side in the live picture: off until somebody switches it on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from engines.errors import EngineError

if TYPE_CHECKING:
    from engines.base import Batch

    Double = Callable[[Batch], Batch]

SCALES = (1, 2)
"""1 is off. Four times the side is for still pictures only (`upscale.Upscaler`)."""
WARM_UP_SIDE = 256
"""Of the released graphs' portraits."""


def check_scale(scale: int) -> int:
    """The scale itself.

    Raises:
        ValueError: not one of `SCALES`.
    """
    if scale not in SCALES:
        raise ValueError(f"upscale must be 1 (off) or 2, got {scale}")
    return scale


def load_doubler() -> Double:
    """`upscale.Doubler`, after its first call, which takes longer than any other."""
    import numpy as np

    from upscale import Doubler

    doubler = Doubler()
    doubler(np.zeros((1, WARM_UP_SIDE, WARM_UP_SIDE, 3), np.uint8))
    return doubler


class Upscaling:
    """The upscaler of all streams; loaded when it is wanted for the first time. Any thread may call.

    Args:
        load: makes what turns RGB uint8 [N, S, S, 3] into RGB uint8 [N, 2S, 2S, 3].

    Attributes:
        scale: one of `SCALES`, as it was asked for; 1 after a failure.
        in_force: what doubles portraits now; None while it is off or still loading.
        problem: why it cannot be switched on, one sentence; empty where all is well.
    """

    def __init__(self, load: Callable[[], Double] = load_doubler) -> None:
        self._load = load
        self._changing = threading.Lock()
        self._loaded: Double | None = None
        self.scale = 1
        self.in_force: Double | None = None
        self.problem = ""

    def use(self, scale: int) -> None:
        """Switch it on or off; until it is loaded, which is when the call returns, portraits go on as they are.

        Raises:
            ValueError: not one of `SCALES`.
            EngineError: it cannot be loaded; it stays off.
        """
        check_scale(scale)
        with self._changing:
            self.scale, self.problem = scale, ""
            try:
                self.in_force = self._ready() if scale > 1 else None
            except EngineError as error:
                self.scale, self.problem = 1, f"Upscaling stays off: {error}"
                raise EngineError(self.problem) from error

    def _ready(self) -> Double:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded
