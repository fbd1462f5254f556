"""Who is seen in the demo clip, and when; `tools/make_clip.py` makes it."""

from __future__ import annotations

from dataclasses import dataclass

BETWEEN_S = 1.1
"""A scene is in focus so long after the one before was."""


@dataclass(frozen=True)
class Scene:
    """People who are seen together.

    Attributes:
        people: names of the pictures, row by row.
        columns: people in a row.
        face_share: height of a face's box, as a share of a person's tile.
        seconds: so long it is in focus.
    """

    people: tuple[str, ...]
    columns: int
    face_share: float
    seconds: float


SCENES = (
    Scene(("woman-44",), 1, 0.30, 3.1),
    Scene(("man-95",), 1, 0.30, 3.1),
    Scene(("woman-53",), 1, 0.30, 3.1),
    Scene(("woman-94", "man-2"), 2, 0.26, 3.4),
    Scene(("woman-31", "man-0", "man-22", "woman-2"), 2, 0.34, 3.8),
)
