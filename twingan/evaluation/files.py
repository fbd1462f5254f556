"""Files that are never half written."""

from __future__ import annotations

from pathlib import Path


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file, or leave the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data)
    partial.replace(path)
