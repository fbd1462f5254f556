"""Who may look: other web sites may not, even when they run in a browser on this very machine."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")


def content_policy(page: str = "") -> str:
    """Content-Security-Policy: everything comes from this server, nothing leaves for another, no text becomes script.

    Args:
        page: HTML whose inline scripts may run, as Streamlit's page has one; told by their hash (CSP level 3).
    """
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = [f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts]
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(["script-src 'self'", *hashes]),
            "style-src 'self' 'unsafe-inline'",  # Streamlit writes its styles while it runs
            "img-src 'self' data: blob:",
            "media-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "frame-ancestors 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        )
    )


def is_loopback(host: str) -> bool:
    """Whether a server bound to this address is reached from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def host_name(authority: str) -> str:
    """Lower-case host of "host:port", "[::1]:8501" or "host"; empty where there is none."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


def same_origin(headers: Mapping[str, str], names: Iterable[str] = ()) -> bool:
    """Whether a WebSocket was opened by a page of this very server.

    Browsers let any site open a WebSocket to any server and only tell by `Origin` which site it was. Programs that are
    not browsers send no `Origin`; they could forge it anyway and are let in.

    Args:
        headers: of the request, names in lower case.
        names: further names of this server, for proxies in front of it which pass on a `Host` of their own.
    """
    origin = headers.get("origin")
    if origin is None:
        return True
    authority = urlsplit(origin).netloc.lower()
    return authority == headers.get("host", "").lower() or host_name(authority) in names


class GuardMiddleware:
    """Refuses foreign host names and adds the headers that keep the pictures from other sites.

    A foreign name in `Host` on a server bound to this machine means that a site points its own name here (DNS
    rebinding) in order to read what the camera sees. WebSockets that another site opens, and requests by which another
    site would change something, are refused as well.

    Args:
        app: what comes after.
        hosts: names that may be used; empty allows all of them.
        origins: names of sites that count as this one, see `same_origin`.
        policy: see `content_policy`.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = (), origins: Iterable[str] = (), policy: str = "") -> None:
        self._app = app
        self._headers = {"Content-Security-Policy": policy or content_policy(), **HEADERS}
        self._hosts = frozenset(name.lower() for name in hosts)
        self._origins = frozenset(name.lower() for name in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        name = host_name(headers.get("host", ""))
        if self._hosts and name not in self._hosts:
            remedy = f"Start it with --allow-host {name or 'NAME'} if it should."
            await _refuse(421, f"This server does not answer to the name {name!r}. {remedy}", scope, receive, send)
        elif scope.get("method") not in ("GET", "HEAD", "OPTIONS") and not same_origin(headers, self._origins):
            await _refuse(403, "This was asked for by another web site.", scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send, self._headers))


async def _refuse(status: int, reason: str, scope: Scope, receive: Receive, send: Send) -> None:
    """An HTTP answer; a WebSocket (which has no method) is closed before it is accepted."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": reason[:100]})
    else:
        await PlainTextResponse(f"{reason}\n", status_code=status)(scope, receive, send)


def _with_headers(send: Send, added: Mapping[str, str]) -> Send:
    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in added.items():
                headers.setdefault(name, value)
        await send(message)

    return send_guarded
