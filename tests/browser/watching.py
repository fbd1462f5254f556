"""What a person at the page would see, in words of the test."""

from __future__ import annotations

import io
import re
import time
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from PIL import Image
from playwright.sync_api import Frame, Page, expect
from playwright.sync_api import TimeoutError as TooLate

from live.controls import VIEW_LABELS

START_MS = 60_000


def player_of(page: Page) -> Frame:
    """The player within the page, once it has painted."""
    handle = page.wait_for_selector("iframe[src*='/player']", timeout=START_MS)
    assert handle is not None
    player = handle.content_frame()
    assert player is not None
    player.wait_for_function("window.player && window.player.log.total > 0", timeout=START_MS)
    return player


def figures(player: Frame) -> dict[str, Any]:
    """What the player measures: painted, fps, delayMs, delayP95Ms, clockErrorMs, state, message."""
    return cast(dict[str, Any], player.evaluate("window.player.figures()"))


def shape(player: Frame) -> tuple[int, int]:
    """(width, height) of the picture in pixels."""
    width, height = player.evaluate("[player.canvas.width, player.canvas.height]")
    return width, height


def seen(player: Frame, selector: str = "#picture") -> npt.NDArray[np.int16]:
    """The pixels on the screen, RGB [H, W, 3]."""
    data = player.locator(selector).screenshot()
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.int16)


def moved(before: npt.NDArray[np.int16], after: npt.NDArray[np.int16]) -> float:
    """Mean difference of two pictures, 0 .. 255; 255 where their shapes differ."""
    return float(np.abs(before - after).mean()) if before.shape == after.shape else 255.0


def choose_view(page: Page, view: str) -> None:
    """Click a view."""
    page.get_by_test_id("stButtonGroup").get_by_text(VIEW_LABELS[view], exact=True).click()


def choose(page: Page, label: str, option: str) -> None:
    """Pick an entry of a select box, again where the page draws itself anew and shuts the list or forgets it."""
    box, entry = page.get_by_role("combobox", name=label), page.get_by_role("option", name=option)
    box.wait_for(timeout=START_MS)
    deadline = time.monotonic() + START_MS / 1000
    while True:
        box.click()
        try:
            entry.click(timeout=5000)
            expect(box).to_have_value(re.compile(re.escape(option)), timeout=3000)
        except (TooLate, AssertionError):
            page.keyboard.press("Escape")
            if time.monotonic() > deadline:
                raise
        else:
            return
