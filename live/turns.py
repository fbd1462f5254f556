"""How long one thread may keep the interpreter while others wait for it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

TURN_S = 0.0005
"""A tenth of Python's own: painting a frame waits for its turn some twenty times (docs/decisions/0006-live-path.md)."""


@contextlib.contextmanager
def short_turns() -> Iterator[None]:
    """Give every thread of this process turns of `TURN_S` while the context lasts."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
