"""Where to look for faces: the whole frame, parts of it, and close-ups of the faces already known. Pure policy.

The detector shrinks every picture to 128 x 128. In a whole frame it finds faces from 13 % of the longer side on, and
the key points of small ones are rough; in a close-up the same face fills a good third of what it sees. The figures
behind the constants are in docs/decisions/0002-smoothing.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from face_crop.face import Face

CLOSE_UP = 2.5
"""Side of a close-up in widths of the face's box."""
OVERLAP = 0.22
"""Least overlap of two tiles in their sides: a face too small for the whole 16:9 frame is entire in one of two."""
SURE = 0.65
"""Least score in its close-up of a face that was not known before. Real faces reach 0.79 and more (0.74 turned by 60
degrees), leaves, cloth and shadows that pass for a face at first sight rarely this."""
SAME = 0.3
"""Two boxes that overlap (intersection over union) by more are one face."""

Frame = npt.NDArray[np.uint8]
Look = Callable[[Frame], list[Face]]
"""Finds the faces in a picture RGB uint8 [H, W, 3], in that picture's own pixels."""


@dataclass(frozen=True)
class Window:
    """A part of a frame in pixels; right and bottom are excluded."""

    left: int
    top: int
    right: int
    bottom: int

    def look(self, look: Look, frame: Frame) -> list[Face]:
        """Faces in this part, in the frame's pixels."""
        shift = np.array([self.left, self.top], np.float32)
        found = look(frame[self.top : self.bottom, self.left : self.right])
        return [Face(face.box + np.tile(shift, 2), face.keypoints + shift, face.score) for face in found]


class Search:
    """Looks for faces in the frames of one stream: at each known face closely, and now and then everywhere.

    Args:
        look: finds the faces in one picture.
        most: so many faces are followed at once; those known longest stay.
        every: the whole frame and one of its tiles are searched in every so many frames, and in each while nobody
            is known or somebody was lost.
    """

    def __init__(self, look: Look, most: int = 4, every: int = 3) -> None:
        self._look = look
        self._most = most
        self._every = every
        self._frames = 0
        self._searches = 0
        self._known: list[Face] = []

    def __call__(self, frame: Frame) -> list[Face]:
        """Faces in the next frame, RGB uint8 [H, W, 3]; those known before come first."""
        found = [seen for face in self._known if (seen := look_closer(self._look, frame, face))]
        if len(found) < len(self._known) or not found or self._frames % self._every == 0:
            found += self._newcomers(frame, found)
        self._frames += 1
        self._known = distinct(found)[: self._most]
        return self._known

    def forget(self) -> None:
        """Nobody is known any more."""
        self._known = []

    def _newcomers(self, frame: Frame, known: list[Face]) -> list[Face]:
        windows = [whole(frame)]
        parts = tiles(frame)
        if parts:
            windows.append(parts[self._searches % len(parts)])
        self._searches += 1
        seen = [face for window in windows for face in window.look(self._look, frame)]
        return confirmed(self._look, frame, distinct(known + seen)[len(known) :])


def look_everywhere(look: Look, frame: Frame) -> list[Face]:
    """Faces in a still picture, largest first.

    The whole is looked at, then its tiles, then ever smaller tiles while nobody is found or the last ones brought
    somebody new to light, as in the picture of a group.
    """
    found = confirmed(look, frame, whole(frame).look(look, frame))
    for share in (1.0, 0.5, 0.25):
        seen = [face for tile in tiles(frame, share) for face in tile.look(look, frame)]
        new = confirmed(look, frame, distinct(found + seen)[len(found) :])
        before, found = len(found), distinct(found + new)
        if found and len(found) == before:
            break
    return sorted(found, key=area, reverse=True)


def confirmed(look: Look, frame: Frame, faces: list[Face]) -> list[Face]:
    """Those faces that are sure in a close-up, as seen there."""
    closer = [look_closer(look, frame, face) for face in faces]
    return distinct([face for face in closer if face is not None and face.score >= SURE])


def look_closer(look: Look, frame: Frame, face: Face) -> Face | None:
    """A face as seen in a close-up around it, or None where none is there."""
    seen = [other for other in close_up(frame, face).look(look, frame) if overlap(face, other) > SAME]
    return max(seen, key=lambda other: overlap(face, other), default=None)


def whole(frame: Frame) -> Window:
    """The window that is the whole frame."""
    return Window(0, 0, frame.shape[1], frame.shape[0])


def close_up(frame: Frame, face: Face) -> Window:
    """A square around a face, moved and cut to lie inside the frame."""
    height, width = frame.shape[:2]
    left, top, right, bottom = face.box
    side = max(round(float(max(right - left, bottom - top)) * CLOSE_UP), 1)
    start_x, end_x = _span(float(left + right) / 2, side, width)
    start_y, end_y = _span(float(top + bottom) / 2, side, height)
    return Window(start_x, start_y, end_x, end_y)


def tiles(frame: Frame, share: float = 1.0) -> list[Window]:
    """Overlapping squares that together cover a frame.

    Args:
        frame: uint8 [H, W, 3].
        share: their side, in shorter sides of the frame.

    Returns:
        Squares, or nothing where one square is all but the whole frame.
    """
    height, width = frame.shape[:2]
    side = max(round(min(height, width) * share), 1)
    if max(height, width) < 1.2 * side:
        return []
    return [
        Window(left, top, left + side, top + side) for top in _starts(height, side) for left in _starts(width, side)
    ]


def _starts(length: int, side: int) -> list[int]:
    """Where squares of a side begin that cover a length and overlap by the share `OVERLAP` or more."""
    count = 1 + int(np.ceil((length - side) / (side * (1 - OVERLAP)) - 1e-9))
    return [round(i * (length - side) / max(count - 1, 1)) for i in range(count)]


def distinct(faces: list[Face]) -> list[Face]:
    """The faces without those that were found twice; the first of each stays."""
    kept: list[Face] = []
    for face in faces:
        if all(overlap(face, other) <= SAME for other in kept):
            kept.append(face)
    return kept


def area(face: Face) -> float:
    """Area of a face's box in square pixels."""
    return float(np.prod(face.box[2:] - face.box[:2]))


def overlap(one: Face, other: Face) -> float:
    """Intersection over union of two faces' boxes, 0 .. 1."""
    low, high = np.maximum(one.box[:2], other.box[:2]), np.minimum(one.box[2:], other.box[2:])
    common = float(np.prod(np.maximum(high - low, 0)))
    return common / (area(one) + area(other) - common)


def _span(middle: float, side: int, length: int) -> tuple[int, int]:
    start = int(np.clip(round(middle - side / 2), 0, max(length - side, 0)))
    return start, min(start + side, length)
