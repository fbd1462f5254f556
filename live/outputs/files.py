"""The folder into which recordings and snapshots go, and their names."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

RESERVE_BYTES = 200 * 1024 * 1024
"""So much of the disk is left free: a full one breaks more than a recording."""

Free = Callable[[Path], int]


class OutputError(Exception):
    """An output cannot start or go on; the message is one line for people, with the remedy."""


def check_folder(folder: Path | None) -> Path:
    """The folder itself, made where it is missing.

    Raises:
        OutputError: none was chosen, or it cannot be written to.
    """
    if folder is None:
        raise OutputError("no folder was chosen for recordings: choose one, or start with --recordings FOLDER")
    folder = folder.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".twingan-live-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror or error}. Choose another folder.") from error
    return folder


def check_room(folder: Path, free: Free) -> None:
    """Raise where the disk is nearly full.

    Raises:
        OutputError: less than `RESERVE_BYTES` are free.
    """
    left = free(folder)
    if left < RESERVE_BYTES:
        raise OutputError(
            f"the disk is full: {left // 2**20} MB are left in {folder}, {RESERVE_BYTES // 2**20} MB are kept free. "
            "Delete something, or choose another folder."
        )


def free_bytes(folder: Path) -> int:
    """How much can still be written."""
    return shutil.disk_usage(folder).free


def named_by_time(folder: Path, suffix: str, now: datetime) -> Path:
    """A file that does not exist yet, named to the second; within one second -2, -3 ... follow."""
    stem = f"twingan-live-{now:%Y-%m-%d-%H-%M-%S}"
    names = (f"{stem}{'' if number == 1 else f'-{number}'}{suffix}" for number in range(1, 10_000))
    return next(folder / name for name in names if not (folder / name).exists())
