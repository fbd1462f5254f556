"""What the booth answers visitors: its page, snapshots, and the pictures that phones fetch."""

from __future__ import annotations

import asyncio
import functools
import io
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from live.booth.booth import PORTRAIT, PRINT, Booth, NobodyError
from live.booth.links import link, only_here
from live.booth.messages import BadRequestError, read_message
from live.booth.operator import operator_routes
from live.booth.phone import gone_page, picture_page
from live.booth.theme import FOLDER
from live.security import content_policy

if TYPE_CHECKING:
    from live.shared import House

ASSETS = {
    "booth.css": "text/css",
    "booth.js": "text/javascript",
    "gallery.js": "text/javascript",
    "operator.js": "text/javascript",
}
NO_STORE = {"Cache-Control": "no-store"}
FOREVER = {"Cache-Control": "private, max-age=86400, immutable"}
PRIVATE = {**NO_STORE, "X-Robots-Tag": "noindex"}
FACE_TRIES, LOADING_TRIES, FACE_PAUSE_S = 40, 200, 0.1
"""A detector blinks, and pictures are late while styles are made ready in the first seconds: a face is waited for so
often and so long, and before that for the first style to be loaded."""

log = logging.getLogger(__name__)
Answer = Callable[[Booth, "House", Request], Awaitable[Response]]


