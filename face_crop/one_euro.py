"""The One Euro filter: little jitter at rest, little lag in motion."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


class OneEuro:
    """A first-order low-pass filter whose cutoff rises with the speed of what it follows.

    G. Casiez, N. Roussel, D. Vogel: 1 euro filter: a simple speed-based low-pass filter for noisy input in
    interactive systems, CHI 2012, algorithm 1. The speed here is the length of the filtered derivative of the whole
    vector, so that a diagonal motion is followed as closely as a horizontal one. Every call states the time gone, so
    irregular frames are filtered alike.

    Args:
        min_cutoff: cutoff at rest in Hz; lower means less jitter.
        beta: rise of the cutoff in Hz per unit per second of speed; higher means less lag.
        derivative_cutoff: cutoff of the speed's own filter in Hz.
    """

    def __init__(self, min_cutoff: float, beta: float, derivative_cutoff: float = 1.0) -> None:
        if min_cutoff <= 0 or beta < 0 or derivative_cutoff <= 0:
            raise ValueError(
                f"a One Euro filter needs cutoffs above 0 Hz and beta >= 0, got {min_cutoff}, {beta}, "
                f"{derivative_cutoff}"
            )
        self._min_cutoff = min_cutoff
        self._beta = beta
        self._derivative_cutoff = derivative_cutoff
        self._raw: Vector | None = None
        self.value: Vector = np.zeros(0)
        """The last result, float64 [D]."""
        self.velocity: Vector = np.zeros(0)
        """The filtered derivative, float64 [D], per second."""

    def __call__(self, raw: Vector, seconds: float, unit: float = 1.0) -> Vector:
        """Filter one more value.

        Args:
            raw: float64 [D].
            seconds: time since the last call, above 0; ignored in the first one.
            unit: what the speed is counted in; `beta` is Hz per unit per second.

        Returns:
            float64 [D]; the first value comes back as it is.
        """
        if self._raw is None:
            self._raw, self.value, self.velocity = raw, raw, np.zeros_like(raw)
            return raw
        derivative = (raw - self._raw) / seconds
        self.velocity = self.velocity + _share(self._derivative_cutoff, seconds) * (derivative - self.velocity)
        cutoff = self._min_cutoff + self._beta * float(np.linalg.norm(self.velocity)) / unit
        self.value = self.value + _share(cutoff, seconds) * (raw - self.value)
        self._raw = raw
        return self.value


def _share(cutoff: float, seconds: float) -> float:
    """Weight of the newest value in an exponential filter of that cutoff (Hz)."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff * seconds))
