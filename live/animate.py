"""The product: a frame in, the painted picture out."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engines.base import Batch, Generator
from face_crop.align import Frame, crop, crop_matrix
from face_crop.detect import Detector
from face_crop.track import Track, Tracker
from live.stats import Stopwatch
from live.views import FADE_MS, HOLD_MS, Person, check_view, compose


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
        stage_ms: time of "detect" (tracking included), "crop", "generate" and "paste", milliseconds.
    """

    picture: Frame
    faces: int
    stage_ms: dict[str, float]


class Animator:
    """Turns the frames of one stream into painted pictures. One thread calls it; any thread may set `view`, `mirror`.

    Args:
        styles: lends the generator.
        detector: this stream's own; closed by `close`.
        tracker: this stream's own.
        view: one of `live.views.VIEWS`.
        mirror: turn camera and portraits as a mirror does.
    """

    def __init__(
        self,
        styles: GeneratorLease,
        detector: Detector,
        tracker: Tracker | None = None,
        *,
        view: str = "side-by-side",
        mirror: bool = False,
    ) -> None:
        self._styles = styles
        self._detector = detector
        self._tracker = tracker or Tracker()
        self._people: list[Person] = []
        self.view = check_view(view)
        self.mirror = mirror

    def __call__(self, frame: Frame, time_ms: int) -> Animation:
        """Animate one frame.

        Args:
            frame: RGB uint8 [H, W, 3]; is not changed.
            time_ms: capture time, increasing.
        """
        view, mirror = self.view, self.mirror
        watch = Stopwatch()
        tracks = self._tracker(self._detector(frame, time_ms), time_ms)
        seen = [track for track in tracks if track.missing_ms == 0]
        watch.lap("detect")
        portrayed = self._portray(frame, seen, time_ms, watch) if view != "camera" else []
        self._people = _remembered(self._people, portrayed, time_ms)
        picture = compose(view, frame, self._people, time_ms, mirror)
        watch.lap("paste")
        return Animation(picture, len(seen), watch.laps_ms)

    def reset(self) -> None:
        """Forget everybody: the next frame comes from another source."""
        self._tracker.reset()
        self._people = []

    def close(self) -> None:
        """Release the detector; calling it twice is harmless."""
        self._detector.close()

    def _portray(self, frame: Frame, tracks: list[Track], time_ms: int, watch: Stopwatch) -> list[Person]:
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
        return [
            Person(track.id, track.slot, portrait, matrix, time_ms)
            for track, portrait, matrix in zip(tracks, portraits, matrices, strict=True)
        ]


def in_batches(generator: Generator, crops: Batch) -> Batch:
    """The portraits of any number of crops, uint8 [N, S, S, 3], in calls that the generator allows."""
    most = generator.max_batch or len(crops)
    if len(crops) <= most:
        return generator(crops)
    return np.concatenate([generator(crops[start : start + most]) for start in range(0, len(crops), most)])


def _remembered(before: list[Person], now: list[Person], time_ms: int) -> list[Person]:
    """Those of this frame, and those who left a moment ago and whose slot is still free, by slot."""
    taken = {person.slot for person in now}
    ids = {person.id for person in now}
    lately = [
        person
        for person in before
        if person.slot not in taken and person.id not in ids and time_ms - person.seen_ms < HOLD_MS + FADE_MS
    ]
    return sorted([*now, *lately], key=lambda person: person.slot)
