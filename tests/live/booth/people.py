"""Moments and a house for the booth's tests."""

from __future__ import annotations

import contextlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.middleware import Middleware

from face_crop.align import crop_matrix
from live.animate import Moment
from live.booth.booth import Booth, BoothSettings
from live.booth.guard import BoothGuard
from live.booth.routes import make_booth_routes
from live.routes import make_routes
from live.security import LOOPBACK_NAMES, GuardMiddleware
from live.shared import Access
from live.views import Person
from tests.live.fake_house import FakeSession, fake_house
from tests.live.fakes import face_at
from tests.live.servers import served

SIZE = 64
PIN = "246810"
RED, GREEN, BLUE = (200, 30, 30), (30, 200, 30), (30, 30, 200)


def person(colour: tuple[int, int, int], x: float = 320, slot: int = 0) -> Person:
    """Somebody at x in a 640 x 480 frame, whose portrait is of one colour."""
    portrait = np.full((SIZE, SIZE, 3), colour, np.uint8)
    return Person(slot, slot, portrait, crop_matrix(face_at(x, 240, 40), SIZE), 0)


def moment(*people: Person, mirror: bool = False, age_s: float = 0.0) -> Moment:
    """A frame that is red left of the middle and blue right of it."""
    frame = np.empty((480, 640, 3), np.uint8)
    frame[:, :320], frame[:, 320:] = RED, BLUE
    return Moment(frame, people, time.monotonic() - age_s, mirror)


class PosingSession(FakeSession):
    """A fake session in front of which somebody stands, or nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.posing: Moment | None = moment(person(GREEN))

    def moment(self) -> Moment | None:
        return self.posing


@dataclass
class BoothServed:
    """A booth behind a real server on a free port, and a browser's cookies."""

    session: PosingSession
    booth: Booth
    port: int

    def __post_init__(self) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), _NoRedirect())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, path: str, message: object = None, method: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, bytes]:
        """(status, headers, body); a message is sent as JSON by POST."""
        body = message if isinstance(message, bytes | None) else json.dumps(message).encode()
        request = urllib.request.Request(self.url + path, body, headers or {}, method=method)
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def json(self, path: str, message: object = None) -> Any:
        status, _, body = self.ask(path, message)
        assert status == 200, (status, body)
        return json.loads(body)

    def snap(self, language: str = "en") -> dict[str, str]:
        """Take a picture."""
        taken: dict[str, str] = self.json("/booth/snapshot", {"language": language})
        return taken

    def log_in(self) -> None:
        assert self.ask("/booth/operator/login", {"pin": PIN})[0] == 200


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


@contextlib.contextmanager
def serving_booth(host: str = "127.0.0.1", theme: Path | None = None, address: str = "") -> Iterator[BoothServed]:
    """The booth's and the app's routes behind uvicorn; `host` is what they believe to be bound to."""
    session, booth = PosingSession(), Booth(BoothSettings(theme, PIN, address))
    house = fake_house(session, Access(host))
    app = Starlette(
        routes=[*make_routes(lambda: house), *make_booth_routes(booth, lambda: house)],
        middleware=[Middleware(GuardMiddleware, hosts=LOOPBACK_NAMES), Middleware(BoothGuard, booth=booth)],
    )
    with served(app) as port:
        try:
            yield BoothServed(session, booth, port)
        finally:
            session.viewers.close()
