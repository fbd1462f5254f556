"""A real Chromium against the real app.

Everything here ends with its test module: a started app takes a core from the tests that follow, and Playwright keeps
an event loop running in this thread, beside which `asyncio.run` refuses to work.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.graphs import make_graph
from tests.running_app import ROOT, RunningApp, running_app

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Launch = Callable[..., Browser]


def chromium() -> str:
    """Where Chromium is; skips the test where it is not."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip("no Chromium on this machine: apt-get install chromium, or set CHROMIUM to its path")
    return found


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def launch(playwright: Playwright) -> Iterator[Launch]:
    """Starts a headless browser with further flags."""
    browsers: list[Browser] = []

    def start(*flags: str) -> Browser:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *flags])
        browsers.append(browser)
        # Playwright's `wait_for_function` compiles text within the page, which the app's Content-Security-Policy
        # forbids. tests/browser/test_safety.py looks at the pages with the policy in force.
        browser.new_page = partial(browser.new_page, bypass_csp=True)  # type: ignore[method-assign]
        browser.new_context = partial(browser.new_context, bypass_csp=True)  # type: ignore[method-assign]
        return browser

    yield start
    for browser in browsers:
        browser.close()


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The released models; where there are none, a stand-in that makes negatives."""
    if any((ROOT / "models").glob("*.onnx")):
        return ROOT / "models"
    folder = tmp_path_factory.mktemp("models")
    make_graph(folder / "negative.onnx", size=256, kind="invert")
    return folder


@pytest.fixture(scope="module")
def app(models: Path) -> Iterator[RunningApp]:
    chromium()
    with running_app("--source", "demo", "--models", str(models)) as started:
        yield started
