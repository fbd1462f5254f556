"""Painting what a viewer sees out of a frame and its portraits. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from face_crop.align import Frame, Matrix
from face_crop.paste import paste_back

VIEWS = ("side-by-side", "portrait", "paste", "camera")
"""Camera beside portraits, portraits only, portraits pasted into the camera's frame, camera only."""

PANELS = ("side-by-side", "portrait")
"""Those of the views that show portraits in a panel, larger than in the camera's frame."""
HOLD_MS, FADE_MS = 500, 500
"""In a panel a portrait stays so long after its face was last seen, then fades for so long."""
PASTED_MS = 300
"""A pasted portrait is gone so long after its face was last seen: it must not hang in the air."""
BACKDROP = 16
"""The backdrop is the frame at 1 / BACKDROP of its size, blurred and dimmed: nobody can be recognised in it."""


@dataclass(frozen=True, eq=False)
class Person:
    """One person to paint.

    Attributes:
        id: the track's.
        slot: place among the portraits, from 0.
        portrait: RGB uint8 [S, S, 3].
        crop_from_frame: float64 [2, 3], where the portrait belongs in the frame, for its side.
        seen_ms: capture time of the frame that the portrait was made from.
        face: RGB uint8 [C, C, 3], the crop that the portrait was made from, smaller than an upscaled portrait; None
            where nobody blends it in.
    """

    id: int
    slot: int
    portrait: Frame
    crop_from_frame: Matrix
    seen_ms: int
    face: Frame | None = None

    def drawn(self, strength: float) -> Frame:
        """The portrait, blended with the face: RGB uint8 [S, S, 3]; strength 1 is the portrait alone, 0 the face."""
        if strength == 1 or self.face is None:
            return self.portrait
        face = self.face
        if face.shape != self.portrait.shape:
            face = np.asarray(cv2.resize(face, self.portrait.shape[:2], interpolation=cv2.INTER_CUBIC), np.uint8)
        return np.asarray(cv2.addWeighted(self.portrait, strength, face, 1 - strength, 0), np.uint8)


def check_view(view: str) -> str:
    """The view itself.

    Raises:
        ValueError: there is no such view; the message lists them.
    """
    if view not in VIEWS:
        raise ValueError(f"unknown view {view!r}: choose one of {', '.join(VIEWS)}")
    return view


