"""What TensorRT tells while it works: errors and progress. The base classes are the module's own."""

from __future__ import annotations

from typing import Any

from engines.progress import BuildProgress


def error_log(trt: Any) -> Any:
    """A logger that keeps the first error and the last warning instead of printing: they are raised, and shown once.

    TensorRT 8.6 calls it a warning where CUDA does not start, and says no more.
    """

    class Log(trt.ILogger):  # type: ignore[misc]
        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.first = self.warning = ""

        def log(self, severity: Any, message: str) -> None:
            told = " ".join(message.split())[:300]
            if not self.first and severity in (trt.ILogger.ERROR, trt.ILogger.INTERNAL_ERROR):
                self.first = told
            elif severity == trt.ILogger.WARNING:
                self.warning = told

        def clear(self) -> None:
            self.first = self.warning = ""

    return Log()


def monitor(trt: Any, progress: BuildProgress) -> Any:
    """An IProgressMonitor that tells `progress`."""

    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            progress.phase_start(phase_name, parent_phase, num_steps)

        def step_complete(self, phase_name: str, step: int) -> bool:
            return progress.step_complete(phase_name, step)

        def phase_finish(self, phase_name: str) -> None:
            progress.phase_finish(phase_name)

    return Monitor()
