"""A browser that shows one page full screen and nothing else."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

VARIABLE = "CHROMIUM"
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "brave-browser",
    "microsoft-edge",
    "chrome",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
FLAGS = (
    "--kiosk",
    "--kiosk-printing",
    "--no-first-run",
    "--no-default-browser-check",
    "--noerrdialogs",
    "--disable-session-crashed-bubble",
    "--hide-crash-restore-bubble",
    "--disable-infobars",
    "--disable-pinch",
    "--overscroll-history-navigation=0",
    "--disable-features=Translate,TranslateUI",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


def find_browser() -> str | None:
    """Path of a Chromium, or of a browser made of it; None where this machine has none. `CHROMIUM` names another."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named)
    return next(filter(None, (shutil.which(name) for name in (*NAMES, *PLACES))), None)


def has_screen() -> bool:
    """Whether a window can be opened here."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def command(browser: str, address: str, profile: Path) -> list[str]:
    """The command line.

    Args:
        browser: see `find_browser`.
        address: what to show.
        profile: folder of its own, so that it is neither mixed up with the user's browser nor with its restored pages.
    """
    # Chromium refuses to run as root with its sandbox; a booth's own computer is not the place for root anyway.
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [browser, *FLAGS, *root, f"--user-data-dir={profile}", address]
