"""The characters alone, with an alpha channel, encoded once for everybody who lays them over something else."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from live.broadcast import Broadcast
from live.outputs.matte import cut_out
from live.outputs.scene import Scene, Tap
from live.views import shown_in_panel

QUALITY, ALPHA_QUALITY = 80, 80
"""Of the WebP; see docs/decisions/0010-overlay.md."""
MAX_FACES = 4
"""Slots of `face_crop.track.Tracker`."""

Picture = npt.NDArray[np.uint8]


class Stage(Protocol):
    """What overlays need of `live.session.Session`."""

    def attach(self, depth: int = 1) -> Tap:
        """A tap of the scenes."""


@dataclass(frozen=True)
class Sprite:
    """One picture of the overlay; see `live.viewers.Picture`.

    Attributes:
        data: WebP with alpha; one transparent pixel while there is nobody.
        sequence: that of the scene.
        captured_at: `time.monotonic()` seconds at which the camera's frame arrived.
        encoded_at: `time.monotonic()` seconds at which the WebP was ready.
    """

    data: bytes
    sequence: int
    captured_at: float
    encoded_at: float


class Overlays:
    """One broadcast per choice of faces; each cuts out and encodes only while somebody watches it.

    All methods belong to the event loop's thread.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._broadcasts: dict[int | None, Broadcast[Sprite]] = {}

    def of(self, face: int | None) -> Broadcast[Sprite]:
        """The pictures of one slot, 0 .. `MAX_FACES` - 1, or of everybody side by side."""
        return self._broadcasts.setdefault(face, Broadcast(_Channel(self._stage, face)))

    @property
    def viewers(self) -> int:
        """How many overlays are open."""
        return sum(broadcast.viewers for broadcast in self._broadcasts.values())

    def end(self) -> None:
        """Tell every viewer that no more will come: the server stops."""
        for broadcast in self._broadcasts.values():
            broadcast.end()


class _Channel:
    def __init__(self, stage: Stage, face: int | None) -> None:
        self._stage, self._face = stage, face

    def subscribe(self) -> _Subscription:
        return _Subscription(self._stage.attach(), self._face)


class _Subscription:
    """Encodes on the thread that asks, which is the broadcast's one."""

    def __init__(self, tap: Tap, face: int | None) -> None:
        self._tap, self._face = tap, face

    def next(self, timeout_s: float) -> Sprite | None:
        scene = self._tap.take(timeout_s)
        if scene is None:
            return None
        data = encode_webp(characters(scene, self._face))
        return Sprite(data, scene.sequence, scene.captured_at, time.monotonic())

    def close(self) -> None:
        self._tap.close()


def characters(scene: Scene, face: int | None = None) -> Picture:
    """The characters of a scene without anything around them.

    Args:
        scene: where they are from.
        face: slot of the one to show; None shows everybody, side by side by slot.

    Returns:
        RGBA uint8 [S, N * S, 4], alpha not multiplied in, not mirrored; [1, 1, 4], transparent, where there is nobody.
    """
    chosen = [person for person in scene.people if face is None or person.slot == face]
    shown = shown_in_panel(chosen, scene.time_ms)
    cut = [_faded(cut_out(person.drawn(scene.strength)), opacity) for person, opacity in shown]
    if not cut:
        return np.zeros((1, 1, 4), np.uint8)
    size = max(picture.shape[0] for picture in cut)  # just after a change of style, portraits may differ in size
    return np.hstack([picture if len(picture) == size else _scaled(picture, size) for picture in cut])


def encode_webp(picture: Picture) -> bytes:
    """WebP of RGBA uint8 [H, W, 4], alpha not multiplied in.

    By Pillow, because OpenCV cannot choose libwebp's fast method and needs five times as long.
    """
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(picture).save(data, "WEBP", method=0, quality=QUALITY, alpha_quality=ALPHA_QUALITY)
    return data.getvalue()


def _faded(picture: Picture, opacity: float) -> Picture:
    if opacity < 1:
        picture[..., 3] = cv2.convertScaleAbs(picture[..., 3], alpha=opacity)
    return picture


def _scaled(picture: Picture, size: int) -> Picture:
    return np.asarray(cv2.resize(picture, (size, size), interpolation=cv2.INTER_LINEAR), np.uint8)
