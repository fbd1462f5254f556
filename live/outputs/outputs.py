"""Everything that may leave the session beside the page, in one place."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from live.outputs.files import OutputError

if TYPE_CHECKING:
    from live.outputs.worker import Stage


@dataclass(frozen=True)
class OutputSettings:
    """What the operator chose before the start.

    Attributes:
        recordings: folder of recordings and snapshots; None offers none until one is chosen.
        virtual_camera: switch the virtual camera on at the start.
        camera_device: device of the virtual camera; None takes the first.
    """

    recordings: Path | None = None
    virtual_camera: bool = False
    camera_device: str | None = None


class Outputs:
    """The outputs of one session; all are off until somebody switches them on. Any thread may call.

    Args:
        stage: where scenes come from.
        settings: what the operator chose.

    Attributes:
        folder: of recordings and snapshots, None where none was chosen.
        overlays: of `live.overlay`; belongs to the event loop's thread.
    """

    def __init__(self, stage: Stage, settings: OutputSettings | None = None) -> None:
        from live.outputs.overlay import Overlays
        from live.outputs.recorder import Recorder
        from live.outputs.snapshots import Snapshots
        from live.outputs.virtual_camera import Format, VirtualCamera

        self.settings = settings or OutputSettings()
        self.folder = self.settings.recordings
        self.overlays = Overlays(stage)
        self.recorder = Recorder(stage)
        self.snapshots = Snapshots(stage)
        self.virtual_camera = VirtualCamera(stage, Format(device=self.settings.camera_device))

    def start(self) -> None:
        """Switch on what the settings ask for; `problem` tells where that failed."""
        if self.settings.virtual_camera:
            with contextlib.suppress(OutputError):  # told by `problem` and in the log
                self.virtual_camera.start()

    @property
    def problem(self) -> str:
        """Why an output did not start or ended by itself, one sentence; empty where all is well."""
        return self.recorder.problem or self.snapshots.problem or self.virtual_camera.problem

    def close(self) -> None:
        """Finish every file and release every device; calling it twice is harmless."""
        for output in (self.recorder, self.snapshots, self.virtual_camera):
            output.stop()
