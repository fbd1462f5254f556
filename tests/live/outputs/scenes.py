"""Scenes for tests of outputs, and a stage that hands them out."""

from __future__ import annotations

import numpy as np

from face_crop.align import Frame, crop_matrix
from live.outputs.scene import Scene, Tap, Taps
from live.views import Person
from tests.live.fakes import face_at

SIZE = 32


class FakeStage:
    """Has of `live.session.Session` what outputs use; the test paints."""

    def __init__(self) -> None:
        self.taps = Taps()

    def attach(self, depth: int = 1) -> Tap:
        """See `Session`."""
        return self.taps.attach(depth)


def person(slot: int = 0, portrait: Frame | None = None, seen_ms: int = 0, face: Frame | None = None) -> Person:
    """Somebody with a blue portrait."""
    if portrait is None:
        portrait = np.full((SIZE, SIZE, 3), (10, 20, 200), np.uint8)
    return Person(slot, slot, portrait, crop_matrix(face_at(), SIZE), seen_ms, face)


def scene(
    picture: Frame, at_s: float = 0.0, *people: Person, sequence: int = 1, view: str = "camera", mirror: bool = False
) -> Scene:
    """A scene whose frame is the picture; a mirrored one shows it turned."""
    shown = np.ascontiguousarray(picture[:, ::-1]) if mirror else picture
    return Scene(shown, picture, people, round(at_s * 1000), at_s, sequence, view, mirror)


def two_colours(width: int = 64, height: int = 48) -> Frame:
    """Left half red, right half green: tells colour order and mirroring."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2] = (230, 30, 30)
    picture[:, width // 2 :] = (30, 230, 30)
    return picture
