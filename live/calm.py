"""Portraits that stand still while the face does: what did not change is averaged over a moment."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from engines.base import Batch
from face_crop.align import Frame
from live.change import CELLS, Change, Map

MOMENT_S = 0.12
"""Time constant of the average where nothing changes."""
FACE = (5, 12, 3, 13)
"""Rows and columns, in sixteenths of the side, where a portrait has eyes and mouth."""
BOILS, REDRAWN = 45.0, 70.0
"""Mean difference of a sixteenth by a sixteenth there, grey levels: strokes that come and go make less than the first,
lids that fall more than the second."""
FORGET_MS = 500
"""A face that is away for longer starts afresh."""


class Calm:
    """Takes the noise out of the portraits of one stream, without delay where the face changes. One thread calls it.

    A network answers sensor noise and a trembling crop with other strokes in every frame. Each pixel of the result is
    an average over `MOMENT_S`, in real time, of the portraits since its surroundings in the crop changed last
    (`live.change`), or were drawn quite differently, as eyes are that shut; in the frame of the change it is the new
    portrait. Measured in docs/decisions/0017-calm.md.
    """

    def __init__(self) -> None:
        self._faces: dict[int, _Face] = {}

    def __call__(self, ids: Sequence[int], crops: Batch, portraits: Batch, time_ms: int) -> Batch:
        """Calm the portraits of one frame.

        Args:
            ids: who they are, see `face_crop.track.Track`; each once.
            crops: RGB uint8 [N, S, S, 3], what the portraits were made from.
            portraits: RGB uint8 [N, S, S, 3]; are not changed.
            time_ms: capture time, increasing.

        Returns:
            RGB uint8 [N, S, S, 3], the caller's own.

        Raises:
            ValueError: there are not as many ids, crops and portraits, or crops and portraits are of different sizes.
        """
        if crops.shape != portraits.shape or len(ids) != len(crops):
            raise ValueError(
                f"expected as many ids as crops and portraits of one size, got {len(ids)} ids, crops {crops.shape}, "
                f"portraits {portraits.shape}"
            )
        self._faces = {who: face for who, face in self._faces.items() if time_ms - face.seen_ms <= FORGET_MS}
        calmed = np.empty_like(portraits)
        for index, who in enumerate(ids):
            face = self._faces.get(who)
            if face is None or face.size != crops.shape[1]:
                face = self._faces[who] = _Face(crops.shape[1], time_ms)
            face(crops[index], portraits[index], time_ms, calmed[index])
        return calmed

    @property
    def faces(self) -> int:
        """How many faces are remembered."""
        return len(self._faces)

    def reset(self) -> None:
        """Forget everybody, as when another network paints."""
        self._faces.clear()


class _Face:
    """The average portrait of one person."""

    def __init__(self, size: int, time_ms: int) -> None:
        self.size, self.seen_ms = size, time_ms
        self._change = Change()
        # Floats: in whole levels an average would stick where the step to the new value is less than half a level.
        self._average: npt.NDArray[np.float32] = np.zeros((size, size, 3), np.float32)
        self._new = np.empty_like(self._average)

    def __call__(self, crop: Frame, portrait: Frame, time_ms: int, calmed: Frame) -> None:
        """Write the calm portrait, RGB uint8 [S, S, 3], to `calmed`."""
        seconds = max(1, time_ms - self.seen_ms) / 1000
        self.seen_ms = max(self.seen_ms, time_ms)
        changed = self._change(crop, seconds)
        self._new[:] = portrait
        changed = np.maximum(changed, _redrawn(self._average, self._new))
        if changed.min() == 1:
            self._average, self._new = self._new, self._average
            calmed[:] = portrait
            return
        kept = cv2.resize((1 - changed) * np.float32(np.exp(-seconds / MOMENT_S)), (self.size, self.size))
        cv2.blendLinear(self._average, self._new, kept, 1 - kept, self._average)
        cv2.convertScaleAbs(self._average, calmed)


def _redrawn(before: npt.NDArray[np.float32], now: npt.NDArray[np.float32]) -> Map:
    """Where eyes and mouth of a portrait [S,S,3] have become others: float32 [CELLS,CELLS], 0 the same .. 1 others."""
    top, bottom, left, right = FACE
    face = np.s_[top * len(now) // 16 : bottom * len(now) // 16, left * len(now) // 16 : right * len(now) // 16]
    size = right - left, bottom - top
    patches = cv2.resize(cv2.absdiff(before[face], now[face]), size, interpolation=cv2.INTER_AREA).max(2)
    changed = np.zeros((16, 16), np.float32)
    changed[top:bottom, left:right] = ((patches - BOILS) / (REDRAWN - BOILS)).clip(0, 1)
    around = cv2.dilate(changed, np.ones((3, 3), np.uint8))  # an eye is larger than a patch
    return np.asarray(cv2.resize(around, (CELLS, CELLS), interpolation=cv2.INTER_NEAREST), np.float32)
