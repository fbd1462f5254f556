"""Who may look from the network: people who know the token, which is part of the link that the terminal shows.

A server for this machine only needs none. The token may come as `?token=` (a page then keeps it in a cookie and leaves
the address bar), as that cookie, or as `Authorization: Bearer TOKEN`.
"""

from __future__ import annotations

import hmac
import html
import os
import re
import secrets
import socket
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from live.config_file import APP
from live.security import is_loopback

ENVIRONMENT = "TWINGAN_LIVE_TOKEN"
COOKIE = "twingan_live"
COOKIE_S = 30 * 24 * 3600
TOKEN = re.compile(r"[A-Za-z0-9._~-]{16,200}")
"""What stands in a link without being escaped, and is long enough not to be guessed."""
OPEN_PATHS = re.compile(r"/take/[A-Za-z0-9_-]{16,}(/[a-z]+)?(\.[a-z]{2,4})?")
"""Pictures that visitors fetch with their telephones: each address is a secret of its own."""
THEME = Path(__file__).parent / "theme"


def token_for(host: str, wanted: str | None, kept: Path | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """The token that the server asks for; empty where everybody who reaches it may look.

    Args:
        host: address that the server is bound to; this machine's own needs no token unless one is wanted.
        wanted: the operator's own.
        kept: file in which a generated one outlives the program, so that links stay valid; None takes `kept_file()`.
        environ: environment, where `TWINGAN_LIVE_TOKEN` may stand.

    Raises:
        ValueError: the operator's token is too short or holds other characters than a link can.
    """
    token = wanted or environ.get(ENVIRONMENT) or ""
    if token and not TOKEN.fullmatch(token):
        raise ValueError("the access token must be 16 to 200 letters, digits or . _ ~ -, for instance the result of "
                         "`openssl rand -hex 16`")  # fmt: skip
    if token or is_loopback(host):
        return token
    return _kept_token(kept or kept_file())


def kept_file() -> Path:
    """Where a generated token is kept (Linux: ~/.local/state/twingan-live/access-token); deleting it renews it."""
    from platformdirs import user_state_path

    return user_state_path(APP, appauthor=False) / "access-token"


def _kept_token(path: Path) -> str:
    try:
        token = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        token = ""
    if TOKEN.fullmatch(token):
        return token
    token = secrets.token_urlsafe(24)
    try:
        _write_secret(path, token)
    except OSError:  # no place to keep it: it is good until the program ends
        return token
    return token


def _write_secret(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
    draft.replace(path)


def network_name() -> str:
    """This machine's address as others in its network see it; "localhost" where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # A UDP socket sends nothing on `connect`, it asks the routing table. The address is nobody's (RFC 5737).
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "localhost"
        return str(probe.getsockname()[0])


class TokenMiddleware:
    """Lets those pass who know the token, to every path but `OPEN_PATHS`.

    Args:
        app: what comes after.
        token: empty lets everybody pass.
        secure: whether the server speaks https, so that the cookie need never travel otherwise.
    """

    def __init__(self, app: ASGIApp, token: str, secure: bool = False) -> None:
        self._app, self._token, self._secure = app, token, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if not self._token or scope["type"] not in ("http", "websocket") or self._is_open(scope):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        in_link = self._knows(dict(query).get("token", ""))
        if in_link and scope["type"] == "http" and "text/html" in headers.get("accept", ""):
            await self._remember(scope, query)(scope, receive, send)
        elif in_link or self._knows(_cookie(headers)) or self._knows(_bearer(headers)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "the access token is missing"})
        else:
            await _refusal(headers, wrong="token" in dict(query))(scope, receive, send)

    def _knows(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._token.encode())

    def _is_open(self, scope: Scope) -> bool:
        return scope["type"] == "http" and OPEN_PATHS.fullmatch(scope["path"]) is not None

    def _remember(self, scope: Scope, query: list[tuple[str, str]]) -> Response:
        """The same address without the token, which the browser keeps as a cookie."""
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        # One slash at the start: two would name another server.
        answer = RedirectResponse(f"/{quote(scope['path'].lstrip('/'))}{'?' if rest else ''}{rest}", status_code=303)
        answer.set_cookie(
            COOKIE, self._token, max_age=COOKIE_S, httponly=True, samesite="lax", secure=self._secure, path="/"
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _cookie(headers: Mapping[str, str]) -> str:
    try:
        kept = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return kept.value if kept else ""


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _refusal(headers: Mapping[str, str], wrong: bool) -> Response:
    said = "That is not the access token." if wrong else "This page opens with the link that the app's terminal shows."
    more = {"Cache-Control": "no-store", "WWW-Authenticate": "Bearer"}
    if "text/html" not in headers.get("accept", ""):
        text = f"{said} Add ?token=TOKEN to the address, or send 'Authorization: Bearer TOKEN'.\n"
        return PlainTextResponse(text, status_code=401, headers=more)
    page = (THEME / "door.html").read_text("utf-8").replace("{{message}}", html.escape(said))
    return HTMLResponse(page, status_code=401, headers=more)
