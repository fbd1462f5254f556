"""The real app in a process of its own, as `make live` starts it."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).parents[1]
START_S = 60.0


class RunningApp:
    """A started `python -m live`; its output is collected in `lines`.

    Args:
        arguments: flags beside the port; a free one is taken.
    """

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "live", "--port", "0", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    @property
    def output(self) -> str:
        """Everything printed so far."""
        return "\n".join(self.lines)

    @property
    def url(self) -> str:
        """The address that the app printed; waits for it.

        Raises:
            AssertionError: it ended before, or took longer than `START_S`.
        """
        deadline = time.monotonic() + START_S
        while True:
            for line in self.lines:
                if "Open" in line:
                    return line.split()[-1]
            assert self.process.poll() is None, f"the app ended: {self.output}"
            assert time.monotonic() < deadline, f"the app does not start: {self.output}"
            time.sleep(0.05)

    def get(self, path: str) -> tuple[int, bytes]:
        """(status, body)."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def stats(self) -> dict[str, Any]:
        """What /stats.json tells."""
        return cast(dict[str, Any], json.loads(self.get("/stats.json")[1]))

    def wait_for(self, state: str, timeout_s: float = 60.0) -> dict[str, Any]:
        """The figures once the session is in this state.

        Raises:
            AssertionError: it did not get there.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            figures = self.stats()
            if figures["state"] == state:
                return figures
            assert time.monotonic() < deadline, f"expected {state}, got {figures}\n{self.output}"
            time.sleep(0.1)

    def end(self, signal_number: int = signal.SIGINT) -> int:
        """End it as Ctrl-C does; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self._reader.join(5)
        return status


@contextlib.contextmanager
def running_app(*arguments: str) -> Iterator[RunningApp]:
    """The app while the context lasts."""
    app = RunningApp(*arguments)
    try:
        yield app
    finally:
        app.end()
