"""Everything the server answers beside the Streamlit page: video, pictures, health and figures."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute

from live.health import judge
from live.overlay import overlay_routes
from live.player_socket import PlayerSocket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.websockets import WebSocket

    from live.shared import House
    from live.viewers import Painted

THEME = Path(__file__).parent / "theme"
ASSETS = {"player": "text/html", "player.css": "text/css", "player.js": "text/javascript"}
BOUNDARY = "twingan-frame"
FIRST_FRAME_S = 3.0  # how long a snapshot waits for a picture
NO_STORE = {"Cache-Control": "no-store"}


def make_routes(house: Callable[[], House]) -> list[BaseRoute]:
    """The routes; `house` is called per request, because the lifespan fills it after the routes were made."""

    def bound(answer: Callable[[House, Request], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            response: Response = await answer(house(), request)
            return response

        return endpoint

    async def socket(websocket: WebSocket) -> None:
        here = house()
        await PlayerSocket(websocket, here.broadcast.open("websocket"), functools.partial(state_of, here)).serve()

    return [
        Route("/stream.mjpg", bound(stream), methods=["GET"]),
        Route("/snapshot.{kind}", bound(snapshot), methods=["GET"]),
        Route("/healthz", bound(health), methods=["GET"]),
        Route("/metrics", bound(metrics), methods=["GET"]),
        Route("/stats.json", bound(stats), methods=["GET"]),
        Route("/ws", bound(upgrade_required)),
        WebSocketRoute("/ws", socket),
        *overlay_routes(house, state_of),
        *(Route(f"/{name}", functools.partial(_asset, name), methods=["GET"]) for name in ASSETS),
    ]


async def stream(house: House, request: Request) -> Response:
    """`/stream.mjpg?fps=N`: JPEG frames for players that know nothing else, at most N a second where N is given."""
    wanted = request.query_params.get("fps")
    try:
        interval_s = 0.0 if wanted is None else 1.0 / parse_fps(wanted)
    except ValueError as error:
        return PlainTextResponse(f"{error}\n", status_code=400)
    return StreamingResponse(
        _parts(house, request, interval_s),
        media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}",
        # Without an encoding of its own the response would be gzipped by Streamlit's middleware, which delays frames.
        headers={**NO_STORE, "Content-Encoding": "identity"},
    )


async def _parts(house: House, request: Request, interval_s: float) -> AsyncIterator[bytes]:
    feed = house.broadcast.open("mjpeg")
    due = time.monotonic()
    try:
        yield f"--{BOUNDARY}\r\n".encode()
        while not feed.ended:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            painted = await feed.next(timeout_s=1.0)
            if painted is not None:
                due = max(due + interval_s, time.monotonic())
                yield _part(painted)
            elif await request.is_disconnected():
                return
    finally:
        feed.close()


def _part(painted: Painted) -> bytes:
    head = (
        f"Content-Type: image/jpeg\r\nContent-Length: {len(painted.jpeg)}\r\n"
        f"X-Sequence: {painted.sequence}\r\nX-Captured-At: {painted.captured_at:.6f}\r\n\r\n"
    )
    # Browsers show a part only when they see the boundary of the next, so it follows at once, not a frame later.
    return head.encode() + painted.jpeg + f"\r\n--{BOUNDARY}\r\n".encode()


async def snapshot(house: House, request: Request) -> Response:
    """`/snapshot.jpg` and `/snapshot.png`: the picture shown now."""
    kind = request.path_params["kind"]
    if kind not in ("jpg", "png"):
        return PlainTextResponse(f"unknown picture type {kind!r}: expected jpg or png\n", status_code=404)
    feed = house.broadcast.open("snapshot")
    try:
        painted = await feed.next(FIRST_FRAME_S)
    finally:
        feed.close()
    if painted is None:
        message = house.session.stats().message or "There is no picture yet."
        return PlainTextResponse(f"{message}\n", status_code=503, headers={"Retry-After": "2"})
    headers = {**NO_STORE, "Content-Disposition": f'inline; filename="twingan-live.{kind}"'}
    if kind == "jpg":
        return Response(painted.jpeg, media_type="image/jpeg", headers=headers)
    return Response(await asyncio.to_thread(_png, painted.jpeg), media_type="image/png", headers=headers)


def _png(jpeg: bytes) -> bytes:
    import cv2
    import numpy as np

    picture = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    _, data = cv2.imencode(".png", picture)
    return np.asarray(data, np.uint8).tobytes()


async def health(house: House, request: Request) -> Response:
    """`/healthz`: 200 while pictures flow or rest on purpose, 503 with the reason otherwise."""
    now = house.session.stats()
    verdict = judge(now)
    answer = {"state": now.state, "idle": now.idle, "message": verdict.reason}
    return JSONResponse(answer, status_code=200 if verdict.well else 503, headers=NO_STORE)


async def metrics(house: House, request: Request) -> Response:
    """`/metrics`: for Prometheus."""
    from prometheus_client import CONTENT_TYPE_LATEST

    from live.metrics import exposition

    return Response(exposition(house), media_type=CONTENT_TYPE_LATEST, headers=NO_STORE)


async def stats(house: House, request: Request) -> Response:
    """`/stats.json`: all figures of the session."""
    now = dataclasses.asdict(house.session.stats())
    # Folders of this machine are nobody's business.
    figures = {**_plain(now), "style": Path(now["style"]).stem, "viewers": house.broadcast.viewers}
    return JSONResponse(figures, headers=NO_STORE)


async def upgrade_required(house: House, request: Request) -> Response:
    """`/ws` asked for without a WebSocket handshake."""
    text = "/ws speaks WebSocket only; /stream.mjpg is the same video over plain HTTP\n"
    return PlainTextResponse(text, status_code=426, headers={"Upgrade": "websocket"})


def state_of(house: House) -> dict[str, Any]:
    """What the player tells people about the session."""
    now = house.session.stats()
    return {
        "state": now.state,
        "message": now.message,
        "faces": now.faces,
        "runtime": now.runtime,
        "recording": house.outputs.recorder.on,
    }


async def _asset(name: str, request: Request) -> Response:
    file = THEME / (name if "." in name else f"{name}.html")
    text = await asyncio.to_thread(file.read_text, "utf-8")
    if ASSETS[name] == "text/html":
        return HTMLResponse(text, headers=NO_STORE)
    return Response(text, media_type=ASSETS[name], headers={"Cache-Control": "no-cache"})


def parse_fps(text: str) -> float:
    """Frames a second out of a query.

    Raises:
        ValueError: not a number from 1 to 60.
    """
    try:
        fps = float(text)
    except ValueError:
        fps = math.nan
    if not 1 <= fps <= 60:
        raise ValueError(f"fps must be a number from 1 to 60, got {text!r}")
    return fps


def _plain(value: Any) -> Any:
    """The same figures without NaN or infinity, which JSON does not know; paths become text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)
