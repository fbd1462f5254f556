"""Which files are read and where their results go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stills.io import SUFFIXES, find_pictures

SHEET = "contact-sheet"


class UsageError(ValueError):
    """Input and output that do not go together; the message is one line for the user."""


@dataclass(frozen=True)
class Job:
    """One picture to translate.

    Attributes:
        source: file to read.
        target: file to write; several faces are numbered by `numbered`.
        label: what to call it for people, relative to the input folder.
    """

    source: Path
    target: Path
    label: str


def plan(source: Path, output: Path, *, recursive: bool = False) -> list[Job]:
    """What to do with one picture or a folder of them.

    Args:
        source: a picture, or a folder.
        output: for a picture a file (if it ends like one) or a folder; for a folder a folder.
        recursive: look in the folders of a folder too; relative names are kept.

    Raises:
        UsageError: nothing to read, or the result would fall on the input.
    """
    if source.is_dir():
        return _plan_folder(source, output, recursive)
    if not source.exists():
        raise UsageError(f"{source}: no such file or folder")
    if output.suffix.lower() in SUFFIXES and not output.is_dir():
        target = output
    elif output.suffix and not output.is_dir():
        raise UsageError(f"{output}: cannot write {output.suffix}; use one of {', '.join(SUFFIXES)}, or a folder")
    else:
        target = output / _writable(Path(source.name))
    if _same(source, target):
        raise UsageError(f"{target} is the input itself: give another output")
    return [Job(source, target, source.name)]


def sheet_path(source: Path, output: Path, jobs: list[Job]) -> Path:
    """Where the contact sheet of these jobs goes: into the output folder, or beside the one result."""
    if source.is_dir():
        path = output / f"{SHEET}.jpg"
    else:
        path = jobs[0].target.with_name(f"{jobs[0].target.stem}-{SHEET}.jpg")
    while any(job.target.stem.startswith(path.stem) and job.target.parent == path.parent for job in jobs):
        path = path.with_stem(path.stem + "_")
    return path


def numbered(target: Path, number: int, count: int) -> Path:
    """The file of one of several faces: `-1`, `-2` ... before the suffix; of a single one the target itself."""
    return target if count == 1 else target.with_stem(f"{target.stem}-{number}")


def _plan_folder(source: Path, output: Path, recursive: bool) -> list[Job]:
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file: the output of a folder must be a folder")
    if _same(source, output):
        raise UsageError(f"{output} is the input folder: give another one for the output, nothing is overwritten")
    sources = find_pictures(source, recursive=recursive, without=output)
    if not sources:
        deeper = "" if recursive else "; --recursive looks in its folders too"
        raise UsageError(f"{source}: no pictures in it ({', '.join(SUFFIXES)}){deeper}")
    jobs: dict[Path, Job] = {}
    for path in sources:
        name = path.relative_to(source)
        target = output / _writable(name)
        while target in jobs:  # a.gif beside a.png
            target = target.with_stem(target.stem + "_")
        if any(_same(target, other) for other in (path, source / _writable(name))):
            raise UsageError(f"{target} is an input file: give another output folder")
        jobs[target] = Job(path, target, str(name))
    return list(jobs.values())


def _writable(name: Path) -> Path:
    """A drawing in 256 colours is none: GIF becomes PNG."""
    return name.with_suffix(".png") if name.suffix.lower() == ".gif" or not name.suffix else name


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
