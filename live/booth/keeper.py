"""Keeps programs running: what ends is started again, after a pause that grows while it keeps ending."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Before each further start."""
LASTED_S = 60.0
"""A program that ran so long is started again at once, as after its first end."""
END_S = 15.0
"""So long a program may take to end when it is asked to."""
WRONG_FLAGS = 2
"""The exit status that no further start would change."""


class Kept:
    """One program that is kept running until `stop`. `run` belongs to one thread, `stop` to any.

    Args:
        name: for the terminal.
        command: makes the command line, anew for each start.
        on_line: gets each line that it prints.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        name: str,
        command: Callable[[], Sequence[str]],
        on_line: Callable[[str], None] = print,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._command, self._on_line, self._clock = command, on_line, clock
        self._stopping = threading.Event()
        self._changing = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def run(self) -> int:
        """Start it, again and again.

        Returns:
            its exit status: after `stop`, or `WRONG_FLAGS`.
        """
        tries = status = 0
        while not self._stopping.is_set():
            began = self._clock()
            status = self._run_once()
            if status == WRONG_FLAGS or self._stopping.is_set():
                break
            tries = 0 if self._clock() - began > LASTED_S else tries + 1
            pause_s = PAUSES_S[min(max(tries - 1, 0), len(PAUSES_S) - 1)]
            print(f"{self.name} ended (status {status}); it starts again in {pause_s:.0f} s.", flush=True)
            self._stopping.wait(pause_s)
        return status

    def stop(self) -> None:
        """Ask it to end, insist after `END_S`; calling it twice is harmless."""
        self._stopping.set()
        with self._changing:
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()

    def _run_once(self) -> int:
        with self._changing:
            if self._stopping.is_set():
                return 0
            self._process = process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C reaches this program only, which ends the others in order
            )
        assert process.stdout is not None
        with suppress(ValueError):
            for line in process.stdout:
                self._on_line(line.rstrip("\n"))
        return process.wait()
