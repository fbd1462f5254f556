"""Viewers cost bandwidth only: a real session behind a real server, watched by processes of their own.

Bounded and for this machine only: at most 16 viewers, all on 127.0.0.1, for some seconds.
"""

from __future__ import annotations

import contextlib
import gc
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette

from engines.base import Batch
from live.broadcast import Broadcast
from live.outputs.outputs import Outputs
from live.routes import make_routes
from live.session import Session
from live.settings import Settings
from live.shared import House
from live.sources.pattern import Pattern
from live.styles import Styles
from live.uploads import Uploads
from live.viewers import Painted
from live.visitor import Visitors
from tests.live.fakes import FixedDetector, face_at, until

WATCHERS = Path(__file__).with_name("watchers.py")
CROWDS = (1, 4, 16)
FPS = 10.0
ROUNDS, WINDOW_S = 3, 2.0
SEND_BUFFER_BYTES = 64 * 1024


class CountingGenerator:
    """Returns its input and counts its calls."""

    def __init__(self) -> None:
        self.size, self.runtime = 64, "counting"
        self.max_batch: int | None = None
        self.calls = 0

    def __call__(self, batch: Batch) -> Batch:
        self.calls += 1
        return batch.copy()

    def close(self) -> None:
        pass


class Stage:
    """A session on the test pattern with one face, and the server that shows it."""

    def __init__(self, models: Path) -> None:
        (models / "a.onnx").touch()
        self.generator = CountingGenerator()
        self.session = Session(
            Settings(source="pattern", models=models),
            # Slow and small enough for any machine, so that a difference between crowds is their doing.
            opener=lambda spec, max_side: Pattern((160, 120), FPS),
            styles=Styles(models, load=lambda path, device: self.generator),
            make_detector=lambda: FixedDetector(face_at(80, 60, 20)),
        )
        self.house = House(
            self.session, Broadcast(self.session), Visitors(self.session), Uploads(), Outputs(self.session)
        )
        app = Starlette(routes=make_routes(lambda: self.house))
        config = uvicorn.Config(app, log_level="error", ws="websockets-sansio", ws_per_message_deflate=False)
        config.lifespan, config.timeout_graceful_shutdown = "off", 1
        self.server = uvicorn.Server(config)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self.port = int(self.listener.getsockname()[1])
        self.thread = threading.Thread(target=self.server.run, args=([self.listener],), daemon=True)

    def start(self) -> None:
        self.session.start()
        self.thread.start()
        until(lambda: self.server.started, 30)

    def close(self) -> None:
        self.session.close()
        self.server.should_exit = True
        self.thread.join(20)
        self.listener.close()

    def calls_during(self, seconds: float) -> float:
        """Generator calls a second."""
        began, calls = time.perf_counter(), self.generator.calls
        time.sleep(seconds)
        return (self.generator.calls - calls) / (time.perf_counter() - began)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    stage.start()
    yield stage
    stage.close()


@contextlib.contextmanager
def crowd(stage: Stage, mjpegs: int, websockets: int, others: int = 0) -> Iterator[list[int]]:
    """So many viewers beside others while the context lasts; then the list holds the pictures that each got."""
    command = [sys.executable, str(WATCHERS), *map(str, (stage.port, mjpegs, websockets))]
    counts: list[int] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as watchers:
        try:
            until(lambda: stage.house.broadcast.viewers == others + mjpegs + websockets, 60)
            yield counts
        finally:
            output, _ = watchers.communicate("", timeout=60)
            counts.extend(json.loads(output))
    until(lambda: stage.house.broadcast.viewers == others, 30)


Split = Callable[[int], tuple[int, int]]


@pytest.mark.parametrize("split", [lambda n: (n, 0), lambda n: (0, n)], ids=["mjpeg", "websocket"])
def test_viewers_do_not_cost_generator_calls(
    stage: Stage, split: Split, record_property: Callable[[str, object], None]
) -> None:
    rates: dict[int, list[float]] = {count: [] for count in CROWDS}
    for _ in range(ROUNDS):  # in turns, so that whatever else this machine does hits all crowds alike
        for count in CROWDS:
            with crowd(stage, *split(count)) as pictures:
                rates[count].append(stage.calls_during(WINDOW_S))
            assert len(pictures) == count and min(pictures) > 0, "everybody saw something"
    medians = {count: round(statistics.median(found), 1) for count, found in rates.items()}
    record_property("generator_calls_per_second", json.dumps(medians))
    print(f"generator calls a second by viewers: {medians}")
    assert medians[1] == pytest.approx(FPS, rel=0.2), "one call per frame of the camera"
    for count in CROWDS:
        assert medians[count] == pytest.approx(medians[1], rel=0.10), "neither fewer calls, nor one per viewer"


def stalled(stage: Stage) -> socket.socket:
    """A viewer that asks for the stream and never reads it."""
    viewer = socket.socket()
    viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    viewer.connect(("127.0.0.1", stage.port))
    viewer.sendall(b"GET /stream.mjpg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    return viewer


def pictures_in_memory() -> int:
    """Encoded pictures that anything in this process still holds."""
    gc.collect()
    return sum(isinstance(thing, Painted) for thing in gc.get_objects())


def test_a_stalled_viewer_slows_nobody_and_holds_no_memory(stage: Stage) -> None:
    with crowd(stage, 2, 2) as before:
        rate_before = stage.calls_during(2 * WINDOW_S)
    viewers = [stalled(stage) for _ in range(4)]
    until(lambda: stage.house.broadcast.viewers == 4, 30)
    held = []
    try:
        with crowd(stage, 2, 2, others=4) as after:
            rate_after = stage.calls_during(WINDOW_S)
            for _ in range(4):
                time.sleep(0.5)
                held.append(pictures_in_memory())
        assert stage.house.broadcast.viewers == 4, "the stalled ones are still there"
    finally:
        for viewer in viewers:
            viewer.close()
    assert rate_after == pytest.approx(rate_before, rel=0.15)
    assert min(after) > 0 and min(before) > 0
    # At most two per viewer (one on its way, one waiting), and a few between the threads.
    assert max(held) <= 2 * 8 + 4
    until(lambda: stage.house.broadcast.viewers == 0, 30)
