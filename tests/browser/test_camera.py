"""The visitor's own camera over WebRTC: Chromium's fake camera shows a clip of a face."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import Launch
from tests.browser.watching import START_MS, choose, choose_view, moved, player_of, seen
from tests.graphs import make_graph
from tests.running_app import RunningApp, running_app

pytestmark = pytest.mark.browser
FACE = Path(__file__).parents[1] / "images" / "woman-13.webp"
COUNTER = """() => {
  const video = document.querySelector('video');
  window.painted = 0;
  const count = () => { window.painted += 1; video.requestVideoFrameCallback(count); };
  video.requestVideoFrameCallback(count);
}"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """640x480 MJPEG of a face that sways; Chromium repeats it for ever."""
    path = tmp_path_factory.mktemp("clip") / "face.mjpeg"
    face = np.asarray(Image.open(FACE).convert("RGB").resize((440, 440)))
    with av.open(str(path), "w", format="mjpeg") as file:
        stream = file.add_stream("mjpeg", rate=Fraction(30), options={"qmin": "3", "qmax": "3"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuvj420p"
        for index in range(60):
            picture = np.full((480, 640, 3), 128, np.uint8)
            left = 100 + round(40 * np.sin(index / 60 * 2 * np.pi))
            picture[20:460, left : left + 440] = face
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def negative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The app with a graph whose work can be told: it makes negatives."""
    folder = tmp_path_factory.mktemp("models")
    make_graph(folder / "negative.onnx", size=128, kind="invert")
    with running_app("--source", "pattern", "--models", str(folder)) as app:
        yield app


@pytest.fixture
def page(negative: RunningApp, launch: Launch, clip: Path) -> Iterator[Page]:
    browser = launch(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={clip}",
    )
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(negative.url)
    player_of(page)
    choose(page, "Camera", "This browser's camera")
    yield page
    browser.close()


def started(page: Page) -> Frame:
    """The component's frame, with the camera on and a picture coming back."""
    handle = page.wait_for_selector("iframe[title*='webrtc']", timeout=START_MS)
    assert handle is not None
    frame = handle.content_frame()
    assert frame is not None
    frame.get_by_role("button", name="Start the camera").click(timeout=START_MS)
    frame.wait_for_function("document.querySelector('video')?.currentTime > 0", timeout=START_MS)
    return frame


def test_the_visitor_sees_their_animated_face(page: Page, record_property: Callable[[str, object], None]) -> None:
    choose_view(page, "side-by-side")
    frame = started(page)
    frame.wait_for_function("document.querySelector('video').videoWidth === 1120", timeout=START_MS)  # 640 + 480
    frame.evaluate(COUNTER)
    before = seen(frame, "video")
    page.wait_for_timeout(5000)
    fps = frame.evaluate("window.painted") / 5
    record_property("webrtc_fps", fps)
    print(f"painted over WebRTC: {fps:.1f} fps")
    after = seen(frame, "video")
    assert fps > 5
    assert moved(before, after) > 1
    height, width = after.shape[:2]
    camera, portrait = after[:, : width * 640 // 1120], after[:, width * 640 // 1120 :]
    cheeks = np.s_[height * 2 // 5 : height * 3 // 5]
    skin = camera[cheeks, camera.shape[1] * 2 // 5 : camera.shape[1] * 3 // 5].mean(axis=(0, 1))
    drawn = portrait[cheeks, portrait.shape[1] * 2 // 5 : portrait.shape[1] * 3 // 5].mean(axis=(0, 1))
    assert skin[0] > skin[2] + 15  # skin is redder than blue, its negative bluer than red
    assert drawn[2] > drawn[0] + 15
    expect(page.locator(".st-key-facts")).to_contain_text("painted per second", timeout=START_MS)


def test_the_view_changes_while_the_camera_runs(page: Page) -> None:
    frame = started(page)
    for view, width in (("portrait", 640), ("side-by-side", 1120), ("paste", 640)):
        choose_view(page, view)
        # Not there for a moment where a new view starts the video anew.
        frame.wait_for_function(f"document.querySelector('video')?.videoWidth === {width}", timeout=START_MS)


def test_stopping_gives_the_camera_back_and_it_can_start_again(page: Page) -> None:
    frame = started(page)
    frame.get_by_role("button", name="Stop").click()
    frame.get_by_role("button", name="Start the camera").wait_for(timeout=START_MS)
    started(page)


def test_a_refused_camera_is_told(negative: RunningApp, launch: Launch) -> None:
    browser = launch("--deny-permission-prompts")
    page = browser.new_page()
    page.goto(negative.url)
    player_of(page)
    choose(page, "Camera", "This browser's camera")
    handle = page.wait_for_selector("iframe[title*='webrtc']", timeout=START_MS)
    frame = handle.content_frame() if handle else None
    assert frame is not None
    frame.get_by_role("button", name="Start the camera").click(timeout=START_MS)
    expect(frame.get_by_role("alert")).to_be_visible(timeout=START_MS)
    browser.close()


def test_the_picture_of_the_fake_camera_is_the_face(clip: Path) -> None:
    with av.open(str(clip), format="mjpeg") as file:
        frames = [Image.fromarray(frame.to_ndarray(format="rgb24")) for frame in file.decode(video=0)]
    assert len(frames) == 60
    assert frames[0].size == (640, 480)
    buffer = io.BytesIO()
    frames[0].save(buffer, "PNG")
    assert moved(np.asarray(frames[0], np.int16), np.asarray(frames[15], np.int16)) > 2
