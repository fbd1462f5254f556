from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from live import capture as capture_module
from live.capture import Capture
from live.sources.base import SourceError
from live.sources.camera import CameraInfo
from tests.live.fakes import Clock, Sources, number_of, numbered, until


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sources]:
    monkeypatch.setattr(capture_module, "RETRY_S", (0.01,))
    sources = Sources()
    yield sources
    sources.end()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def start(sources: Sources, clock: Clock, spec: str = "camera:Webcam", *cameras: CameraInfo) -> Capture:
    capture = Capture(spec, 1280, lambda _: None, sources, lambda: list(cameras), clock)
    capture.start()
    return capture


def stop(capture: Capture, sources: Sources) -> None:
    capture.stop()
    sources.end()
    assert capture.join(10)


def taken(capture: Capture) -> int:
    reading = capture.slot.take(10)
    assert reading is not None
    return number_of(reading.frame)


def test_frames_come_through_and_the_newest_wins(sources: Sources, clock: Clock) -> None:
    delivered: list[float] = []
    capture = Capture("demo", 1280, delivered.append, sources, list, clock)
    capture.start()
    until(lambda: bool(sources.opened))
    sources.newest.send(*(numbered(index) for index in range(1, 6)))
    until(lambda: len(delivered) == 5)
    assert taken(capture) == 5
    assert capture.slot.dropped == 4
    assert capture.size == (64, 48)
    assert capture.problem == ""
    stop(capture, sources)
    assert sources.newest.closed


def test_a_source_that_ends_is_opened_again_and_goes_on(sources: Sources, clock: Clock) -> None:
    capture = start(sources, clock)
    until(lambda: bool(sources.opened))
    sources.newest.send(numbered(1), SourceError("Webcam stopped"))
    until(lambda: len(sources.opened) == 2)
    assert sources.opened[0].closed
    assert capture.problem == "Webcam stopped"
    assert capture.worked
    capture.slot.take(0)
    sources.newest.send(numbered(2))
    assert taken(capture) == 2
    assert capture.problem == ""
    assert capture.restarts == 1
    stop(capture, sources)


@pytest.mark.parametrize("garbage", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), None, b"x"])
def test_garbage_is_told_and_the_source_opened_again(sources: Sources, clock: Clock, garbage: object) -> None:
    capture = start(sources, clock)
    until(lambda: bool(sources.opened))
    sources.newest.send(numbered(1), garbage)
    until(lambda: len(sources.opened) == 2)
    assert "must be RGB uint8" in capture.problem
    sources.newest.send(numbered(2))
    until(lambda: capture.problem == "")
    stop(capture, sources)


def test_a_source_that_changes_its_size_goes_on(sources: Sources, clock: Clock) -> None:
    capture = start(sources, clock)
    until(lambda: bool(sources.opened))
    sources.newest.send(numbered(1), numbered(2, (320, 240)))
    until(lambda: capture.size == (320, 240))
    assert (taken(capture), capture.restarts) == (2, 0)
    stop(capture, sources)


def test_a_source_that_stalls_is_told(sources: Sources, clock: Clock) -> None:
    capture = start(sources, clock)
    until(lambda: bool(sources.opened))
    assert capture.problem == ""
    sources.newest.send(numbered(1))
    assert taken(capture) == 1
    clock.now += 1
    assert capture.problem == ""
    clock.now += 4
    assert capture.problem == "No new picture from camera:Webcam for 5 s."
    stop(capture, sources)


def test_a_source_that_is_missing_is_tried_until_it_comes(sources: Sources, clock: Clock) -> None:
    sources.missing.add("camera:Webcam")
    capture = start(sources, clock)
    until(lambda: len(sources.specs) >= 3)
    assert capture.problem == "no camera:Webcam: plug it in"
    assert not capture.worked
    sources.missing.clear()
    until(lambda: bool(sources.opened))
    sources.newest.send(numbered(9))
    assert taken(capture) == 9
    stop(capture, sources)


def test_automatic_keeps_to_the_camera_it_found_by_name(sources: Sources, clock: Clock) -> None:
    capture = start(sources, clock, "auto", CameraInfo("Webcam", 7, 200))
    until(lambda: bool(sources.opened))
    sources.newest.send(numbered(1), SourceError("unplugged"))
    until(lambda: len(sources.opened) == 2)
    assert set(sources.specs) == {"camera:Webcam"}
    assert capture.spec == "auto"
    stop(capture, sources)


def test_automatic_without_a_camera_shows_the_demo_clip_and_says_so(sources: Sources, clock: Clock) -> None:
    capture = start(sources, clock, "auto")
    until(lambda: bool(sources.opened))
    assert sources.specs == ["demo"]
    assert capture.remark == "No camera found on this machine: this is the demo clip."
    stop(capture, sources)


def test_a_camera_that_sends_black_pictures_is_told(sources: Sources, clock: Clock) -> None:
    sources.selfie = True
    capture = start(sources, clock)
    until(lambda: bool(sources.opened))
    for level, remark in ((60, False), (2, False), (2, True), (60, False)):
        clock.now += 1.5
        sources.newest.send(numbered(level))
        assert taken(capture) == level
        assert ("black pictures" in capture.remark) == remark
    stop(capture, sources)


def test_stopping_does_not_wait_for_a_source_that_is_stuck(sources: Sources, clock: Clock) -> None:
    capture = start(sources, clock)
    until(lambda: bool(sources.opened))
    capture.stop()
    assert not capture.join(0.05)
    assert capture.slot.take(0) is None
    sources.end()
    assert capture.join(10)
    assert sources.newest.closed


def test_pauses_between_attempts_grow_to_a_limit() -> None:
    pauses = capture_module.RETRY_S
    assert list(pauses) == sorted(pauses)
    assert pauses[0] <= 1
    assert pauses[-1] <= 5
