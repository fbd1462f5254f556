"""The pages with the Content-Security-Policy in force, and the way in from the network."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Frame, Page

from live.access import COOKIE
from tests.browser.conftest import Launch
from tests.browser.watching import START_MS, choose
from tests.graphs import make_graph
from tests.running_app import RunningApp, running_app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The app, opened to the network."""
    folder = tmp_path_factory.mktemp("models")
    make_graph(folder / "negative.onnx", size=64, kind="invert")
    with running_app("--source", "demo", "--models", str(folder), "--host", "0.0.0.0", "--booth") as app:
        yield app


@pytest.fixture
def page(launch: Launch) -> Iterator[Page]:
    """A page that obeys the policy, as a visitor's does; what the policy refused fails the test."""
    browser = launch("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    page = browser.new_page(bypass_csp=False)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    yield page
    browser.close()
    assert not refused


def until(frame: Page | Frame, expression: str) -> None:
    """Wait without `wait_for_function`, which the policy forbids."""
    deadline = time.monotonic() + START_MS / 1000
    while not frame.evaluate(expression):
        assert time.monotonic() < deadline, f"{expression} did not become true"
        time.sleep(0.1)


def test_the_link_opens_the_page_and_its_picture_plays(page: Page, opened: RunningApp) -> None:
    link = opened.url
    address, _, query = link.partition("/?")
    answer = page.goto(f"{address}/player")
    assert answer is not None and answer.status == 401
    assert "link that the app's terminal shows" in page.inner_text("[role=status]")
    page.goto(f"{address}/player?{query}")
    assert page.url == f"{address}/player"
    assert any(cookie["name"] == COOKIE for cookie in page.context.cookies())
    until(page, "window.player && window.player.log.total > 3")


@pytest.mark.parametrize(
    ("path", "sign"), [("/overlay", "document.querySelector('canvas')"), ("/booth", "document.body.children.length")]
)
def test_the_other_pages_work_under_the_policy(page: Page, opened: RunningApp, path: str, sign: str) -> None:
    address, _, query = opened.url.partition("/?")
    page.goto(f"{address}{path}?{query}")
    until(page, f"!!{sign}")
    page.wait_for_timeout(2000)


def test_streamlits_page_works_under_the_policy(page: Page, app: RunningApp) -> None:
    page.goto(app.url)
    handle = page.wait_for_selector("iframe[src*='/player']", timeout=START_MS)
    assert handle is not None
    player = handle.content_frame()
    assert player is not None
    until(player, "window.player && window.player.log.total > 3")


def test_a_visitors_camera_works_under_the_policy(page: Page, app: RunningApp) -> None:
    page.goto(app.url)
    choose(page, "Camera", "This browser's camera")
    handle = page.wait_for_selector("iframe[title*='webrtc']", timeout=START_MS)
    assert handle is not None
    frame = handle.content_frame()
    assert frame is not None
    frame.get_by_role("button", name="Start the camera").click(timeout=START_MS)
    until(frame, "document.querySelector('video')?.currentTime > 0")
