"""Cameras that stall, end, change, send nonsense, vanish and return: nothing hangs, nothing is left behind."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from live import capture
from live.health import judge
from live.session import Session
from live.settings import Settings
from live.sources import media
from live.sources.base import Reading, SourceError
from live.stats import Stats
from live.styles import Styles
from tests.live.fakes import FixedDetector, GatedGenerator, Sources, face_at, number_of, numbered, shown, until
from tests.live.rtsp_server import RtspCamera

ROUNDS = 4


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "a.onnx").touch()
    return tmp_path


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses and patience as in life, only shorter."""
    monkeypatch.setattr(capture, "RETRY_S", (0.02, 0.05))
    monkeypatch.setattr(capture, "STALLED_S", 0.3)
    monkeypatch.setattr(media, "OPEN_TIMEOUT_S", 5.0)
    monkeypatch.setattr(media, "READ_TIMEOUT_S", 1.0)


def alive() -> set[str]:
    """Names of the threads there are, without those that libraries keep for ever."""
    return {f"{thread.name}-{thread.ident}" for thread in threading.enumerate()}


def readings() -> int:
    """How many frames are held anywhere in this process."""
    gc.collect()
    return sum(isinstance(thing, Reading) for thing in gc.get_objects())


def session_with(models: Path, source: str, opener: Sources | None = None) -> Session:
    """A session in the camera's view, so that a picture tells which frame it was made of."""
    settings = Settings(source=source, view="camera", models=models, jpeg_quality=95)
    styles = Styles(models, load=lambda path, device: GatedGenerator())
    more = {"opener": opener, "cameras": list} if opener else {"cameras": list}
    return Session(settings, styles=styles, make_detector=lambda: FixedDetector(face_at()), **more)


@pytest.fixture
def scripted(models: Path) -> Iterator[tuple[Session, Sources]]:
    sources = Sources()
    session = session_with(models, "pattern", sources)
    session.start()
    until(lambda: bool(sources.opened))
    yield session, sources
    sources.missing.clear()
    sources.end()
    session.close()


def test_a_source_that_stalls_is_told_and_goes_on(scripted: tuple[Session, Sources]) -> None:
    session, sources = scripted
    viewer = session.subscribe()
    sources.newest.send(numbered(10))
    assert number_of(shown(viewer).jpeg) == 10
    until(lambda: session.stats().state == "reconnecting")
    assert session.stats().message.startswith("No new picture from pattern for ")
    assert not judge(session.stats()).well
    sources.newest.send(numbered(20))
    assert number_of(shown(viewer).jpeg) == 20
    assert session.stats().message == ""
    assert session.stats().restarts == 0, "it was never closed"


def test_a_source_that_ends_is_opened_anew(scripted: tuple[Session, Sources]) -> None:
    session, sources = scripted
    viewer = session.subscribe()
    for index in range(1, 4):
        sources.newest.send(numbered(index * 10), SourceError("the cable was pulled"))
        assert number_of(shown(viewer).jpeg) == index * 10
        until(lambda opened=index + 1: len(sources.opened) == opened)  # type: ignore[misc]
        assert sources.opened[-2].closed
    assert session.stats().restarts == 3


def test_a_source_that_changes_its_size_is_followed(scripted: tuple[Session, Sources]) -> None:
    session, sources = scripted
    viewer = session.subscribe()
    for width, height in ((64, 48), (1280, 720), (2, 2), (48, 640), (1, 1), (64, 48)):
        sources.newest.send(numbered(99, (width, height)))
        painted = shown(viewer)
        assert (painted.width, painted.height, number_of(painted.jpeg)) == (width, height, 99)
    assert session.stats().faults == 0
    assert session.stats().restarts == 0


NONSENSE: list[object] = [
    None,
    b"not a picture",
    np.zeros((48, 64), np.uint8),
    np.zeros((48, 64, 4), np.uint8),
    np.zeros((48, 64, 3), np.float32),
    np.zeros((0, 64, 3), np.uint8),
    np.zeros((48, 64, 3), np.uint16),
]


