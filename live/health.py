"""Whether the app does what it is for: pictures flow, or rest on purpose because nobody is watching."""

from __future__ import annotations

from dataclasses import dataclass

from live.stats import Stats


@dataclass(frozen=True)
class Health:
    """A verdict.

    Attributes:
        well: pictures flow, or rest on purpose.
        reason: one sentence; what is wrong, what is special, or empty.
    """

    well: bool
    reason: str


def judge(now: Stats) -> Health:
    """The health that the figures show."""
    if now.state in ("failed", "reconnecting"):
        return Health(False, now.message)
    if not now.fps_captured:
        return Health(False, now.message or f"No frames come from {now.source or 'the source'}.")
    if now.idle:
        return Health(True, now.message or "Nobody is watching, so nothing is painted.")
    if now.state == "starting":
        return Health(False, now.message or "Starting: no picture is painted yet.")
    return Health(True, now.message)
