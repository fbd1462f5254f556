"""The run over many pictures: one that fails is told and counted, the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from stills.io import PictureError, read_picture, write_picture
from stills.paint import Finder, Painted, Painter, Request
from stills.plan import Job, numbered
from stills.sheet import ContactSheet


@dataclass
class Tally:
    """How many pictures came out how."""

    translated: int = 0
    portraits: int = 0
    faceless: int = 0
    unreadable: int = 0
    unwritable: int = 0

    @property
    def complete(self) -> bool:
        """Every picture gave its portraits."""
        return not (self.faceless or self.unreadable or self.unwritable)

    def __str__(self) -> str:
        """One line for people."""
        portraits = f"{self.portraits} portrait{'' if self.portraits == 1 else 's'}"
        parts = [f"{self.translated} translated ({portraits})"]
        parts += [f"{self.faceless} without a face", f"{self.unreadable} unreadable"]
        return ", ".join(parts + ([f"{self.unwritable} could not be written"] if self.unwritable else []))


class Run:
    """Reads, paints and writes pictures one after the other.

    Args:
        finder: finds the crops.
        painter: draws them.
        sheet: takes every pair of crop and portrait, or None.
        complain: takes a line about a picture that failed.
    """

    def __init__(
        self, finder: Finder, painter: Painter, sheet: ContactSheet | None, complain: Callable[[str], None]
    ) -> None:
        self._finder = finder
        self._painter = painter
        self._sheet = sheet
        self._complain = complain
        self.tally = Tally()

    def __call__(self, jobs: Iterable[Job]) -> Tally:
        """Do all jobs.

        Raises:
            EngineError: the generator failed; pictures already painted are written.
        """
        for job in jobs:
            request = self._read(job)
            if request is not None:
                self._write(self._painter.add(request))
        self._write(self._painter.flush())
        if self._sheet is not None:
            self._guard(self._sheet.close)
        return self.tally

    def _read(self, job: Job) -> Request | None:
        try:
            frame = read_picture(job.source)
        except PictureError as error:
            self.tally.unreadable += 1
            self._complain(str(error))
            return None
        crops_from_frame = self._finder(frame)
        if not crops_from_frame:
            self.tally.faceless += 1
            self._complain(f"{job.source}: no face found; turn it upright, or use --no-crop for a ready crop")
            return None
        return Request(job, frame, crops_from_frame)

    def _write(self, done: list[Painted]) -> None:
        for painted in done:
            self._guard(partial(self._keep, painted))

    def _keep(self, painted: Painted) -> None:
        count = len(painted.results)
        for number, result in enumerate(painted.results, 1):
            write_picture(numbered(painted.job.target, number, count), result)
        self.tally.translated += 1
        self.tally.portraits += len(painted.pairs)
        if self._sheet is not None:
            for number, (before, after) in enumerate(painted.pairs, 1):
                suffix = f" ({number})" if len(painted.pairs) > 1 else ""
                self._sheet.add(painted.job.label + suffix, before, after)

    def _guard(self, write: Callable[[], None]) -> None:
        try:
            write()
        except PictureError as error:
            self.tally.unwritable += 1
            self._complain(str(error))