def test_a_source_that_sends_nonsense_is_told_opened_anew_and_comes_back(scripted: tuple[Session, Sources]) -> None:
    session, sources = scripted
    viewer = session.subscribe()
    for index, nonsense in enumerate(NONSENSE, 1):
        sources.newest.send(nonsense)
        until(lambda opened=index + 1: len(sources.opened) == opened)  # type: ignore[misc]
        assert "must be RGB uint8 [H, W, 3]" in session.stats().message
        sources.newest.send(numbered(index * 10))
        assert number_of(shown(viewer).jpeg) == index * 10
        assert session.stats().message == ""


def test_after_every_fault_threads_and_frames_are_back_where_they_were(models: Path) -> None:
    threads, frames = alive(), readings()
    sources = Sources()
    session = session_with(models, "pattern", sources)
    session.start()
    until(lambda: bool(sources.opened))
    viewer = session.subscribe()
    during = []
    for index in range(1, 21):
        sources.newest.send(numbered(index), NONSENSE[index % len(NONSENSE)])
        assert number_of(shown(viewer).jpeg) == index
        until(lambda opened=index + 1: len(sources.opened) == opened)  # type: ignore[misc]
        during.append(threading.active_count())
    assert max(during) == min(during), "a fault starts no thread"
    sources.end()
    session.close()
    assert alive() <= threads
    assert readings() <= frames
    assert all(source.closed for source in sources.opened)


@pytest.fixture
def camera() -> Iterator[RtspCamera]:
    try:
        started = RtspCamera()
    except (OSError, ValueError) as error:  # av.FFmpegError is one of these
        pytest.skip(f"no RTSP server here: {error}")
    yield started
    started.stop()


def flowing(session: Session) -> Stats:
    """The figures once pictures come."""
    until(lambda: session.stats().state in ("live", "no-face"), 30)
    return session.stats()


def test_a_network_camera_that_is_switched_off_and_on_comes_back(models: Path, camera: RtspCamera) -> None:
    threads, frames = alive(), readings()
    session = session_with(models, camera.url)
    viewer = session.subscribe()
    session.start()
    figures = flowing(session)
    assert (figures.width, figures.height) == (320, 240)
    for _ in range(ROUNDS):
        camera.stop()
        until(lambda: session.stats().state == "reconnecting", 30)
        assert session.stats().message.startswith("rtsp://127.0.0.1")
        assert "\n" not in session.stats().message
        camera = RtspCamera(port=camera.port)
        flowing(session)
        sequence = shown(viewer).sequence
        until(lambda after=sequence: shown(viewer).sequence > after + 3, 30)  # type: ignore[misc]
    assert session.stats().restarts >= ROUNDS
    session.close()
    camera.stop()
    until(lambda: alive() <= threads, 10)
    assert readings() <= frames


def test_a_network_camera_that_hangs_is_told_and_opened_anew(models: Path, camera: RtspCamera) -> None:
    session = session_with(models, camera.url)
    session.start()
    flowing(session)
    camera.frozen.set()
    until(lambda: session.stats().state == "reconnecting", 30)
    until(lambda: camera.served >= 2, 30)
    camera.frozen.clear()
    flowing(session)
    session.close()


def test_a_network_camera_that_changes_its_size_while_it_was_off_is_followed(models: Path, camera: RtspCamera) -> None:
    session = session_with(models, camera.url)
    session.start()
    assert flowing(session).width == 320
    camera.stop()
    until(lambda: session.stats().state == "reconnecting", 30)
    other = RtspCamera((640, 360), port=camera.port)
    until(lambda: (session.stats().width, session.stats().height) == (640, 360), 30)
    session.close()
    other.stop()


def test_a_stuck_graph_is_told(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.loop.STUCK_S", 0.2)
    monkeypatch.setattr(capture, "STALLED_S", 60)
    generator, sources = GatedGenerator(), Sources()
    settings = Settings(source="pattern", view="portrait", models=models)
    session = Session(
        settings,
        styles=Styles(models, load=lambda path, device: generator),
        opener=sources,
        cameras=list,
        make_detector=lambda: FixedDetector(face_at()),
    )
    session.start()
    until(lambda: bool(sources.opened) and bool(session.stats().style))
    generator.stepped = True
    sources.newest.send(numbered(1))
    until(lambda: "the graph is stuck" in session.stats().message)
    assert not judge(session.stats()).well
    generator.allow()
    sources.newest.send(numbered(2))
    generator.allow()
    until(lambda: session.stats().shown >= 1)
    assert "stuck" not in session.stats().message
    sources.end()
    session.close()
