"""In a booth everything by which something could be changed is the operator's, not only the booth's own controls."""

from __future__ import annotations

import re

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from live.booth.booth import Booth
from live.booth.operator import is_operator

OPEN = re.compile(
    r"/booth(/.*)?|/take/.+|/ws|/player(\.css|\.js)?|/stream\.mjpg|/snapshot\.\w+|/overlay(\.css|\.js|/ws)?"
    r"|/healthz|/metrics|/stats\.json|/favicon\.ico"
)
"""Paths that show something and change nothing, and the booth's, which ask for the PIN themselves."""


class BoothGuard:
    """Leads everybody who has not given the PIN from the app's own page back to the booth.

    Args:
        app: what comes after.
        booth: knows its operators.
    """

    def __init__(self, app: ASGIApp, booth: Booth) -> None:
        self._app, self._booth = app, booth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if (
            scope["type"] not in ("http", "websocket")
            or OPEN.fullmatch(scope["path"])
            or is_operator(self._booth, HTTPConnection(scope))
        ):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "the PIN comes first"})
        elif scope["method"] == "GET" and scope["path"] == "/":
            await RedirectResponse("/booth", 303, headers={"Cache-Control": "no-store"})(scope, receive, send)
        else:
            await PlainTextResponse("The PIN comes first: open /booth.\n", 403)(scope, receive, send)
