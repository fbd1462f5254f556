"""Under which address a phone reaches this machine."""

from __future__ import annotations

import contextlib
import re
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

OUTSIDE = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
"""Addresses for documentation (RFC 5737, RFC 3849). Connecting a UDP socket sends nothing; it only picks a route."""


def phone_address(scheme: str, host: str, port: int) -> str:
    """Where phones in the same network find a server bound to `host`, such as "http://192.168.1.20:8501".

    A server that is bound to this machine alone gets its own address: it works here and nowhere else.
    """
    return f"{scheme}://{_bracketed(lan_address() or 'localhost' if is_any(host) else host)}:{port}"


def is_any(host: str) -> bool:
    """Whether a server bound to this address listens on all of this machine's."""
    with contextlib.suppress(ValueError):
        return ip_address(host).is_unspecified
    return host == ""


def lan_address() -> str | None:
    """This machine's own address towards its network; None where it is in none."""
    for outside, family in OUTSIDE:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((outside, 9))
            own = str(probe.getsockname()[0])
            if not ip_address(own).is_loopback:
                return own
    return None


def check_address(text: str) -> str:
    """An address that an operator gave, without a slash at its end.

    Raises:
        ValueError: it is not the beginning of an http or https address.
    """
    parts = urlsplit(text)
    plain = not (parts.query or parts.fragment or parts.username) and re.fullmatch(r"[!-~]+", text)
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
        raise ValueError(f"--booth-address must be like http://192.168.1.20:8501, got {text!r}")
    return text.rstrip("/")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
