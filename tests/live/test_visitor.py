from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from face_crop.align import Frame
from live.session import Session
from live.settings import Settings
from live.visitor import Visitor, Visitors
from tests.graphs import make_graph
from tests.live.fake_house import FakeSession

FACE = Path(__file__).parents[1] / "images" / "woman-36.webp"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A real session that was not started: it lends a real graph (the negative of a picture) and real detectors."""
    path = make_graph(tmp_path / "negative.onnx", size=64, kind="invert")
    session = Session(Settings(source="pattern", models=tmp_path, device="cpu"))
    session.set_style(path)
    yield session
    session.close()


def face() -> Frame:
    picture = np.asarray(Image.open(FACE).convert("RGB"))
    return np.asarray(cv2.resize(picture, (480, 480), interpolation=cv2.INTER_AREA), np.uint8)


def sent(picture: Frame) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(picture, format="rgb24")


def answered(visitor: Visitor, *frames: av.VideoFrame) -> Frame:
    answers = asyncio.run(visitor.animate(list(frames)))
    assert len(answers) == 1
    return np.asarray(answers[0].to_ndarray(format="rgb24"), np.uint8)


def test_a_face_comes_back_animated(session: Session) -> None:
    visitor = Visitor(session)
    visitor.view, visitor.mirror = "portrait", False
    picture = answered(visitor, sent(face()))
    assert visitor.problem == ""
    assert visitor.faces == 1
    assert visitor.animated == 1
    plain = Visitor(session)
    plain.view, plain.mirror = "camera", False
    camera = answered(plain, sent(face()))
    np.testing.assert_array_equal(camera, face())
    # The graph makes the negative, so that bright skin comes back dark.
    middle = np.s_[180:300, 180:300]
    assert picture[middle].mean() < 255 - camera[middle].mean() + 40
    assert {"detect", "generate", "total"} <= visitor.stage_ms.keys()
    visitor.end()
    plain.end()


def test_side_by_side_is_as_wide_as_both(session: Session) -> None:
    visitor = Visitor(session)
    visitor.view = "side-by-side"
    assert answered(visitor, sent(face())).shape == (480, 960, 3)
    visitor.end()


def test_the_mirror_can_be_switched_while_it_runs(session: Session) -> None:
    visitor = Visitor(session)
    visitor.view, visitor.mirror = "camera", False
    straight = answered(visitor, sent(face()))
    visitor.mirror = True
    np.testing.assert_array_equal(answered(visitor, sent(face())), straight[:, ::-1])
    visitor.end()


def test_only_the_newest_frame_is_worked_on(session: Session) -> None:
    visitor = Visitor(session)
    visitor.view, visitor.mirror = "camera", False
    frames = [sent(np.full((64, 64, 3), value, np.uint8)) for value in (10, 20, 30)]
    assert round(answered(visitor, *frames).mean()) == 30
    assert visitor.animated == 1
    visitor.end()


def test_a_stream_may_end_and_begin_again(session: Session) -> None:
    visitor = Visitor(session)
    visitor.view = "camera"
    answered(visitor, sent(face()))
    visitor.end()
    visitor.end()
    assert answered(visitor, sent(face())).shape == (480, 480, 3)
    visitor.end()


def test_a_fault_shows_the_camera_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    visitor = Visitor(FakeSession())
    for _ in range(3):
        np.testing.assert_array_equal(answered(visitor, sent(face())), face())
    assert visitor.problem == "A frame could not be animated: this session animates nobody"
    assert len(caplog.records) == 1  # told once, not 30 times a second


def test_there_are_no_other_views() -> None:
    with pytest.raises(ValueError, match="choose one of"):
        Visitor(FakeSession()).view = "inside-out"


def test_closing_ends_every_stream(session: Session) -> None:
    visitors = Visitors(session)
    first, second = visitors.welcome(), visitors.welcome()
    first.view = "camera"
    answered(first, sent(face()))
    visitors.close()
    visitors.close()
    assert first is not second