def check_strength(strength: float) -> float:
    """The strength itself.

    Raises:
        ValueError: not from 0 to 1.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must be 0 .. 1, got {strength}")
    return strength


def compose(
    view: str, frame: Frame, people: Sequence[Person], time_ms: int, mirror: bool = False, strength: float = 1.0
) -> Frame:
    """Paint a view.

    Args:
        view: one of `VIEWS`.
        frame: RGB uint8 [H, W, 3]; is not changed.
        people: those seen lately, by slot.
        time_ms: capture time of the frame.
        mirror: turn camera and portraits as a mirror does.
        strength: 0 shows the faces, 1 the portraits, values between a blend of both.

    Returns:
        RGB uint8: [H, W + H, 3] side by side, else [H, W, 3]; "camera" may return the frame itself.
    """
    check_view(view)
    height, width = frame.shape[:2]
    if view == "camera":
        return _turned(frame, mirror)
    if view == "paste":
        return _turned(_pasted(frame, people, time_ms, strength), mirror)
    picture = np.empty((height, width + height if view == "side-by-side" else width, 3), np.uint8)
    if view == "side-by-side":
        picture[:, :width] = _turned(frame, mirror)
        paint_panel(picture[:, width:], frame, people, time_ms, mirror, strength)
    else:
        paint_panel(picture, frame, people, time_ms, mirror, strength)
    return picture


def paint_panel(
    panel: Frame,
    frame: Frame,
    people: Sequence[Person],
    time_ms: int,
    mirror: bool = False,
    strength: float = 1.0,
) -> None:
    """Fill a panel with a grid of portraits over a backdrop, or with a silhouette where there is nobody.

    Args:
        panel: RGB uint8 [h, w, 3], overwritten.
        frame: RGB uint8 [H, W, 3] for the backdrop.
        people: those seen lately, by slot.
        time_ms: capture time of the frame.
        mirror: turn the portraits as a mirror does.
        strength: see `compose`.
    """
    shown = shown_in_panel(people, time_ms)
    cells = grid(len(shown), panel.shape[1], panel.shape[0])
    covered = len(shown) == 1 and shown[0][1] == 1 and cells[0][2:] == (panel.shape[1], panel.shape[0])
    if not covered:
        panel[:] = _backdrop(frame, panel.shape[1], panel.shape[0])
    if not shown:
        _draw_silhouette(panel)
    for (person, opacity), (left, top, width, height) in zip(shown, cells, strict=True):
        cell = panel[top : top + height, left : left + width]
        if cell.size:  # a panel of a few pixels has no room for everybody
            _show(cell, _turned(person.drawn(strength), mirror), opacity)


def shown_in_panel(people: Sequence[Person], time_ms: int) -> list[tuple[Person, float]]:
    """Who has a place in a panel, by slot, and how opaque: 0 (excluded) .. 1.

    Those who fade out do so only where nobody else is left: they must not take room from people who are there.
    """
    shown = [(person, opacity_in_panel(time_ms - person.seen_ms)) for person in people]
    present = [(person, opacity) for person, opacity in shown if opacity == 1]
    return present or [(person, opacity) for person, opacity in shown if opacity > 0]


def grid(count: int, width: int, height: int) -> list[tuple[int, int, int, int]]:
    """`count` equal squares, as large as possible, row by row in the middle of a panel.

    Returns:
        (left, top, width, height) of each in pixels, by slot.
    """
    if count == 0:
        return []
    # Where two shapes give equal squares, people stand beside each other rather than above.
    columns = max(range(1, count + 1), key=lambda n: (min(width // n, height // -(-count // n)), n))
    rows = -(-count // columns)
    side = max(1, min(width // columns, height // rows))
    top = (height - rows * side) // 2
    cells = []
    for index in range(count):
        row, column = divmod(index, columns)
        in_row = min(columns, count - row * columns)
        cells.append(((width - in_row * side) // 2 + column * side, top + row * side, side, side))
    return cells


def opacity_in_panel(gone_ms: int) -> float:
    """1 while the face is seen and for `HOLD_MS` after, then down to 0 within `FADE_MS`."""
    return min(1.0, max(0.0, (HOLD_MS + FADE_MS - gone_ms) / FADE_MS))


def opacity_in_frame(gone_ms: int) -> float:
    """1 while the face is seen and for half of `PASTED_MS` after, then down to 0 within the other half."""
    return min(1.0, max(0.0, 2 - 2 * gone_ms / PASTED_MS))


def _pasted(frame: Frame, people: Sequence[Person], time_ms: int, strength: float) -> Frame:
    picture = frame.copy()
    for person in people:
        opacity = opacity_in_frame(time_ms - person.seen_ms)
        paste_back(picture, person.portrait, person.crop_from_frame, opacity * strength, out=picture)
    return picture


def _show(cell: Frame, portrait: Frame, opacity: float) -> None:
    """Scale a portrait into a cell of the picture, over what is there."""
    scaled = np.asarray(cv2.resize(portrait, (cell.shape[1], cell.shape[0]), interpolation=cv2.INTER_CUBIC), np.uint8)
    cell[:] = scaled if opacity == 1 else cv2.addWeighted(scaled, opacity, cell, 1 - opacity, 0)


def _turned(picture: Frame, mirror: bool) -> Frame:
    return np.asarray(cv2.flip(picture, 1), np.uint8) if mirror else picture


def _backdrop(frame: Frame, width: int, height: int) -> Frame:
    """The middle of the frame in the panel's aspect, blurred beyond recognition and dimmed: uint8 [height,width,3]."""
    frame_height, frame_width = frame.shape[:2]
    scale = min(frame_width / width, frame_height / height)
    cut_width, cut_height = max(1, int(width * scale)), max(1, int(height * scale))
    left, top = (frame_width - cut_width) // 2, (frame_height - cut_height) // 2
    cut = frame[top : top + cut_height, left : left + cut_width]
    size = (max(1, cut_width // BACKDROP), max(1, cut_height // BACKDROP))
    small = cv2.GaussianBlur(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), (0, 0), 2.5)
    dimmed = cv2.convertScaleAbs(small, alpha=0.45)
    return np.asarray(cv2.resize(dimmed, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _draw_silhouette(panel: Frame) -> None:
    """Head and shoulders in the middle: a person belongs here. A drawing needs no translation."""
    height, width = panel.shape[:2]
    side = min(height, width)
    middle = (width // 2, height // 2)
    drawn = panel.copy()
    white = (255, 255, 255)
    cv2.circle(drawn, (middle[0], middle[1] - side // 10), side // 8, white, -1, cv2.LINE_AA)
    shoulders = (middle[0], middle[1] + side * 3 // 10)
    cv2.ellipse(drawn, shoulders, (side * 2 // 9, side * 2 // 9), 0, 180, 360, white, -1, cv2.LINE_AA)
    panel[:] = cv2.addWeighted(drawn, 0.25, panel, 0.75, 0)
