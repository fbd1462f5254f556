"""Remembers the source that was chosen last, by its name: a camera's index changes, its name does not."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import replace
from pathlib import Path

from live.config_file import APP
from live.settings import Settings
from live.sources.base import SourceError
from live.sources.catalog import check_spec
from live.sources.media import without_password

_log = logging.getLogger(__name__)


class Memory:
    """A small JSON file in the user's folder for such things.

    Args:
        path: None takes ~/.local/state/twingan-live/last.json, or what this system has instead.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or _state_file()

    def recall(self) -> str:
        """The source chosen last; empty where there is none, or where the file is damaged."""
        try:
            spec = json.loads(self._path.read_text("utf-8"))["source"]
            return check_spec(spec) if isinstance(spec, str) else ""
        except (OSError, ValueError, KeyError, TypeError, SourceError):
            return ""

    def remember(self, spec: str) -> None:
        """Write a source down, if it will mean the same next time and holds no secret; never fails."""
        if not is_lasting(spec):
            return
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_text(json.dumps({"source": spec}) + "\n", "utf-8")
            draft.replace(self._path)
        except OSError as error:
            _log.warning("the choice of source is not remembered: %s", error)


def is_lasting(spec: str) -> bool:
    """Whether a source means the same next time: not an index, not an uploaded file, no address with a password."""
    kind, _, rest = spec.partition(":")
    if kind == "camera":
        return not rest.isdigit()
    return spec in ("demo", "pattern") or ("://" in spec and spec == without_password(spec))


def recalled(settings: Settings, memory: Memory) -> Settings:
    """The settings with the source chosen last, where the operator left that open."""
    spec = memory.recall() if settings.remember and settings.source == "auto" else ""
    return replace(settings, source=spec) if spec else settings


def _state_file() -> Path:
    from platformdirs import user_state_path

    return user_state_path(APP, appauthor=False) / "last.json"
