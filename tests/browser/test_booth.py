"""The booth from the invitation to the picture on a phone, in a real browser against the real app."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Launch
from tests.browser.watching import START_MS
from tests.live.fake_house import wait_until
from tests.running_app import RunningApp, running_app

PIN = "97531"
SCREEN = {"width": 1600, "height": 900}
PHONE = {"width": 390, "height": 844}
THEME = """
title = "Sommerfest"
[seconds]
attract = 2
countdown = 1
result = 600
"""

# Keeps what the notice says, however shortly it stands there.
LISTEN = """() => { window.said = [];
  const notice = document.getElementById('notice');
  new MutationObserver(() => said.push(notice.textContent)).observe(notice, {childList: true}); }"""


@pytest.fixture(scope="module")
def theme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("theme") / "fest.toml"
    path.write_text(THEME, "utf-8")
    return path


@pytest.fixture(scope="module")
def booth(models: Path, theme: Path) -> Iterator[RunningApp]:
    flags = ("--booth", "--booth-pin", PIN, "--booth-theme", str(theme))
    with running_app("--source", "demo", "--models", str(models), *flags) as started:
        yield started


@pytest.fixture(scope="module")
def browser(launch: Launch) -> Iterator[Browser]:
    started = launch()
    yield started
    started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport=SCREEN, locale="en-US", bypass_csp=False)  # type: ignore[arg-type]
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, booth: RunningApp) -> Page:
    opened = context.new_page()
    opened.goto(booth.url + "/booth")
    return opened


def scene(page: Page, name: str) -> None:
    """Wait until the page shows this."""
    expect(page.locator("body")).to_have_attribute("data-scene", name, timeout=START_MS)


def until(page: Page, condition: str, timeout_s: float = START_MS / 1000) -> None:
    """Wait for something in the page; without `eval` in it, which the page's policy forbids."""
    end = time.monotonic() + timeout_s
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        time.sleep(0.05)


def choose_source(page: Page, spec: str) -> None:
    """As the operator does."""
    page.evaluate("booth.operator.open()")
    if page.locator("#lock").is_visible():
        enter_pin(page, PIN)
    page.locator("#set-source").select_option(spec)
    expect(page.locator("#panel-message")).to_have_text("✓", timeout=START_MS)
    page.keyboard.press("Escape")
    page.evaluate("document.getElementById('operator').close()")


def enter_pin(page: Page, pin: str) -> None:
    """On the pad."""
    for digit in pin:
        page.locator("#keys").get_by_text(digit, exact=True).click()
    page.locator("#keys").get_by_text("✓").click()


def test_from_the_invitation_to_the_picture_on_a_phone(page: Page, browser: Browser) -> None:
    # Nobody is there: the portraits invite, and go on from one person to the next.
    choose_source(page, "pattern")
    scene(page, "attract")
    until(page, "booth.gallery.pairs.length === 9")
    expect(page.locator("#hero")).to_be_visible()
    before = page.evaluate("booth.gallery.turn")
    until(page, f"booth.gallery.turn !== {before}")

    # Somebody comes, chooses a language and presses the button.
    choose_source(page, "demo")
    scene(page, "live")
    page.locator("#languages").get_by_text("Deutsch").click()
    expect(page.locator("#take")).to_have_text("Foto machen")
    until(page, "player.state.faces > 0")
    page.keyboard.press("Space")  # or a big red buzzer
    scene(page, "countdown")
    scene(page, "result")
    expect(page.locator("#home h2")).to_have_text("Das bist du!")
    assert page.evaluate("document.getElementById('print').naturalWidth") == 1800

    # The phone reads the code off the screen, and finds a page that fits it.
    page.wait_for_timeout(1000)  # the picture has dropped in
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
    link, *_ = cv2.QRCodeDetectorAruco().detectAndDecode(shot)
    assert link == page.locator("#link").get_attribute("href")
    phone = browser.new_page(viewport=PHONE, accept_downloads=True, bypass_csp=False)  # type: ignore[arg-type]
    phone.goto(link)
    expect(phone.locator("h1")).to_have_text("Dein Bild")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for button in ("#save", "#save-portrait"):
        box = phone.locator(button).bounding_box()
        assert box is not None
        assert box["height"] >= 44  # large enough for a thumb
        assert box["y"] + box["height"] <= PHONE["height"]
    with phone.expect_download() as download:
        phone.locator("#save").click()
    picture = Image.open(download.value.path())
    assert (picture.format, picture.size) == ("JPEG", (1800, 1200))
    assert np.asarray(picture).std() > 20

    # The visitor is done; the phone still has ten minutes, unless the picture is deleted.
    page.locator("#done").click()
    scene(page, "live")
    phone.locator("#delete").click()
    expect(phone.locator("h1")).to_have_text("Dieses Bild gibt es nicht mehr")
    assert phone.goto(link).status == 404  # type: ignore[union-attr]
    phone.close()


