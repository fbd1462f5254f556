"""`python -m live.booth`: the booth, kept running: the app, and a browser in kiosk mode that shows it."""

from __future__ import annotations

import os
import re
import signal
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from live.booth.booth import PIN_VARIABLE
from live.booth.browser import command, find_browser, has_screen
from live.booth.keeper import Kept

NO_BROWSER = "--no-browser"
ADDRESS, PIN = re.compile(r"\s*Booth:\s+(\S+)"), re.compile(r"\s*PIN .*: (\d+)")
HELP = f"""usage: python -m live.booth [{NO_BROWSER}] [flags of `python -m live`]

Starts the app with its booth, opens a browser in kiosk mode on it, and starts either again when it ends.

  {NO_BROWSER}   the app only, for a browser elsewhere
"""


def main(arguments: list[str] | None = None) -> int:
    """Run until Ctrl-C or a termination signal; returns the exit status."""
    flags = list(sys.argv[1:] if arguments is None else arguments)
    if {"-h", "--help"} & set(flags):
        print(HELP)
        return 0
    wants_browser = NO_BROWSER not in flags
    flags = [flag for flag in flags if flag != NO_BROWSER]
    with tempfile.TemporaryDirectory(prefix="twingan-booth-", ignore_cleanup_errors=True) as folder:
        return BoothRun(flags, wants_browser, Path(folder)).run()


class BoothRun:
    """The app and its browser.

    Args:
        flags: of `python -m live`.
        wants_browser: whether to open one.
        profile: folder for the browser.
    """

    def __init__(self, flags: list[str], wants_browser: bool, profile: Path) -> None:
        self._flags, self._wants_browser, self._profile = flags, wants_browser, profile
        self._address = ""
        self._app = Kept("The app", self._app_command, self._hear)
        self._browser = Kept("The browser", self._browser_command, lambda line: None)
        self._watching: threading.Thread | None = None

    def run(self) -> int:
        """Run until a signal; returns the app's exit status."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        status = self._app.run()
        self._browser.stop()
        if self._watching is not None:
            self._watching.join()
        return max(0, status)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        # Not here: a signal interrupts the very thread that waits for the app.
        threading.Thread(target=self._app.stop).start()

    def _app_command(self) -> list[str]:
        # The port of the first start is kept, so that an open page finds the app again.
        port = urlsplit(self._address).port
        again = ["--port", str(port)] if port else []
        return [sys.executable, "-u", "-m", "live", "--booth", *self._flags, *again]

    def _hear(self, line: str) -> None:
        print(line, flush=True)
        if found := ADDRESS.match(line):
            self._address = found[1]
            self._watch()
        elif found := PIN.match(line):
            os.environ[PIN_VARIABLE] = found[1]  # a generated one stays the same after a crash

    def _watch(self) -> None:
        """Open the browser once the app runs for the first time."""
        if not self._wants_browser or self._watching is not None:
            return
        if find_browser() is None or not has_screen():
            missing = "no Chromium or Chrome found (CHROMIUM=PATH names one)" if has_screen() else "no screen here"
            print(f"No browser was opened: {missing}. Open {self._address} in one.", flush=True)
            self._wants_browser = False
            return
        self._watching = threading.Thread(target=self._browser.run, name="browser", daemon=True)
        self._watching.start()

    def _browser_command(self) -> list[str]:
        return command(find_browser() or "chromium", self._address, self._profile)


if __name__ == "__main__":
    sys.exit(main())
