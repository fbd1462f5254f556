from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.base import Generator
from engines.errors import EngineError
from engines.load import Device
from face_crop.detect import Detector
from live import capture
from live.session import Session
from live.settings import Settings
from live.sources.base import SourceError
from live.sources.camera import CameraInfo
from live.styles import Styles
from live.viewers import Painted
from tests.graphs import make_graph
from tests.live.fakes import FixedDetector, GatedGenerator, Sources, face_at, number_of, numbered, shown, until


class Stage:
    """A session with everything around it in the test's hand."""

    def __init__(self, models: Path) -> None:
        self.models = models
        self.sources = Sources()
        self.detector = FixedDetector(face_at())
        self.generators: dict[str, GatedGenerator] = {"a.onnx": GatedGenerator(), "b.onnx": GatedGenerator(8)}
        self.cameras = [CameraInfo("Webcam", 0, 200)]
        self.settings = Settings(source="camera:Webcam", view="camera", models=models, jpeg_quality=95)
        self.session: Session | None = None

    def start(self, make_detector: Callable[[], Detector] | None = None) -> Session:
        """Start it, and wait for source and style where there are any."""
        styles = Styles(self.models, load=self._load)
        self.session = Session(
            self.settings,
            styles=styles,
            opener=self.sources,
            cameras=lambda: self.cameras,
            make_detector=make_detector or (lambda: self.detector),
        )
        self.session.start()
        until(lambda: bool(self.sources.opened or self.sources.missing))
        until(lambda: bool(styles.current or styles.problem))
        for generator in self.generators.values():
            generator.forget()
        return self.session

    def send(self, *steps: object) -> None:
        """Let the newest source deliver these, and wait until they have arrived."""
        assert self.session
        before = self.session.stats().captured
        self.sources.newest.send(*steps)
        until(lambda: self.session is not None and self.session.stats().captured >= before + len(steps))

    def close(self) -> None:
        """End everything."""
        for generator in self.generators.values():
            generator.allow()
        self.sources.end()
        if self.session:
            self.session.close()

    def _load(self, path: Path, device: Device) -> Generator:
        if path.name not in self.generators:
            raise EngineError(f"{path.name} is not a graph: export it again")
        return self.generators[path.name]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(capture, "RETRY_S", (0.01,))
    for name in ("a.onnx", "b.onnx"):
        (tmp_path / name).touch()
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def number(painted: Painted) -> int:
    """Index of the camera's frame in a painted picture of the camera or side-by-side view."""
    picture = cv2.imdecode(np.frombuffer(painted.jpeg, np.uint8), cv2.IMREAD_COLOR)
    return number_of(np.asarray(picture, np.uint8)[:, :40])


def test_a_frame_becomes_a_painted_picture(stage: Stage) -> None:
    session = stage.start()
    session.set_view("side-by-side")
    viewer = session.subscribe()
    stage.send(numbered(77))
    painted = shown(viewer)
    assert (painted.width, painted.height) == (64 + 48, 48)
    assert number(painted) == 77
    assert painted.encoded_at > painted.captured_at
    stats = session.stats()
    assert (stats.state, stats.faces, stats.shown, stats.dropped, stats.faults) == ("live", 1, 1, 0, 0)
    assert (stats.source, stats.runtime, stats.style) == ("camera:Webcam", "test runtime", str(stage.models / "a.onnx"))
    assert set(stats.stage_ms) == {"capture", "detect", "crop", "generate", "calm", "paste", "encode"}
    assert stats.latency_ms.median > 0
    assert (stats.width, stats.height, stats.viewers) == (64, 48, 1)


def test_a_slow_generator_drops_old_frames_and_the_delay_does_not_grow(stage: Stage) -> None:
    session = stage.start()
    session.set_view("side-by-side")
    generator = stage.generators["a.onnx"]
    generator.stepped = True
    viewer = session.subscribe()
    stage.send(numbered(1))
    seen = []
    for burst in range(5):
        assert generator.entered.acquire(timeout=10)
        # While one frame is being drawn, twenty more arrive.
        stage.send(*(numbered(20 * burst + index) for index in range(2, 22)))
        generator.allow()
        seen.append(number(shown(viewer)))
    assert seen == [1, 21, 41, 61, 81], "each picture is the newest frame of its moment, however many came before"
    assert session.stats().dropped == 5 * 19


def test_a_viewer_that_stalls_gets_the_newest_picture(stage: Stage) -> None:
    session = stage.start()
    quick, stalled = session.subscribe(), session.subscribe()
    for index in range(10, 15):
        stage.send(numbered(index))
        assert number(shown(quick)) == index
    assert number(shown(stalled)) == 14
    assert session.stats().viewers == 2


