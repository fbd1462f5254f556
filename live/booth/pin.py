"""Who is the operator: a PIN, few attempts, and a login that ends by itself."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
import threading
import time
from collections.abc import Callable

ATTEMPTS = 5
"""Wrong PINs from one address before it has to wait."""
FIRST_WAIT_S, LONGEST_WAIT_S = 30.0, 3600.0
"""The wait doubles with every further wrong PIN, so that a PIN of 6 digits stands for decades against one address."""
MOST_ADDRESSES = 1000
MOST_LOGINS = 20
GENERATED_DIGITS = 6


class PinError(ValueError):
    """The text is no PIN."""


class TooManyAttemptsError(Exception):
    """The address has to wait.

    Attributes:
        wait_s: so many seconds.
    """

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"too many attempts: wait {math.ceil(wait_s)} seconds")
        self.wait_s = wait_s


def generated_pin() -> str:
    """A random PIN."""
    return f"{secrets.randbelow(10**GENERATED_DIGITS):0{GENERATED_DIGITS}d}"


def check_pin(pin: str) -> str:
    """The PIN itself.

    Raises:
        PinError: not 4 to 12 digits; the message does not repeat what was given.
    """
    if not re.fullmatch(r"[0-9]{4,12}", pin):
        raise PinError(f"--booth-pin must be 4 to 12 digits, got {len(pin)} characters")
    return pin


class Operators:
    """Lets operators in and remembers them; any thread may call.

    Args:
        pin: see `check_pin`. Only its salted hash is kept.
        idle_s: a login ends after so long without use.
        clock: seconds, monotonic.
    """

    def __init__(self, pin: str, idle_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._salt = secrets.token_bytes(16)
        self._hash = self._hashed(check_pin(pin))
        self._idle_s, self._clock = idle_s, clock
        self._lock = threading.Lock()
        self._failures: dict[str, tuple[int, float]] = {}  # address -> (wrong PINs, time of the last)
        self._logins: dict[str, float] = {}  # secret -> last use

    def log_in(self, pin: str, address: str) -> str | None:
        """A secret that stands for the login; None where the PIN is wrong.

        Args:
            pin: what somebody typed.
            address: where from; each has attempts of its own, so that nobody can lock the operator out.

        Raises:
            TooManyAttemptsError: the PIN was not even looked at.
        """
        with self._lock:
            self._check_wait(address)
            if not hmac.compare_digest(self._hashed(pin), self._hash):
                self._book_failure(address)
                return None
            self._failures.pop(address, None)
            secret = secrets.token_urlsafe(32)
            self._logins[secret] = self._clock()
            while len(self._logins) > MOST_LOGINS:
                del self._logins[next(iter(self._logins))]
            return secret

    def knows(self, secret: str) -> bool:
        """Whether this login still holds; asking counts as use."""
        with self._lock:
            now = self._clock()
            self._logins = {known: used for known, used in self._logins.items() if now - used < self._idle_s}
            if secret not in self._logins:
                return False
            self._logins[secret] = now
            return True

    def log_out(self, secret: str) -> None:
        """End a login."""
        with self._lock:
            self._logins.pop(secret, None)

    def _hashed(self, pin: str) -> bytes:
        return hashlib.scrypt(pin.encode(), salt=self._salt, n=2**12, r=8, p=1)

    def _check_wait(self, address: str) -> None:
        wrong, last = self._failures.get(address, (0, 0.0))
        if wrong >= ATTEMPTS:
            wait_s = min(FIRST_WAIT_S * 2 ** min(wrong - ATTEMPTS, 16), LONGEST_WAIT_S) - (self._clock() - last)
            if wait_s > 0:
                raise TooManyAttemptsError(wait_s)

    def _book_failure(self, address: str) -> None:
        wrong, _ = self._failures.pop(address, (0, 0.0))
        self._failures[address] = (wrong + 1, self._clock())
        while len(self._failures) > MOST_ADDRESSES:
            del self._failures[next(iter(self._failures))]
