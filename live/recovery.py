"""What runs the styles after the device that ran them has failed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from engines.errors import DeviceError, EngineError
from engines.load import Device

FAULTS = 3
WITHIN_S = 60.0
"""A device that fails `FAULTS` times in this time is not asked again."""


class Recovery:
    """Counts the faults of a device and says with which one to go on.

    After a single fault the same device is tried again. After too many, `auto` goes on with the CPU until the program
    ends, and a device that was asked for by name is given up: it is never replaced in silence.

    Args:
        device: what the operator chose.
        clock: seconds, monotonic.

    Attributes:
        device: what to load with.
        reason: why that is not what was chosen, one sentence; empty where it is.
    """

    def __init__(self, device: Device = "auto", clock: Callable[[], float] = time.monotonic) -> None:
        self.device: Device = device
        self.reason = ""
        self._clock = clock
        self._faults: deque[float] = deque(maxlen=FAULTS)

    def note(self, error: DeviceError) -> None:
        """A fault: decides about `device` and `reason`.

        Raises:
            EngineError: it was one too many, and nothing else may run the styles.
        """
        self._faults.append(self._clock())
        if len(self._faults) < FAULTS or self._faults[-1] - self._faults[0] > WITHIN_S:
            return
        self._faults.clear()
        often = f"{FAULTS} times within a minute"
        if self.device != "auto":
            raise EngineError(f"{error} ({often}: choose the style again, or start with --device auto)")
        self.device = "cpu"
        self.reason = f"The CPU runs until the app is started again: {often} {error}"
