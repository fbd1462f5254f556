"""Recording to MP4: off until somebody switches it on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from live.outputs.files import Free, check_folder, check_room, free_bytes, named_by_time
from live.outputs.mp4 import Mp4Writer
from live.outputs.scene import Scene
from live.outputs.worker import Stage, Worker

DEPTH = 8
"""So many scenes may wait while the encoder is busy with a key frame; about a quarter of a second."""
ROOM_EVERY = 30
"""The room on the disk is looked at every so many pictures."""


class Recorder(Worker):
    """Records what is shown, not mirrored, one file at a time. Any thread may call.

    Args:
        stage: where scenes come from.
        free: how many bytes are left for a folder.
        now: the local time, for names.

    Attributes:
        path: the newest recording, None before the first.
    """

    def __init__(self, stage: Stage, free: Free = free_bytes, now: Callable[[], datetime] = datetime.now) -> None:
        super().__init__(stage, "recorder", DEPTH)
        self._free, self._now = free, now
        self._film: _Film | None = None
        self.path: Path | None = None

    @property
    def seconds(self) -> float:
        """Length of the newest recording so far."""
        return self._film.seconds if self._film else 0.0

    def start(self, folder: Path | None, view: str | None = None) -> None:
        """Start a new file.

        Args:
            folder: where to; made where it is missing.
            view: one of `live.views.VIEWS`, "side-by-side" for social media; None follows the page.

        Raises:
            OutputError: there is no such folder, or no room in it.
        """
        self._begin(lambda: self._make(check_folder(folder), view))

    def _make(self, folder: Path, view: str | None) -> _Film:
        check_room(folder, self._free)
        self.path = named_by_time(folder, ".mp4", self._now())
        self._film = _Film(self.path, view, self._free)
        return self._film


class _Film:
    """A sink that makes its file when the first picture tells the size."""

    def __init__(self, path: Path, view: str | None, free: Free) -> None:
        self._path, self._view, self._free = path, view, free
        self._writer: Mp4Writer | None = None

    @property
    def seconds(self) -> float:
        return self._writer.duration_s if self._writer else 0.0

    def take(self, scene: Scene | None) -> None:
        if scene is None:
            return
        picture = scene.unmirrored(self._view)
        if self._writer is None:
            self._writer = Mp4Writer(self._path, picture.shape[1], picture.shape[0])
        if self._writer.frames % ROOM_EVERY == 0:
            check_room(self._path.parent, self._free)
        self._writer.write(picture, scene.captured_at)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
