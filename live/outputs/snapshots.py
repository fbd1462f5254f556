"""Snapshots by the clock: off until somebody switches them on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import cv2

from live.outputs.files import Free, OutputError, check_folder, check_room, free_bytes, named_by_time
from live.outputs.scene import Scene
from live.outputs.worker import Stage, Worker

LEAST_S, MOST_S = 1.0, 3600.0


class Snapshots(Worker):
    """Writes the picture shown, not mirrored, every so many seconds as PNG. Any thread may call.

    Args:
        stage: where scenes come from.
        free: how many bytes are left for a folder.
        now: the local time, for names.
    """

    def __init__(self, stage: Stage, free: Free = free_bytes, now: Callable[[], datetime] = datetime.now) -> None:
        super().__init__(stage, "snapshots")
        self._free, self._now = free, now
        self._album: _Album | None = None

    @property
    def taken(self) -> int:
        """How many were written since the last start."""
        return self._album.taken if self._album else 0

    def start(self, folder: Path | None, every_s: float, view: str | None = None) -> None:
        """Start; the first is taken at once.

        Args:
            folder: where to; made where it is missing.
            every_s: seconds from one to the next, `LEAST_S` .. `MOST_S`.
            view: one of `live.views.VIEWS`; None follows the page.

        Raises:
            OutputError: no such folder, no room in it, or another pause.
        """
        if not LEAST_S <= every_s <= MOST_S:
            raise OutputError(f"snapshots are taken every {LEAST_S:.0f} to {MOST_S:.0f} seconds, got {every_s}")
        self._begin(lambda: self._make(check_folder(folder), every_s, view))

    def _make(self, folder: Path, every_s: float, view: str | None) -> _Album:
        check_room(folder, self._free)
        self._album = _Album(folder, every_s, view, self._free, self._now)
        return self._album


class _Album:
    """A sink that writes few of the scenes that it is given."""

    def __init__(self, folder: Path, every_s: float, view: str | None, free: Free, now: Callable[[], datetime]) -> None:
        self._folder, self._every_s, self._view, self._free, self._now = folder, every_s, view, free, now
        self._due = float("-inf")
        self.taken = 0

    def take(self, scene: Scene | None) -> None:
        if scene is None or scene.captured_at < self._due:
            return
        # Counted from when it was due, so that the pause does not grow; after a gap the count starts anew.
        late = scene.captured_at - self._due
        self._due = (self._due if late < self._every_s else scene.captured_at) + self._every_s
        check_room(self._folder, self._free)
        write_png(scene.unmirrored(self._view), named_by_time(self._folder, ".png", self._now()))
        self.taken += 1

    def close(self) -> None:
        """Nothing is open."""


def write_png(picture: cv2.typing.MatLike, path: Path) -> None:
    """Write RGB uint8 [H, W, 3]; the file is there as a whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    _, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    try:
        part.write_bytes(data.tobytes())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
