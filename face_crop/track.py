"""Which face is which over time, and a crop that stands still when the face does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from face_crop.face import Face
from face_crop.smooth import PoseFilter, Smoothing

COAST_MS = 300
"""A face that is not found for so long keeps its place; a blink of the detector is not a departure."""
SURE = 0.75
"""A face found with this score is shown at once; a less certain one when it is found a second time."""
SETTLE_MS, GONE_MS = 500, 100
"""People who came within so long get their places anew, in reading order, once all others are missing for so long: a
film cuts to other people, who are not found all at once."""
REACH = 1.0
"""A face may be found so far from where it was expected, in widths of its box; more is another face."""


@dataclass(frozen=True, eq=False)
class Track:
    """One person over time.

    Attributes:
        id: never used again for another person by the same tracker.
        slot: 0 .. max_faces - 1, kept as long as the track lives but for its first moments (`SETTLE_MS`); the lowest
            free one is given out first, to those who come in the same frame from left to right; where one stands under
            another, row by row.
        face: the face, smoothed: `crop_matrix(track.face, size)` is the steady crop. While the face is not found it is
            the last one.
        missing_ms: time since the face was last found; 0 in a frame in which it is.
    """

    id: int
    slot: int
    face: Face
    missing_ms: int = 0


class Tracker:
    """Follows faces through the frames of one stream.

    Faces are matched to tracks by the distance to where the track's motion leads and by size, nearest pair first.
    Tracks keep their slot while their faces are found; further faces than slots wait until one is free.

    Args:
        max_faces: number of slots.
        coast_ms: a track that is not found for longer than this is dropped.
        smoothing: see `face_crop.smooth.Smoothing`; its values were measured, see docs/decisions/0002-smoothing.md.
    """

    def __init__(self, max_faces: int = 4, *, coast_ms: int = COAST_MS, smoothing: Smoothing | None = None) -> None:
        if max_faces < 1:
            raise ValueError(f"a tracker needs at least 1 slot, got {max_faces}")
        self._max_faces = max_faces
        self._coast_ms = coast_ms
        self._smoothing = smoothing or Smoothing()
        self._people: list[_Person] = []
        self._next_id = 0
        self._now = -1

    def __call__(self, faces: list[Face], time_ms: int, *, mirror: bool = False) -> list[Track]:
        """Take in the faces of one frame.

        Args:
            faces: what the detector found, in any order.
            time_ms: capture time. A time that does not increase is taken as a millisecond after the last one.
            mirror: people see the frame turned as a mirror does, which makes its right their left.

        Returns:
            Tracks that are seen or coasting, by slot.
        """
        self._now = max(self._now + 1, time_ms)
        self._people = [person for person in self._people if self._now - person.seen_ms <= self._coast_ms]
        known = _matches(self._people, faces, self._now)
        for person, face in known:
            person.see(face, self._now)
        taken = {id(face) for _, face in known}
        self._drop_flukes()
        self._people += [_Person(face, self._now, self._smoothing) for face in faces if id(face) not in taken]
        self._settle(mirror)
        self._give_slots(mirror)
        tracks = [person.track(self._now) for person in self._people if person.slot is not None]
        return sorted(tracks, key=lambda track: track.slot)

    def reset(self) -> None:
        """Forget everybody, for example when the source changes. Identities are not used again."""
        self._people = []

    def _drop_flukes(self) -> None:
        """A first sighting that was not sure and is not repeated at once was no face."""
        self._people = [person for person in self._people if person.slot is not None or person.seen_ms == self._now]

    def _settle(self, mirror: bool) -> None:
        """Where all who are found came a moment ago, the others are gone for good."""
        new = [person for person in self._people if self._now - person.since_ms <= SETTLE_MS]
        old = [person for person in self._people if person not in new]
        placed = [person for person in new if person.slot is not None]
        if not placed or any(self._now - person.seen_ms < GONE_MS for person in old):
            return
        self._people = new
        for slot, person in enumerate(_in_reading_order(placed, mirror)):
            person.slot = slot

    def _give_slots(self, mirror: bool) -> None:
        """Where there are too few slots the larger faces get them."""
        free = sorted(set(range(self._max_faces)) - {person.slot for person in self._people})
        waiting = [person for person in self._people if person.slot is None and person.confirmed]
        chosen = sorted(waiting, key=lambda person: -person.width)[: len(free)]
        for person, slot in zip(_in_reading_order(chosen, mirror), free, strict=False):
            person.slot, person.id = slot, self._next_id
            self._next_id += 1


class _Person:
    """What the tracker knows about one face."""

    def __init__(self, face: Face, now: int, smoothing: Smoothing) -> None:
        self.id = -1
        self.slot: int | None = None
        self.seen_ms = self.since_ms = now
        self.confirmed = face.score >= SURE
        self.raw = face
        self._filter = PoseFilter(smoothing)
        self.smooth = self._filter(face, 0.0)

    @property
    def width(self) -> float:
        return float(self.raw.box[2] - self.raw.box[0])

    def see(self, face: Face, now: int) -> None:
        self.smooth = self._filter(face, (now - self.seen_ms) / 1000)
        self.raw, self.seen_ms, self.confirmed = face, now, True

    def track(self, now: int) -> Track:
        assert self.slot is not None
        return Track(id=self.id, slot=self.slot, face=self.smooth, missing_ms=now - self.seen_ms)

    def strangeness(self, face: Face, now: int) -> float:
        """How badly a face fits: 0 where it is expected, above `REACH` out of the question."""
        ahead = self._filter.velocity * ((now - self.seen_ms) / 1000)
        expected = _middle(self.raw) + ahead
        ratio = abs(float(np.log(max(face.box[2] - face.box[0], 1e-3) / self.width)))
        return float(np.linalg.norm(_middle(face) - expected)) / self.width + 0.5 * ratio


def _matches(people: list[_Person], faces: list[Face], now: int) -> list[tuple[_Person, Face]]:
    """Pairs of a person and a face, best fit first, each used once; shown tracks before new sightings."""
    costs = [
        (person.slot is None, person.strangeness(face, now), p, f)
        for p, person in enumerate(people)
        for f, face in enumerate(faces)
    ]
    pairs: list[tuple[int, int]] = []
    for _, cost, p, f in sorted(costs):
        if cost <= REACH and all(p != q and f != g for q, g in pairs):
            pairs.append((p, f))
    return [(people[p], faces[f]) for p, f in pairs]


def _in_reading_order(people: list[_Person], mirror: bool) -> list[_Person]:
    """From left to right; row by row only where one stands under another: a child beside a parent is in its row."""
    if not any(_is_under(person, other) for person in people for other in people):
        return _from_left(people, mirror)
    rows: list[list[_Person]] = []
    for person in sorted(people, key=lambda person: float(_middle(person.raw)[1])):
        if rows and _middle(person.raw)[1] - _middle(rows[-1][0].raw)[1] <= person.width:
            rows[-1].append(person)
        else:
            rows.append([person])
    return [person for row in rows for person in _from_left(row, mirror)]


def _is_under(person: _Person, other: _Person) -> bool:
    right, down = _middle(person.raw) - _middle(other.raw)
    apart = (person.width + other.width) / 2
    return bool(abs(right) < apart < down)


def _from_left(people: list[_Person], mirror: bool) -> list[_Person]:
    return sorted(people, key=lambda person: float(_middle(person.raw)[0]), reverse=mirror)


def _middle(face: Face) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.asarray((face.box[:2] + face.box[2:]) / 2, np.float32)
