"""From the nested phases that a builder reports to one share that only grows."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass
class _Phase:
    parent: str | None
    steps: int
    done: int = 0
    share: float = 1.0  # Of the whole build.
    start: float = 0.0  # Share of the whole build that was done when it began.


class BuildProgress:
    """Listens to TensorRT's IProgressMonitor calls; read from another thread.

    A phase lasts as long as the step of its parent during which it runs, so the share done is the position inside the
    nest of phases.

    Attributes:
        cancelled: set it, and the builder stops at its next step.
    """

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self._phases: dict[str, _Phase] = {}
        self._lock = threading.Lock()
        self._share = 0.0
        self._label = ""

    @property
    def share(self) -> float:
        """Done of the whole, 0 .. 1; never shrinks."""
        return self._share

    @property
    def label(self) -> str:
        """What the builder is doing."""
        return self._label

    def phase_start(self, phase: str, parent: str | None, steps: int) -> None:
        """A phase of so many steps begins inside another one."""
        with self._lock:
            outer = self._phases.get(parent or "")
            share = outer.share / max(outer.steps, 1) if outer else 1.0
            start = outer.start + outer.share * min(outer.done / max(outer.steps, 1), 1) if outer else 0.0
            self._phases[phase] = _Phase(parent, steps, 0, share, start)
            self._label = phase

    def step_complete(self, phase: str, step: int) -> bool:
        """A step is done; False asks the builder to stop."""
        with self._lock:
            current = self._phases.get(phase)
            if current:
                current.done = step + 1
                share = current.start + current.share * min(current.done / max(current.steps, 1), 1)
                self._share = max(self._share, min(share, 1.0))
        return not self.cancelled.is_set()

    def phase_finish(self, phase: str) -> None:
        """A phase is over, whether or not it counted all its steps."""
        with self._lock:
            ended = self._phases.pop(phase, None)
            if ended:
                self._share = max(self._share, min(ended.start + ended.share, 1.0))
                self._label = ended.parent or self._label