def make_booth_routes(booth: Booth, house: Callable[[], House]) -> list[BaseRoute]:
    """The routes; `house` is called per request, because the lifespan fills it after the routes were made."""

    def bound(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return await answer(booth, house(), request)
            except BadRequestError as error:
                return JSONResponse({"reason": str(error)}, error.status, headers=NO_STORE)

        return endpoint

    return [
        Route("/booth", bound(page), methods=["GET"]),
        *(Route(f"/booth/{name}", functools.partial(asset, name), methods=["GET"]) for name in ASSETS),
        Route("/booth/theme.css", bound(colours), methods=["GET"]),
        Route("/booth/logo", bound(logo), methods=["GET"]),
        Route("/booth/config.json", bound(config), methods=["GET"]),
        Route("/booth/gallery/{name}/{number:int}/{kind}", bound(gallery), methods=["GET"]),
        Route("/booth/snapshot", bound(snapshot), methods=["POST"]),
        Route("/booth/qr/{token}.svg", bound(qr), methods=["GET"]),
        Route("/take/{token}", bound(take_page), methods=["GET"]),
        Route("/take/{token}/delete", bound(take_delete), methods=["POST"]),
        Route("/take/{token}/{name}", bound(take_file), methods=["GET"]),
        *operator_routes(bound),
    ]


async def page(booth: Booth, house: House, request: Request) -> Response:
    """`/booth`: the full-screen page."""
    return FileResponse(FOLDER / "booth.html", media_type="text/html", headers=NO_STORE)


async def asset(name: str, request: Request) -> Response:
    """A part of the page."""
    return FileResponse(FOLDER / name, media_type=ASSETS[name], headers={"Cache-Control": "no-cache"})


async def colours(booth: Booth, house: House, request: Request) -> Response:
    """`/booth/theme.css`: the theme's colours as custom properties."""
    lines = [f"--{name.replace('_', '-')}: {colour};" for name, colour in booth.theme.colours.items()]
    return Response(f":root {{ {' '.join(lines)} }}\n", media_type="text/css", headers=NO_STORE)


async def logo(booth: Booth, house: House, request: Request) -> Response:
    """`/booth/logo`: the theme's logo."""
    if booth.theme.logo is None:
        return PlainTextResponse("the theme has no logo\n", 404)
    return Response(booth.theme.logo.data, media_type=booth.theme.logo.kind, headers={"Cache-Control": "no-cache"})


async def config(booth: Booth, house: House, request: Request) -> Response:
    """`/booth/config.json`: what the page says and shows. The page asks again now and then, and so keeps up."""
    _refresh_gallery(booth, house)
    theme = booth.theme
    answer = {
        "title": theme.title,
        "logo": theme.logo is not None,
        "printer": theme.printer,
        "language": booth.language,
        "texts": {language: _said(booth, language) for language in theme.languages},
        "seconds": dict(theme.seconds),
        "gallery": [f"booth/gallery/{booth.gallery.name}/{number}" for number in range(len(booth.gallery.pairs))],
        "onlyHere": only_here(booth, house),
    }
    return JSONResponse(answer, headers=NO_STORE)


def _said(booth: Booth, language: str) -> Mapping[str, str]:
    """Every sentence of a language; what is not known yet stays as {place}."""
    fixed = {"{title}": booth.theme.title, "{minutes}": str(round(booth.theme.seconds["keep"] / 60))}
    words = dict(booth.theme.texts[language])
    for place, value in fixed.items():
        words = {name: text.replace(place, value) for name, text in words.items()}
    return words


def _refresh_gallery(booth: Booth, house: House) -> None:
    def refresh() -> None:
        try:
            booth.refresh_gallery(house.session)
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            log.warning("the booth's gallery is not painted: %s", error)

    asyncio.get_running_loop().run_in_executor(None, refresh)


async def gallery(booth: Booth, house: House, request: Request) -> Response:
    """`/booth/gallery/NAME/NUMBER/face` and `.../portrait`: one of the inviting pictures."""
    name, number, kind = (request.path_params[key] for key in ("name", "number", "kind"))
    pairs = booth.gallery.pairs
    if name != booth.gallery.name or number >= len(pairs) or kind not in ("face", "portrait"):
        return PlainTextResponse("there is no such picture\n", 404, headers=NO_STORE)
    pair = pairs[number]
    return Response(pair.face if kind == "face" else pair.portrait, media_type="image/jpeg", headers=FOREVER)


async def snapshot(booth: Booth, house: House, request: Request) -> Response:
    """`POST /booth/snapshot {"language": "de"}`: take a picture of who is in front of the camera.

    Answers where it can be fetched, relative to the server; 409 where nobody is there, 429 where one is being taken.
    """
    message = await read_message(request, {"language": str})
    language = message["language"] if message["language"] in booth.theme.languages else booth.language
    if booth.taking.locked():
        raise BadRequestError("a picture is being taken", 429)
    async with booth.taking:
        token = await _taken(booth, house, language)
    # A moment after its time is over, so that it does not wait in memory for the next visitor.
    asyncio.get_running_loop().call_later(booth.takeaways.keep_s + 0.1, booth.takeaways.drop_expired)
    take = f"take/{token}"
    answer = {
        "token": token,
        "link": link(booth, house, request, token),
        "print": f"{take}/{PRINT}",
        "portrait": f"{take}/{PORTRAIT}",
        "qr": f"booth/qr/{token}.svg",
    }
    return JSONResponse(answer, headers=NO_STORE)


async def _taken(booth: Booth, house: House, language: str) -> str:
    tries = loading = 0
    while tries < FACE_TRIES and loading < LOADING_TRIES:
        try:
            return (await asyncio.to_thread(booth.take, house.session, language)).token
        except NobodyError:
            loaded = bool(house.session.stats().runtime)  # before, nobody can be drawn
            tries, loading = tries + loaded, loading + (not loaded)
            await asyncio.sleep(FACE_PAUSE_S)
    raise BadRequestError("there is no face", 409)


async def qr(booth: Booth, house: House, request: Request) -> Response:
    """`/booth/qr/TOKEN.svg`: the code with a picture's address."""
    import segno

    token = request.path_params["token"]
    if booth.takeaways.get(token) is None:
        return PlainTextResponse("there is no such picture\n", 404, headers=PRIVATE)
    drawing = io.BytesIO()
    code = segno.make(link(booth, house, request, token), error="m", micro=False)
    # Black on white with the quiet zone of ISO/IEC 18004: every phone reads that, whatever the theme's colours.
    code.save(drawing, kind="svg", border=4, dark="#000", light="#fff", xmldecl=False, omitsize=True)
    return Response(drawing.getvalue(), media_type="image/svg+xml", headers=PRIVATE)


async def take_page(booth: Booth, house: House, request: Request) -> Response:
    """`/take/TOKEN`: the page that the phone opens. `?lang=ja` says it in another language."""
    takeaway = booth.takeaways.get(request.path_params["token"])
    language = request.query_params.get("lang") or (takeaway.language if takeaway else preferred(booth, request))
    if takeaway is None:
        return HTMLResponse(gone_page(booth.theme, language), 404, headers=PRIVATE)
    seconds = math.ceil(booth.takeaways.seconds_left(takeaway))
    text = picture_page(booth.theme, language, takeaway.token, seconds)
    return HTMLResponse(text, headers={**PRIVATE, "Content-Security-Policy": content_policy(text)})


def preferred(booth: Booth, request: Request) -> str:
    """The first of the browser's languages that the booth speaks, else the booth's own."""
    for part in request.headers.get("accept-language", "").split(",")[:20]:
        language = part.split(";")[0].strip().lower().split("-")[0]
        if language in booth.theme.languages:
            return language
    return booth.language


async def take_file(booth: Booth, house: House, request: Request) -> Response:
    """`/take/TOKEN/print.jpg` and `/take/TOKEN/portrait.jpg`; `?save` lets the browser store it."""
    takeaway = booth.takeaways.get(request.path_params["token"])
    data = takeaway.files.get(request.path_params["name"]) if takeaway else None
    if data is None:
        return PlainTextResponse("there is no such picture, or no longer\n", 404, headers=PRIVATE)
    kind = "attachment" if "save" in request.query_params else "inline"
    disposition = f'{kind}; filename="twingan-live-{request.path_params["name"]}"'
    return Response(data, media_type="image/jpeg", headers={**PRIVATE, "Content-Disposition": disposition})


async def take_delete(booth: Booth, house: House, request: Request) -> Response:
    """`POST /take/TOKEN/delete`: forget a picture before its time."""
    token = request.path_params["token"]
    known: Any = booth.takeaways.get(token)
    language = known.language if known else preferred(booth, request)
    booth.takeaways.drop(token)
    return HTMLResponse(gone_page(booth.theme, language), headers=PRIVATE)
