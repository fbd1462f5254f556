"""Video files that people send to the page: one at a time, in a private folder that goes away with the app."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

MAX_BYTES = 200 * 1024 * 1024
"""Streamlit refuses larger ones while they arrive (`server.maxUploadSize`); this holds without its settings, too."""
SUFFIXES = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi")


class UploadError(ValueError):
    """The file is not one that could be a video; one line with the remedy."""


class Uploads:
    """Keeps the newest upload; any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def keep(self, name: str, data: bytes) -> str:
        """Store a file in place of the one before.

        Args:
            name: as the browser tells it; only its suffix is used for the path.
            data: content.

        Returns:
            the spec of the source (`live.sources.catalog`).

        Raises:
            UploadError: empty, too large, or no suffix of a video.
        """
        suffix = Path(name).suffix.lower()
        if suffix not in SUFFIXES:
            raise UploadError(f"{name} is no video this app knows: send one of {', '.join(SUFFIXES)}")
        if not data:
            raise UploadError(f"{name} is empty: send another file")
        if len(data) > MAX_BYTES:
            raise UploadError(f"{name} has {len(data) // 2**20} MB: send at most {MAX_BYTES // 2**20}, a shorter piece")
        with self._lock:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="twingan-live-")
            self._count += 1
            path = Path(self._folder.name) / f"upload-{self._count}{suffix}"
            path.write_bytes(data)
            for older in path.parent.iterdir():
                if older != path:
                    older.unlink(missing_ok=True)
            return f"file:{path}"

    def close(self) -> None:
        """Delete what is kept; calling it twice is harmless."""
        with self._lock:
            folder, self._folder = self._folder, None
            if folder is not None:
                folder.cleanup()
