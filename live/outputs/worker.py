"""An output that runs on a thread of its own until it is stopped or fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from live.outputs.files import OutputError
from live.outputs.scene import Scene, Tap

JOIN_S = 10.0
_log = logging.getLogger(__name__)


class Stage(Protocol):
    """What outputs need of `live.session.Session`."""

    def attach(self, depth: int = 1) -> Tap:
        """A tap of the scenes."""


class Sink(Protocol):
    """Where scenes go. One thread uses it."""

    def take(self, scene: Scene | None) -> None:
        """The next scene; None where none came for a while.

        Raises:
            OutputError: the output cannot go on.
        """

    def close(self) -> None:
        """Finish; calling it twice is harmless.

        Raises:
            OutputError: the end went wrong.
        """


class Worker:
    """Base of the outputs: feeds one sink at a time with scenes. Any thread may call.

    Args:
        stage: where scenes come from.
        name: of the thread.
        depth: so many scenes may wait for the sink.
        idle_s: after so long without a scene the sink is told so.

    Attributes:
        problem: why the output did not start or ended by itself, one sentence; empty where all is well.
    """

    def __init__(self, stage: Stage, name: str, depth: int = 1, idle_s: float = 0.5) -> None:
        self._stage, self._name, self._depth, self._idle_s = stage, name, depth, idle_s
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._tap: Tap | None = None
        self.problem = ""

    @property
    def on(self) -> bool:
        """Whether the output runs."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Finish and wait for the end; does nothing where it is not running."""
        with self._lock:
            if self._tap is not None:
                self._tap.close()
            if self._thread is not None:
                self._thread.join(JOIN_S)
            self._thread = self._tap = None
            self.problem = ""

    def _begin(self, make: Callable[[], Sink]) -> None:
        """Start; does nothing while it runs.

        Args:
            make: makes the sink.

        Raises:
            OutputError: it could not be made.
        """
        with self._lock:
            if self.on:
                return
            self.problem = ""
            try:
                sink = make()
            except OutputError as error:
                self._fail(error)
                raise
            self._tap = self._stage.attach(self._depth)
            self._thread = threading.Thread(target=self._run, args=(sink, self._tap), name=self._name, daemon=True)
            self._thread.start()

    def _run(self, sink: Sink, tap: Tap) -> None:
        try:
            while (scene := tap.take(self._idle_s)) is not None or not tap.closed:
                sink.take(scene)
        except OutputError as error:
            self._fail(error)
        finally:
            tap.close()
            try:
                sink.close()
            except OutputError as error:
                self._fail(error)

    def _fail(self, error: OutputError) -> None:
        self.problem = self.problem or str(error)
        _log.error("%s: %s", self._name, error)
