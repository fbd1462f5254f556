"""The product: a frame in, the painted picture out."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engines.base import Batch, Generator
from face_crop.align import Frame, crop, crop_matrix, enlarged
from face_crop.detect import Detector
from face_crop.track import Track, Tracker
from live.calm import Calm
from live.stats import Stopwatch
from live.upscaling import Upscaling
from live.views import FADE_MS, HOLD_MS, PANELS, Person, check_view, compose


class GeneratorLease(Protocol):
    """Lends the generator of the style in force, to one borrower at a time."""

    def lease(self) -> AbstractContextManager[Generator | None]:
        """The generator while the context lasts; None while no style is loaded."""


@dataclass(frozen=True, eq=False)
class Animation:
    """What came out of one frame.

    Attributes:
        picture: RGB uint8, see `live.views.compose`; do not write to it.
        faces: how many faces the frame shows.
        stage_ms: time of "detect" (tracking included), "crop", "generate", "calm", "upscale" where it is on, and
            "paste", milliseconds.
        people: those portrayed in this very frame, by slot.
        frame: RGB uint8 [H, W, 3], what the picture was painted from: an older one while it is frozen.
        time_ms: capture time of `frame`.
        lately: `people` and those who left a moment ago, by slot.
    """

    picture: Frame
    faces: int
    stage_ms: dict[str, float]
    people: tuple[Person, ...]
    frame: Frame
    time_ms: int
    lately: tuple[Person, ...]


@dataclass(frozen=True, eq=False)
class Moment:
    """What a still picture is made of: a frame and the portraits of the people in it.

    Attributes:
        frame: RGB uint8 [H, W, 3], not mirrored; do not write to it.
        people: those portrayed in this frame, by slot.
        captured_at: `time.monotonic()` seconds at which the frame arrived.
        mirror: whether it is shown as in a mirror.
    """

    frame: Frame
    people: tuple[Person, ...]
    captured_at: float
    mirror: bool


@dataclass(frozen=True, eq=False)
class _Still:
    """All that a picture is composed from; see `Animation` for the attributes."""

    frame: Frame
    time_ms: int
    faces: int
    people: tuple[Person, ...]
    lately: tuple[Person, ...]


class Animator:
    """Turns the frames of one stream into painted pictures. One thread calls it; any thread may set `view`, `mirror`,
    `strength` (see `live.views.compose`), `frozen`: the newest picture then stands still, whatever comes, and `always`:
    make portraits even in a view that shows none.
    With `calm` portraits of still faces stand still (`live.calm`).

    Args:
        styles: lends the generator.
        detector: this stream's own; closed by `close`.
        tracker: this stream's own.
        view: one of `live.views.VIEWS`.
        mirror: turn camera and portraits as a mirror does.
        calm: let portraits of still faces stand still.
        upscaling: doubles the side of portraits in `live.views.PANELS` while it is on; by default never.
    """

    def __init__(
        self,
        styles: GeneratorLease,
        detector: Detector,
        tracker: Tracker | None = None,
        *,
        view: str = "side-by-side",
        mirror: bool = False,
        calm: bool = True,
        upscaling: Upscaling | None = None,
    ) -> None:
        self._styles = styles
        self._detector = detector
        self._tracker = tracker or Tracker()
        self._upscaling = upscaling or Upscaling()
        self._calm = Calm()
        self._drawn_by: Generator | None = None
        self._people: list[Person] = []
        self._still: _Still | None = None
        self.view = check_view(view)
        self.mirror = mirror
        self.strength = 1.0
        self.calm = calm
        self.frozen = False
        self.always = False

    def __call__(self, frame: Frame, time_ms: int) -> Animation:
        """Animate one frame.

        Args:
            frame: RGB uint8 [H, W, 3]; is not changed.
            time_ms: capture time, increasing.
        """
        view, mirror, strength, watch = self.view, self.mirror, self.strength, Stopwatch()
        if not self.frozen or self._still is None:
            self._still = self._see(frame, time_ms, view, mirror, watch)
        still = self._still
        picture = compose(view, still.frame, still.lately, still.time_ms, mirror, strength)
        watch.lap("paste")
        return Animation(
            picture, still.faces, watch.laps_ms, still.people, still.frame, still.time_ms, tuple(still.lately)
        )

    def _see(self, frame: Frame, time_ms: int, view: str, mirror: bool, watch: Stopwatch) -> _Still:
        tracks = self._tracker(self._detector(frame, time_ms), time_ms, mirror=mirror)
        seen = [track for track in tracks if track.missing_ms == 0]
        watch.lap("detect")
        portrayed = self._portray(frame, seen, time_ms, view, watch) if self.always or view != "camera" else []
        self._people = _remembered(self._people, portrayed, time_ms)
        return _Still(frame, time_ms, len(seen), tuple(portrayed), tuple(self._people))

    def reset(self) -> None:
        """Forget everybody: the next frame comes from another source."""
        self._detector.reset()
        self._tracker.reset()
        self._calm.reset()
        self._people, self._still = [], None

    def close(self) -> None:
        """Release the detector; calling it twice is harmless."""
        self._detector.close()

    def _portray(self, frame: Frame, tracks: list[Track], time_ms: int, view: str, watch: Stopwatch) -> list[Person]:
        # The lease covers the crops as well: they must have the size of the generator that gets them.
        with self._styles.lease() as generator:
            if generator is None or not tracks:
                return []
            size = generator.size
            matrices = [crop_matrix(track.face, size) for track in tracks]
            crops = np.stack([crop(frame, matrix, size) for matrix in matrices])  # [N,S,S,3]
            watch.lap("crop")
            portraits = in_batches(generator, crops)
            watch.lap("generate")
        portraits = self._calmed(generator, [track.id for track in tracks], crops, portraits, time_ms)
        watch.lap("calm")
        if view in PANELS and (double := self._upscaling.in_force):
            portraits = double(portraits)
            matrices = [enlarged(matrix, portraits.shape[1] / size) for matrix in matrices]
            watch.lap("upscale")
        return [
            Person(track.id, track.slot, portrait, matrix, time_ms, face)
            for track, portrait, matrix, face in zip(tracks, portraits, matrices, crops, strict=True)
        ]

    def _calmed(self, generator: Generator, ids: list[int], crops: Batch, portraits: Batch, time_ms: int) -> Batch:
        if not self.calm or generator is not self._drawn_by:
            self._calm.reset()
        self._drawn_by = generator
        return self._calm(ids, crops, portraits, time_ms) if self.calm else portraits


def in_batches(generator: Generator, crops: Batch) -> Batch:
    """The portraits of any number of crops, uint8 [N, S, S, 3], in calls that the generator allows."""
    most = generator.max_batch or len(crops)
    if len(crops) <= most:
        return generator(crops)
    return np.concatenate([generator(crops[start : start + most]) for start in range(0, len(crops), most)])


def _remembered(before: list[Person], now: list[Person], time_ms: int) -> list[Person]:
    """Those of this frame, and those who left a moment ago, by slot.

    Somebody new in the frame makes those who left forgotten: after a cut in a film nobody shares the panel with ghosts.
    """
    slots, ids = {person.slot for person in now}, {person.id for person in now}
    if ids - {person.id for person in before}:
        return now
    lately = [
        person
        for person in before
        if person.slot not in slots and person.id not in ids and time_ms - person.seen_ms < HOLD_MS + FADE_MS
    ]
    return sorted([*now, *lately], key=lambda person: person.slot)
