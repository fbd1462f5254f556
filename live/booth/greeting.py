"""What the terminal says about the booth once the server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from live.greeting import address_of
from live.security import is_loopback

if TYPE_CHECKING:
    from live.booth.booth import Booth
    from live.shared import Access


def booth_greeting(booth: Booth, access: Access, port: int) -> str:
    """The lines to print: where the booth is, the PIN where it was generated, and what phones need."""
    token = f"?token={access.token}" if access.token else ""
    lines = [f"  Booth:  {address_of(access, port)}/booth{token}"]
    if booth.pin:
        lines.append(f"  PIN of its operator (hold the title for a second): {booth.pin}")
    if is_loopback(access.host) and not booth.address:
        lines.append("  Phones cannot fetch pictures: only this machine can connect. Start with --host 0.0.0.0.")
    return "\n".join([*lines, ""])
