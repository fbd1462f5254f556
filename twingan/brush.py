"""Lay colours onto a drawn head, and know what has been laid where.

Drawings are L*a*b* [S,S,3] (`twingan.drawn_parts`), S = `SIZE`; places are in sixteenths of the side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from twingan.drawn_parts import Lab, Mask

SIZE = 256
UNIT = SIZE / 16
SHIFT, FINE = 4, 16
"""Points of curves are told to a sixteenth of a pixel: 2**4."""

Field = npt.NDArray[np.float32]
Line = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Canvas:
    """A drawn head that is painted on.

    Attributes:
        lab: the head so far [S,S,3].
        painted: 1 where it is no longer as it was, 0 elsewhere [S,S].
    """

    lab: Lab
    painted: Mask

    @classmethod
    def of(cls, lab: Lab) -> Canvas:
        """A head as it is."""
        return cls(lab, np.zeros(lab.shape[:2], np.float32))

    def under(self, above: npt.NDArray[Any], share: Mask) -> Canvas:
        """With `share` [S,S] of a picture [S,S,3] or a colour [3]."""
        return Canvas(mixed(self.lab, above, share), np.asarray(np.maximum(self.painted, share), np.float32))


def mixed(below: Lab, above: npt.NDArray[Any], share: Mask) -> Lab:
    """Of two pictures, or a picture and a colour: `share` of the second."""
    return np.asarray(below + (above - below) * share[..., None], np.float32)


def ellipse(x: float, y: float, wide: float, up: float, down: float) -> Mask:
    """1 within, 0 outside, soft between."""
    columns, rows = grid()
    rise = (rows - y) / np.where(rows < y, max(up, 0.05), max(down, 0.05))
    return np.asarray(((1 - np.hypot((columns - x) / wide, rise)) / 0.3 + 0.5).clip(0, 1), np.float32)


def filled(outline: Line) -> Mask:
    """1 within points (x, y)."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(mask, [np.round(outline * UNIT * FINE).astype(np.int32)], 255, cv2.LINE_AA, SHIFT)
    return np.asarray(mask / 255, np.float32)


def lined(line: Line, width: float) -> Mask:
    """1 on a line through points (x, y) that is thinner towards its ends."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    scaled = np.round(line * UNIT * FINE).astype(int)
    for share, one, other in zip(np.linspace(-1, 1, len(scaled) - 1), scaled[:-1], scaled[1:], strict=True):
        thick = max(1, round(width * UNIT * (1 - 0.6 * abs(share))))
        cv2.line(mask, one.tolist(), other.tolist(), 255, thick, cv2.LINE_AA, SHIFT)
    return np.asarray(mask / 255, np.float32)


@cache
def grid() -> tuple[Field, Field]:
    """x and y of all pixels, in sixteenths of the side."""
    y, x = np.indices((SIZE, SIZE), dtype=np.float32) / np.float32(UNIT)
    return x, y
