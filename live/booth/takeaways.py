"""Pictures that visitors take home: in memory only, for some minutes, under addresses that nobody can guess."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

TOKEN_BYTES = 16
"""128 random bits: with every address on earth asking all day, none is found within the picture's minutes."""
MOST_PICTURES = 100
MOST_BYTES = 96 * 1024 * 1024


@dataclass(frozen=True, eq=False)
class Takeaway:
    """One visitor's pictures.

    Attributes:
        token: the unguessable part of the address.
        files: JPEG by name.
        language: the visitor's.
        expires_at: seconds of the keeper's clock.
    """

    token: str
    files: Mapping[str, bytes]
    language: str
    expires_at: float

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(map(len, self.files.values()))


class Takeaways:
    """Keeps takeaways until their time is over; any thread may call. Where there is no room, the oldest goes first.

    Args:
        keep_s: seconds that each is kept.
        most: how many are kept.
        most_bytes: how much memory they may take.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        keep_s: float,
        most: int = MOST_PICTURES,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.keep_s = keep_s
        self._most, self._most_bytes, self._clock = most, most_bytes, clock
        self._lock = threading.Lock()
        self._kept: dict[str, Takeaway] = {}  # oldest first

    def keep(self, files: Mapping[str, bytes], language: str) -> Takeaway:
        """Keep a visitor's pictures, JPEG by name.

        Raises:
            ValueError: they alone are larger than everything that may be kept.
        """
        takeaway = Takeaway(secrets.token_urlsafe(TOKEN_BYTES), dict(files), language, self._clock() + self.keep_s)
        if takeaway.size > self._most_bytes:
            raise ValueError(f"pictures of {takeaway.size} bytes are too large: expected at most {self._most_bytes}")
        with self._lock:
            self._kept[takeaway.token] = takeaway
            self._drop_expired()
            while len(self._kept) > self._most or self._bytes() > self._most_bytes:
                del self._kept[next(iter(self._kept))]
        return takeaway

    def get(self, token: str) -> Takeaway | None:
        """The pictures of a token; None where there are none, or no longer."""
        with self._lock:
            self._drop_expired()
            return self._kept.get(token)

    def seconds_left(self, takeaway: Takeaway) -> float:
        """How long it can still be fetched."""
        return max(0.0, takeaway.expires_at - self._clock())

    def drop(self, token: str) -> None:
        """Forget one visitor's pictures."""
        with self._lock:
            self._kept.pop(token, None)

    def drop_expired(self) -> None:
        """Forget what is too old; called when a time is over, so that nothing waits in memory for the next visitor."""
        with self._lock:
            self._drop_expired()

    def clear(self) -> None:
        """Forget everybody's pictures."""
        with self._lock:
            self._kept.clear()

    @property
    def count(self) -> int:
        """How many are kept."""
        with self._lock:
            self._drop_expired()
            return len(self._kept)

    def _drop_expired(self) -> None:
        now = self._clock()
        for token in [token for token, takeaway in self._kept.items() if takeaway.expires_at <= now]:
            del self._kept[token]

    def _bytes(self) -> int:
        return sum(takeaway.size for takeaway in self._kept.values())
