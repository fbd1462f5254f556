"""What TensorRT tells while it works: errors and progress. The base classes are the module's own."""

from __future__ import annotations

from typing import Any

from engines.progress import BuildProgress


def error_log(trt: Any) -> Any:
    """A logger that keeps the first error instead of printing: errors are raised, and then shown once."""

    class Log(trt.ILogger):  # type: ignore[misc]
        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.first = ""

        def log(self, severity: Any, message: str) -> None:
            if not self.first and severity in (trt.ILogger.ERROR, trt.ILogger.INTERNAL_ERROR):
                self.first = " ".join(message.split())[:300]

        def clear(self) -> None:
            self.first = ""

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
