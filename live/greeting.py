"""What the terminal says once the server runs: where to look, for this machine and for telephones."""

from __future__ import annotations

import io

from live.access import network_name
from live.security import is_loopback
from live.shared import Access

EVERYWHERE = ("0.0.0.0", "::")


def address_of(access: Access, port: int, name: str = "") -> str:
    """Where the server is found.

    Args:
        access: how it may be reached.
        port: the port it got.
        name: host as the reader knows it; by default as this machine does.
    """
    name = name or ("localhost" if access.host in EVERYWHERE else access.host)
    return f"{'https' if access.secure else 'http'}://{f'[{name}]' if ':' in name else name}:{port}"


def link(address: str, token: str) -> str:
    """The address to open, with the token where there is one."""
    return f"{address}/?token={token}" if token else address


def greeting(access: Access, port: int) -> str:
    """The lines to print."""
    lines = [f"  TwinGAN Live runs.  Open  {link(address_of(access, port), access.token)}"]
    if not is_loopback(access.host):
        name = network_name() if access.host in EVERYWHERE else access.host
        there = link(address_of(access, port, name), access.token)
        lines += [f"  From the network:         {there}", "", qr_code(there)]
        lines += [_secure_note()] if not access.secure else []
    return "\n".join(["", *lines, "  Ctrl-C ends it.", ""])


def qr_code(text: str) -> str:
    """A QR code made of block characters, for a telephone to read off the terminal."""
    import segno

    drawing = io.StringIO()
    segno.make(text, error="l", micro=False).terminal(drawing, border=2, compact=True)
    return drawing.getvalue()


def _secure_note() -> str:
    return (
        "  This is plain http: whoever can listen to the network sees the pictures and the link, and browsers do not\n"
        "  hand over a visitor's camera. For both, start with --certificate and --key.\n"
    )
