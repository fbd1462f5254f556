"""The files of a benchmark: a JSON report with all figures, and a plot and a table beside it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

FORMAT = "twingan-live-bench-1"
"""Value of the entry `format` of every report that this version reads."""
NEEDED = ("machine", "graph", "date", "generator", "live", "limits")


class ReportError(ValueError):
    """A report that cannot be read or written; the message is one line, for people."""


def check_writable(path: Path) -> None:
    """Find out before a run of minutes whether its report can be written; creates the folder.

    Raises:
        ReportError: it cannot.
    """
    if path.is_dir() or path.suffix != ".json":
        raise ReportError(f"--output names the report, a file ending in .json; got {path}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        if path.exists():
            path.open("ab").close()
    except OSError as error:
        raise ReportError(_unwritable(path, error)) from None


def write(path: Path, text: str) -> None:
    """Write a file at once or not at all: a temporary one beside it, then a rename.

    Raises:
        ReportError: the disk is full or the folder cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise ReportError(_unwritable(path, error)) from None


def write_report(path: Path, report: dict[str, Any]) -> None:
    """Write the report itself; raises as `write` does."""
    write(path, json.dumps(report, indent=1) + "\n")


def read_report(path: Path) -> dict[str, Any]:
    """Read a report back.

    Raises:
        ReportError: it is missing, no JSON, or no report of this version.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportError(f"{path} cannot be read ({error.strerror}): check the path") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ReportError(f"{path} is no JSON ({error}): it was cut off or is another file") from None
    if not isinstance(report, dict) or report.get("format") != FORMAT:
        found = report.get("format") if isinstance(report, dict) else type(report).__name__
        raise ReportError(f"{path} is no report of this version (format {found!r}, expected {FORMAT!r}): measure again")
    if missing := [name for name in NEEDED if name not in report]:
        raise ReportError(f"{path} lacks {', '.join(missing)}: measure again")
    return report


def _unwritable(path: Path, error: OSError) -> str:
    return f"cannot write {path} ({error.strerror}): choose another place with --output"
