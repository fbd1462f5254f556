"""What the booth answers the operator, who has given the PIN."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from engines.errors import EngineError
from live.booth.booth import Booth
from live.booth.links import address, only_here
from live.booth.messages import BadRequestError, read_message
from live.booth.pin import TooManyAttemptsError
from live.booth.prints import writes
from live.sources.base import SourceError
from live.styles import label_of as style_label

if TYPE_CHECKING:
    from live.shared import House

COOKIE = "twingan_operator"
VIEWS = ("side-by-side", "portrait", "paste")
"""The views that show portraits: a booth that shows the plain camera would be a mirror."""
NO_STORE = {"Cache-Control": "no-store"}

Bound = Callable[[Any], Callable[[Request], Awaitable[Response]]]


def operator_routes(bound: Bound) -> list[BaseRoute]:
    """The routes, each bound to booth and house by `bound`."""
    return [
        Route("/booth/operator/login", bound(log_in), methods=["POST"]),
        Route("/booth/operator/logout", bound(log_out), methods=["POST"]),
        Route("/booth/operator/panel.json", bound(panel), methods=["GET"]),
        Route("/booth/operator/change", bound(change), methods=["POST"]),
        Route("/booth/operator/clear", bound(clear), methods=["POST"]),
        Route("/booth/operator/restart", bound(restart), methods=["POST"]),
    ]


def is_operator(booth: Booth, connection: HTTPConnection) -> bool:
    """Whether a request or WebSocket comes from somebody who has given the PIN."""
    return booth.operators.knows(connection.cookies.get(COOKIE, ""))


async def log_in(booth: Booth, house: House, request: Request) -> Response:
    """`POST .../login {"pin": "123456"}`: 401 where it is wrong, 429 after too many of them."""
    pin = (await read_message(request, {"pin": str}))["pin"]
    address = request.client.host if request.client else ""
    try:
        secret = await asyncio.to_thread(booth.operators.log_in, pin, address)
    except TooManyAttemptsError as error:
        wait_s = math.ceil(error.wait_s)
        headers = {**NO_STORE, "Retry-After": str(wait_s)}
        return JSONResponse({"reason": str(error), "waitS": wait_s}, 429, headers=headers)
    if secret is None:
        raise BadRequestError("wrong PIN", 401)
    answer = JSONResponse({}, headers=NO_STORE)
    answer.set_cookie(COOKIE, secret, path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


async def log_out(booth: Booth, house: House, request: Request) -> Response:
    """`POST .../logout`: lock the controls."""
    booth.operators.log_out(request.cookies.get(COOKIE, ""))
    answer = JSONResponse({}, headers=NO_STORE)
    answer.delete_cookie(COOKIE, path="/")
    return answer


async def panel(booth: Booth, house: House, request: Request) -> Response:
    """`GET .../panel.json`: everything the operator sees."""
    _check(booth, request)
    now = house.session.stats()
    sources = await asyncio.to_thread(house.session.sources)
    styles = house.session.styles()
    if now.style and now.style not in dict(styles):
        styles = [(now.style, style_label(Path(now.style))), *styles]
    answer = {
        "state": now.state,
        "message": now.message,
        "facts": [now.runtime, f"{now.fps_shown:.0f} fps", f"{now.latency_ms.median:.0f} ms", f"{now.faces} ☺"],
        "source": now.spec,
        "sources": sources,
        # By place in the list: folders of this machine are nobody's business.
        "style": next((str(place) for place, (path, _) in enumerate(styles) if path == now.style), ""),
        "styles": [(str(place), label) for place, (_, label) in enumerate(styles)],
        "view": now.view,
        "views": VIEWS,
        "language": booth.language,
        "kept": booth.takeaways.count,
        "address": address(booth, house, request),
        "onlyHere": only_here(booth, house),
        "noFont": [language for language in booth.theme.languages if not writes(booth.theme, language)],
        "restartable": booth.restart is not None,
    }
    return JSONResponse(answer, headers=NO_STORE)


async def change(booth: Booth, house: House, request: Request) -> Response:
    """`POST .../change {"what": "source", "to": "demo"}`: source, style, view or the booth's language."""
    _check(booth, request)
    message = await read_message(request, {"what": str, "to": str})
    try:
        await asyncio.to_thread(_change, booth, house, message["what"], message["to"])
    except (SourceError, EngineError, ValueError) as error:
        raise BadRequestError(str(error)) from error
    return JSONResponse({}, headers=NO_STORE)


def _change(booth: Booth, house: House, what: str, to: str) -> None:
    session = house.session
    if what == "source" and to in dict(session.sources()):
        session.set_source(to)
    elif what == "style" and to in map(str, range(len(session.styles()))):
        session.set_style(session.styles()[int(to)][0])
    elif what == "view" and to in VIEWS:
        session.set_view(to)
    elif what == "language" and to in booth.theme.languages:
        booth.language = to
    else:
        raise ValueError(f"{what} cannot be {to}: choose one of the list")


async def clear(booth: Booth, house: House, request: Request) -> Response:
    """`POST .../clear`: forget every visitor's picture."""
    _check(booth, request)
    booth.takeaways.clear()
    return JSONResponse({}, headers=NO_STORE)


async def restart(booth: Booth, house: House, request: Request) -> Response:
    """`POST .../restart`: end the program and start it again."""
    _check(booth, request)
    if booth.restart is None:
        raise BadRequestError("this app was not started by `python -m live --booth`: restart it where it runs", 409)
    asyncio.get_running_loop().call_later(0.2, booth.restart)  # the answer goes first
    return JSONResponse({}, headers=NO_STORE)


def _check(booth: Booth, request: Request) -> None:
    if not is_operator(booth, request):
        raise BadRequestError("the PIN comes first", 401)