def test_a_fault_in_one_frame_is_counted_shown_and_over(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    session = stage.start()
    session.set_view("side-by-side")
    viewer = session.subscribe()
    stage.generators["a.onnx"].failures.append(RuntimeError("out of memory"))
    with caplog.at_level(logging.CRITICAL):
        stage.send(numbered(5))
        painted = shown(viewer)
    assert painted.width == 64, "the plain camera frame"
    assert number(painted) == 5
    stats = session.stats()
    assert stats.faults == 1
    assert stats.message == "A frame could not be animated: out of memory"
    stage.send(numbered(6))
    assert shown(viewer).width == 64 + 48


def test_a_generator_that_fails_in_every_frame_does_not_end_the_stream(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    session = stage.start()
    session.set_view("paste")
    viewer = session.subscribe()
    stage.generators["a.onnx"].failures.extend(RuntimeError("lost device") for _ in range(20))
    for index in range(20):
        stage.send(numbered(index * 10))
        assert number(shown(viewer)) == index * 10
    assert session.stats().faults == 20
    assert len([record for record in caplog.records if "lost device" in record.message]) == 1, "the log is not flooded"


def test_the_source_changes_without_a_restart(stage: Stage) -> None:
    session = stage.start()
    viewer = session.subscribe()
    stage.send(numbered(1))
    assert number(shown(viewer)) == 1
    session.set_source("pattern")
    until(lambda: len(stage.sources.opened) == 2)
    stage.sources.opened[0].send(numbered(99))
    stage.send(numbered(2))
    assert number(shown(viewer)) == 2
    stats = session.stats()
    assert (stats.spec, stats.source) == ("pattern", "pattern")


def test_a_source_that_is_stuck_does_not_hold_up_the_next_one(stage: Stage) -> None:
    session = stage.start()
    viewer = session.subscribe()
    for index in range(5):
        session.set_source("pattern")
        until(lambda opened=index + 2: len(stage.sources.opened) == opened)  # type: ignore[misc]
        stage.send(numbered(index))
        assert number(shown(viewer)) == index


def test_an_unknown_source_is_refused_and_the_stream_goes_on(stage: Stage) -> None:
    session = stage.start()
    viewer = session.subscribe()
    with pytest.raises(SourceError, match="unknown source"):
        session.set_source("webcam")
    stage.send(numbered(3))
    assert number(shown(viewer)) == 3


def test_portraits_of_one_source_are_not_shown_over_the_next(stage: Stage) -> None:
    session = stage.start()
    session.set_view("portrait")
    viewer = session.subscribe()
    stage.send(numbered(250))
    shown(viewer)
    stage.detector.faces = []
    session.set_source("pattern")
    until(lambda: len(stage.sources.opened) == 2)
    stage.send(numbered(10))
    picture = cv2.imdecode(np.frombuffer(shown(viewer).jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.max() < 200


def test_the_style_changes_without_a_dropped_stream(stage: Stage) -> None:
    session = stage.start()
    session.set_view("portrait")
    viewer = session.subscribe()
    for index, name in enumerate(("b.onnx", "a.onnx", "b.onnx")):
        stage.generators[name].closed = False
        session.set_style(stage.models / name)
        stage.send(numbered(index * 50))
        shown(viewer)
        assert session.stats().style == str(stage.models / name)
    assert session.stats().faults == 0
    assert len(stage.generators["b.onnx"].batches) == 3, "one to warm up, two frames"


def test_a_bad_style_is_refused_and_the_one_before_goes_on(stage: Stage) -> None:
    session = stage.start()
    with pytest.raises(EngineError, match=r"c\.onnx is not a graph"):
        session.set_style(stage.models / "c.onnx")
    assert session.stats().style == str(stage.models / "a.onnx")
    assert session.stats().message == ""


def test_without_a_model_the_camera_is_shown_and_the_remedy_told(stage: Stage) -> None:
    for path in stage.models.glob("*.onnx"):
        path.unlink()
    session = stage.start()
    viewer = session.subscribe()
    stage.send(numbered(4))
    assert number(shown(viewer)) == 4
    stats = session.stats()
    assert stats.state == "failed"
    assert "no model (*.onnx)" in stats.message
    (stage.models / "a.onnx").touch()
    session.set_style(stage.models / "a.onnx")
    assert session.stats().state == "live"


def test_without_a_detector_the_camera_is_shown_and_the_reason_told(stage: Stage) -> None:
    def broken() -> Detector:
        raise FileNotFoundError("the face detection model is missing: restore it")

    session = stage.start(broken)
    viewer = session.subscribe()
    stage.send(numbered(4))
    assert number(shown(viewer)) == 4
    stats = session.stats()
    assert stats.state == "failed"
    assert stats.message == "Face detection does not start: the face detection model is missing: restore it"


def test_an_unknown_view_is_refused(stage: Stage) -> None:
    session = stage.start()
    with pytest.raises(ValueError, match="unknown view"):
        session.set_view("mosaic")
    assert session.stats().view == "camera"


def test_mirror_follows_the_source_unless_it_is_set(stage: Stage) -> None:
    half = numbered(0)
    half[:, :32] = 200
    stage.sources.selfie = True
    session = stage.start()
    viewer = session.subscribe()
    brightness = []
    for mirror in (None, False, True):
        session.set_mirror(mirror)
        stage.send(half)
        brightness.append(number(shown(viewer)) > 60)
    assert brightness == [False, True, False], "left side bright"


@pytest.mark.parametrize(("worked", "state"), [(True, "reconnecting"), (False, "failed")])
def test_a_source_that_is_gone_is_told_and_comes_back(stage: Stage, worked: bool, state: str) -> None:
    if not worked:
        stage.sources.missing.add("camera:Webcam")
    session = stage.start()
    viewer = session.subscribe()
    if worked:
        stage.send(numbered(1))
        assert number(shown(viewer)) == 1
        stage.sources.missing.add("camera:Webcam")
        stage.sources.end()
    until(lambda: session.stats().message == "no camera:Webcam: plug it in")
    assert session.stats().state == state
    opened = len(stage.sources.opened)
    stage.sources.missing.clear()
    until(lambda: len(stage.sources.opened) > opened)
    stage.send(numbered(2))
    assert number(shown(viewer)) == 2
    assert session.stats().state == "live"
    assert session.stats().restarts >= 1


def test_states_of_a_good_start(stage: Stage) -> None:
    session = stage.start()
    assert session.stats().state == "starting"
    session.set_view("portrait")
    viewer = session.subscribe()
    stage.generators["a.onnx"].stepped = True
    stage.send(numbered(1))
    assert session.stats().state == "starting", "nothing is painted yet"
    stage.generators["a.onnx"].stepped = False
    stage.generators["a.onnx"].allow()
    shown(viewer)
    stage.detector.faces = []
    stage.send(numbered(1))
    shown(viewer)
    assert session.stats().state == "no-face"
    stage.detector.faces = [face_at()]
    stage.send(numbered(1))
    shown(viewer)
    assert session.stats().state == "live"


def test_nothing_is_painted_while_nobody_watches(stage: Stage) -> None:
    stage.settings = replace(stage.settings, idle_after_s=0)
    session = stage.start()
    stage.send(numbered(1))
    until(lambda: session.stats().unpainted == 1)
    assert session.stats().idle
    assert session.stats().shown == 0
    viewer = session.subscribe()
    stage.send(numbered(2))
    assert number(shown(viewer)) == 2
    assert not session.stats().idle


def test_no_viewer_is_waited_for_some_seconds(stage: Stage) -> None:
    session = stage.start()
    stage.send(numbered(1))
    until(lambda: session.stats().shown == 1)
    assert not session.stats().idle


def test_what_can_be_chosen(stage: Stage) -> None:
    session = stage.start()
    assert session.sources()[0] == ("camera:Webcam", "Webcam")
    session.set_source("file:/films/party.mp4")
    assert ("file:/films/party.mp4", "party.mp4") in session.sources()
    assert [Path(path).name for path, _ in session.styles()] == ["a.onnx", "b.onnx"]


def test_a_visitor_gets_an_animator_of_their_own_on_the_same_generator(stage: Stage) -> None:
    session = stage.start()
    animator = session.new_animator()
    animator.view = "portrait"
    assert animator(numbered(9), 0).faces == 1
    assert stage.generators["a.onnx"].batches == [1]
    animator.close()


def test_close_ends_every_thread_and_releases_everything(stage: Stage) -> None:
    before = threading.active_count()
    session = stage.start()
    viewer = session.subscribe()
    for index in range(5):
        session.set_source("pattern")
        until(lambda opened=index + 2: len(stage.sources.opened) == opened)  # type: ignore[misc]
        stage.send(numbered(index))
        shown(viewer)
        stage.sources.opened[-1].end()
    stage.close()
    session.close()
    assert threading.active_count() == before
    assert all(source.closed for source in stage.sources.opened)
    assert stage.detector.closed
    assert stage.generators["a.onnx"].closed
    assert viewer.next(0) is None


def test_a_session_that_never_started_closes(stage: Stage) -> None:
    Session(stage.settings, styles=Styles(stage.models)).close()


def test_the_demo_clip_comes_out_painted_with_the_real_detector_and_a_real_graph(tmp_path: Path) -> None:
    make_graph(tmp_path / "invert.onnx", 64, "invert")
    session = Session(Settings(models=tmp_path, device="cpu"), cameras=list)
    with contextlib.closing(session), contextlib.closing(session.subscribe()) as viewer:
        session.start()
        until(lambda: shown(viewer, 60).sequence >= 5 and session.stats().state == "live", 60)
        first, second = shown(viewer), shown(viewer)
        until(lambda: session.stats().faces == 1)  # between two scenes there is none
        stats = session.stats()
    assert (first.width, first.height) == (640 + 480, 480)
    assert first.jpeg != second.jpeg
    assert stats.message == "No camera found on this machine: this is the demo clip."
    assert (stats.source, stats.faults) == ("Demo clip", 0)
