"""A session that paints on command, and a real server around it: for tests of routes, player socket and page."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from starlette.applications import Starlette
from starlette.middleware import Middleware

from engines.errors import EngineError
from face_crop.align import Frame
from live.animate import Animator
from live.broadcast import Broadcast
from live.encode import encode_jpeg
from live.histogram import Histogram
from live.outputs.outputs import Outputs
from live.outputs.scene import Tap, Taps
from live.routes import make_routes
from live.security import LOOPBACK_NAMES, GuardMiddleware
from live.session import Session
from live.settings import Settings
from live.shared import Access, House
from live.sources.catalog import check_spec
from live.stats import Stats
from live.uploads import Uploads
from live.upscaling import check_scale
from live.viewers import Painted, Viewer, Viewers
from live.views import check_strength, check_view
from live.visitor import Visitors
from tests.live.servers import served


class FakeSession:
    """Has the methods of `live.session.Session` that page and routes use, but neither threads, camera nor engine.

    `paint()` shows one picture whose every pixel is its sequence number (modulo 256), so that a test can tell which
    frame arrived. What the page asks for is checked as the real session checks it, and kept in `asked`.
    """

    def __init__(self, stats: Stats | None = None) -> None:
        self.settings = Settings()
        self.now = stats or Stats(
            state="live",
            fps_captured=30,
            fps_shown=30,
            spec="demo",
            source="Demo clip",
            view="side-by-side",
            runtime="Fake 1.0",
        )
        self.asked: list[tuple[str, object]] = []
        self.painted = 0
        self.durations: dict[str, Histogram] = {}
        self.viewers = Viewers()
        self.taps = Taps()
        self.upscaler_missing = False
        self.graphs = [("/m/a.onnx", "A"), ("/m/broken.onnx", "Broken")]

    def paint(self, captured_at: float | None = None) -> int:
        """Show the next picture; returns its sequence number."""
        self.painted += 1
        picture: Frame = np.full((48, 64, 3), self.painted % 256, np.uint8)
        now = time.monotonic()
        taken = now if captured_at is None else captured_at
        self.viewers.show(Painted(encode_jpeg(picture), self.painted, taken, now, 64, 48))
        return self.painted

    def subscribe(self) -> Viewer:
        return self.viewers.subscribe()

    def attach(self, depth: int = 1) -> Tap:
        return self.taps.attach(depth)

    def stats(self) -> Stats:
        return self.now

    def histograms(self) -> dict[str, Histogram]:
        return self.durations

    def sources(self) -> list[tuple[str, str]]:
        return [("demo", "Demo clip"), ("pattern", "Test pattern")]

    def styles(self) -> list[tuple[str, str]]:
        return self.graphs

    def set_source(self, spec: str) -> None:
        self.asked.append(("source", check_spec(spec)))
        self.now = replace(self.now, spec=spec)

    def set_view(self, view: str) -> None:
        self.asked.append(("view", check_view(view)))

    def set_mirror(self, mirror: bool | None) -> None:
        self.asked.append(("mirror", mirror))

    def set_strength(self, strength: float) -> None:
        self.asked.append(("strength", check_strength(strength)))

    def set_frozen(self, frozen: bool) -> None:
        self.asked.append(("frozen", frozen))

    def set_calm(self, calm: bool) -> None:
        self.asked.append(("calm", calm))

    def set_upscale(self, scale: int) -> None:
        if self.upscaler_missing:
            raise EngineError("Upscaling stays off: the model is missing")
        self.asked.append(("upscale", check_scale(scale)))

    def set_style(self, path: str) -> None:
        if "broken" in path:
            raise EngineError(f"{path} is not a graph: export it again")
        self.asked.append(("style", path))
        self.now = replace(self.now, style=path)

    def new_animator(self) -> Animator:
        raise RuntimeError("this session animates nobody")


@dataclass
class Served:
    """A house with a fake session behind a real server on a free port."""

    session: FakeSession
    house: House
    port: int = 0
    ticking: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """(status, headers in lower case, body), for error statuses too."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()

    def json(self, path: str) -> dict[str, Any]:
        return cast(dict[str, Any], json.loads(self.get(path)[2]))

    @contextlib.contextmanager
    def painting(self, every_s: float = 0.005) -> Iterator[None]:
        """Paint all the while, as a camera does."""
        stop = threading.Event()

        def tick() -> None:
            while not stop.wait(every_s):
                self.session.paint()

        ticker = threading.Thread(target=tick, daemon=True)
        ticker.start()
        try:
            yield
        finally:
            stop.set()
            ticker.join()


def fake_house(session: FakeSession | None = None, access: Access | None = None) -> House:
    """A house around a fake session."""
    real = cast(Session, session or FakeSession())
    return House(real, Broadcast(real), Visitors(real), Uploads(), Outputs(real), access or Access())


@contextlib.contextmanager
def serving() -> Iterator[Served]:
    """Our routes behind uvicorn, in a thread, on a free port."""
    session = FakeSession()
    house = fake_house(session)
    app = Starlette(routes=make_routes(lambda: house), middleware=[Middleware(GuardMiddleware, hosts=LOOPBACK_NAMES)])
    with served(app) as port:
        try:
            yield Served(session, house, port)
        finally:
            session.viewers.close()


def wait_until(condition: Any, timeout_s: float = 10.0) -> None:
    """Wait for something that another thread does.

    Raises:
        AssertionError: it did not happen in time.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
