"""`/overlay`: the page that OBS or another program lays over its own picture, and its socket."""

from __future__ import annotations

import asyncio
import functools
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from live.outputs.overlay import MAX_FACES
from live.player_socket import Feed, PlayerSocket

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from live.shared import House
    from live.viewers import Picture

THEME = Path(__file__).parent / "theme"
Fit = Literal["contain", "cover"]


@dataclass(frozen=True)
class Wish:
    """What the address of an overlay asks for.

    Attributes:
        fit: "contain" shows all of the character, "cover" fills the source and may cut.
        mirror: turned as a mirror does.
        face: slot of the one person to show; None shows everybody side by side.
        chroma: colour behind the character, six hexadecimal digits; empty for transparency.
        fps: most pictures a second; None takes all that there are.
    """

    fit: Fit = "contain"
    mirror: bool = False
    face: int | None = None
    chroma: str = ""
    fps: float | None = None


def wish_of(query: Mapping[str, str]) -> Wish:
    """The wish in a query; other keys are left alone, an access token for one.

    Raises:
        ValueError: a value that cannot be used; one line with what is expected.
    """
    fit = _checked(query, "fit", "contain", r"contain|cover", "contain or cover")
    mirror = _checked(query, "mirror", "0", r"[01]", "0 or 1")
    face = _checked(query, "face", "all", rf"all|[0-{MAX_FACES - 1}]", f"all or 0 to {MAX_FACES - 1}")
    chroma = _checked(query, "chroma", "", r"(#?[0-9a-fA-F]{6})?", "six hexadecimal digits such as 00ff00")
    fps = _checked(query, "fps", "", r"([1-9]|[1-5]\d|60)?", "a whole number from 1 to 60")
    return Wish(
        cast(Fit, fit),
        mirror == "1",
        None if face == "all" else int(face),
        chroma.removeprefix("#").lower(),
        float(fps) if fps else None,
    )


def _checked(query: Mapping[str, str], key: str, default: str, pattern: str, expected: str) -> str:
    value = query.get(key, default)
    if not re.fullmatch(pattern, value):
        raise ValueError(f"{key} must be {expected}, got {value[:40]!r}")
    return value


def overlay_routes(house: Callable[[], House], state: Callable[[House], dict[str, Any]]) -> list[BaseRoute]:
    """The page, its parts and its socket.

    Args:
        house: called per request.
        state: what to tell people about the session.
    """

    async def socket(websocket: WebSocket) -> None:
        try:
            wish = wish_of(websocket.query_params)
        except ValueError as error:
            await websocket.close(1008, str(error))
            return
        here = house()
        feed = Paced(here.outputs.overlays.of(wish.face).open(), wish.fps)
        await PlayerSocket(websocket, feed, functools.partial(state, here)).serve()

    return [
        Route("/overlay", page, methods=["GET"]),
        Route("/overlay.js", functools.partial(_asset, "overlay.js", "text/javascript"), methods=["GET"]),
        Route("/overlay.css", functools.partial(_asset, "overlay.css", "text/css"), methods=["GET"]),
        WebSocketRoute("/overlay/ws", socket),
    ]


async def page(request: Request) -> Response:
    """`/overlay?fit=cover|contain&mirror=1&face=0&chroma=00ff00&fps=30`; 400 with one sentence for other values."""
    try:
        wish = wish_of(request.query_params)
    except ValueError as error:
        return PlainTextResponse(f"{error}\n", status_code=400)
    template = await asyncio.to_thread((THEME / "overlay.html").read_text, "utf-8")
    html = (
        template.replace("{{fit}}", wish.fit)
        .replace("{{background}}", f"#{wish.chroma}" if wish.chroma else "transparent")
        .replace("{{scale}}", "-1 1" if wish.mirror else "none")
    )
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})


async def _asset(name: str, media_type: str, request: Request) -> Response:
    text = await asyncio.to_thread((THEME / name).read_text, "utf-8")
    return Response(text, media_type=media_type, headers={"Cache-Control": "no-cache"})


class Paced:
    """A feed that gives at most so many pictures a second, always the newest.

    Args:
        feed: where they come from.
        fps: None for no limit.
        clock: seconds, monotonic.
    """

    def __init__(self, feed: Feed, fps: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._feed, self._clock = feed, clock
        self._interval_s = 1 / fps if fps else 0.0
        self._due = clock()

    @property
    def ended(self) -> bool:
        """No more pictures will come."""
        return self._feed.ended

    async def next(self, timeout_s: float) -> Picture | None:
        """See `live.broadcast.Feed`."""
        await asyncio.sleep(max(0.0, self._due - self._clock()))
        picture = await self._feed.next(timeout_s)
        # Counted from when it was due and not from when it came, so that the average is kept; no catching up.
        self._due = max(self._due + self._interval_s, self._clock())
        return picture

    def close(self) -> None:
        """See `live.broadcast.Feed`."""
        self._feed.close()