def test_languages_are_switched_at_once_and_forgotten_with_the_visitor(page: Page) -> None:
    scene(page, "live")
    for language, words in (("日本語", "写真を撮る"), ("Deutsch", "Foto machen"), ("English", "Take my picture")):
        page.locator("#languages").get_by_text(language).click()
        expect(page.locator("#take")).to_have_text(words, timeout=1000)
    page.locator("#languages").get_by_text("日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    choose_source(page, "pattern")
    scene(page, "attract")
    expect(page.locator("#languages [aria-pressed=true]")).to_have_text("English")
    choose_source(page, "demo")


def test_the_operators_controls_open_with_the_pin_only(page: Page) -> None:
    scene(page, "live")
    page.locator("#title").hover()
    page.mouse.down()
    expect(page.locator("#operator")).to_be_visible(timeout=5000)  # after a second
    page.mouse.up()
    expect(page.locator("#panel")).to_be_hidden()
    enter_pin(page, "1111")
    expect(page.locator("#pin-message")).to_have_text("That is not the PIN.")
    expect(page.locator("#panel")).to_be_hidden()
    enter_pin(page, PIN)
    expect(page.locator("#panel")).to_be_visible()
    expect(page.locator("#panel-warnings")).to_contain_text("--host 0.0.0.0")
    page.locator("#lock-again").click()
    # In the very moment after, when the app has not even heard of it.
    page.evaluate("booth.operator.open()")
    expect(page.locator("#lock")).to_be_visible()
    expect(page.locator("#panel")).to_be_hidden()
    enter_pin(page, PIN)
    expect(page.locator("#panel")).to_be_visible()


def test_locked_stays_locked_while_the_app_cannot_be_reached(page: Page) -> None:
    scene(page, "live")
    page.evaluate("booth.operator.open()")
    enter_pin(page, PIN)
    expect(page.locator("#panel")).to_be_visible()
    page.route("**/booth/operator/*", lambda route: route.abort())
    page.locator("#restart").click()
    expect(page.locator("#panel-message")).to_have_text("That did not work: One moment, please – we are right back.")
    page.locator("#lock-again").click()
    page.unroute("**/booth/operator/*")
    page.evaluate("booth.operator.open()")
    expect(page.locator("#lock")).to_be_visible()
    expect(page.locator("#panel")).to_be_hidden()
    # The app hears of it in the end.
    until(page, "fetch('booth/operator/panel.json').then((answer) => answer.status === 401)", 10)


def test_the_apps_own_page_leads_back_to_the_booth(page: Page, booth: RunningApp) -> None:
    page.goto(booth.url)
    assert page.url == booth.url + "/booth"


def test_the_theme_is_on_the_page(page: Page) -> None:
    expect(page.locator("#title")).to_have_text("Sommerfest")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 13, 36)"


def test_the_page_goes_on_while_the_app_restarts(models: Path, theme: Path, context: BrowserContext) -> None:
    flags = ["--source", "demo", "--models", str(models), "--booth", "--booth-theme", str(theme), "--booth-pin", PIN]
    page = context.new_page()
    with running_app(*flags) as app:
        port = app.url.rpartition(":")[2]
        page.goto(app.url + "/booth")
        scene(page, "live")
        until(page, "booth.gallery.pairs.length === 9")
    # The app is gone: the portraits and a sentence, not a blank page.
    scene(page, "attract")
    expect(page.locator("#notice")).to_have_text("One moment, please – we are right back.")
    expect(page.locator("#hero")).to_be_visible()
    assert np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).std() > 10
    with running_app(*flags, "--port", port) as app:
        assert app.url.endswith(port)
        scene(page, "live")
        # The operator restarts it, too; the same program takes the same port.
        choose_source(page, "pattern")
        page.evaluate("booth.operator.open()")
        page.evaluate(LISTEN)
        page.locator("#restart").click()
        until(page, "said.includes('Restarting …')")
        expect(page.locator("#operator")).to_be_hidden()  # nothing stands before the visitors
        wait_until(lambda: app.output.count("Open") == 2, START_MS / 1000)
        assert "Starting again ..." in app.output
        until(page, "player.state.faces > 0")  # the new one starts with the demo clip again
        scene(page, "live")
        page.evaluate("booth.operator.open()")
        expect(page.locator("#lock")).to_be_visible()


def test_screenshot(models: Path, context: BrowserContext, tmp_path: Path) -> None:
    """The theme that comes with the app, where phones can reach it; `make screenshot` keeps the picture."""
    path = Path(os.environ.get("TWINGAN_BOOTH_SCREENSHOT", tmp_path / "booth.png"))
    path.parent.mkdir(parents=True, exist_ok=True)
    page = context.new_page()
    flags = ("--booth", "--booth-pin", PIN, "--booth-address", "http://192.168.1.20:8501")
    with running_app("--source", "demo", "--models", str(models), *flags) as app:
        page.goto(app.url + "/booth")
        scene(page, "live")
        until(page, "player.state.faces === 1")
        page.evaluate("booth.fetchPicture()")
        scene(page, "result")
        expect(page.locator("#network")).to_have_text("Your phone has to be in the same network as this booth.")
        page.wait_for_timeout(1500)  # the picture has dropped in
        page.screenshot(path=path)
    assert path.stat().st_size > 50_000
