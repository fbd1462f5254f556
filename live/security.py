"""Who may look: other web sites may not, even when they run in a browser on this very machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")


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


def same_origin(headers: Mapping[str, str]) -> bool:
    """Whether a WebSocket was opened by a page of this very server.

    Browsers let any site open a WebSocket to any server and only tell by `Origin` which site it was. Programs that are
    not browsers send no `Origin`; they could forge it anyway and are let in.
    """
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


class GuardMiddleware:
    """Refuses foreign host names and adds the headers that keep the pictures from other sites.

    A foreign name in `Host` on a server bound to this machine means that a site points its own name here (DNS
    rebinding) in order to read what the camera sees.

    Args:
        app: what comes after.
        hosts: names that may be used; empty allows all of them.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(name.lower() for name in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        name = host_name(dict(scope["headers"]).get(b"host", b"").decode("latin-1"))
        if self._hosts and name not in self._hosts:
            await self._refuse(name, scope, receive, send)
            return
        await self._app(scope, receive, _with_headers(send))

    async def _refuse(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "unknown host name"})
            return
        remedy = f"Start it with --allow-host {name or 'NAME'} if it should."
        await PlainTextResponse(f"This server does not answer to the name {name!r}. {remedy}\n", status_code=421)(
            scope, receive, send
        )


def _with_headers(send: Send) -> Send:
    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Referrer-Policy", "same-origin")
            headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        await send(message)

    return send_guarded
