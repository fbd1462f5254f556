"""What is new in a face's crop: movement and changed content, told from sensor noise and a crop that trembles."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from face_crop.align import EYES_Y, Frame

Map = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float64]

CELLS = 64
"""The crop is looked at in so many cells a side: the mean over a cell has a quarter of a 256-pixel crop's noise."""
PIXEL = 256 / CELLS
"""Lengths below are pixels of a crop of 256; this is a cell."""
NOISE, SURE = 4.0, 9.0
"""Grey levels: a cell that differs by no more has not changed, one that differs by so much has; between, in part."""
PLAY = 0.2
"""Cells by which content may be elsewhere than the movement of the whole face says: a pixel of 256."""
REACH = 7
"""Cells: what is drawn around a change follows it; eyes and mouths are drawn larger than they are."""
ALL = 0.5
"""Where so much of the crop has changed, nothing of it is the same."""
HOLD_S = 0.1
"""What has changed counts as changing for a while: mouths do not move in single frames."""
QUICK_S, SLOW_S = 0.08, 0.4
"""Over these times the place is averaged. A difference of the two is movement: trembling cancels out."""
DRIFT = (1.2, 3.0)
"""Pixels between the averages: trembling below, movement above."""
LEAP = (2.7, 4.2)
"""Pixels between the place and its slow average: the same for movement too fast to wait for an average."""
ANCHORED = 0.6
"""Cells: further from the reference its displacement is not measured well."""
_FACE_WIDTH = 0.25
_RADIUS = CELLS / 4
"""Growth and rotation count as the movement at this distance from the middle."""


class Change:
    """Watches the crops of one face. Not for several threads.

    The displacement of the face (shift, growth, rotation and light, by least squares on the gradients: Lucas and Kanade
    1981, one step) tells movement; what then differs from the reference is changed content.
    """

    def __init__(self) -> None:
        self._reference: Map | None = None
        self._anchor = np.zeros(4)
        self._place = _Place()
        self._held: Map = np.zeros((CELLS, CELLS), np.float32)

    def __call__(self, crop: Frame, seconds: float) -> Map:
        """Compare with what was there before.

        Args:
            crop: RGB uint8 [S, S, 3].
            seconds: since the crop before.

        Returns:
            float32 [CELLS, CELLS]: 0 still .. 1 changed, also all over the first crop. Do not write to it.
        """
        seen = _cells(crop)
        if self._reference is None:
            self._reference = seen
            return np.ones_like(self._held)
        self._held *= np.exp(-seconds / HOLD_S)
        shift = _displacement(self._reference, seen)
        aligned = _moved_back(seen, shift)
        content = _changed(self._reference, aligned)  # 0 .. 1 like the result
        if content.mean() > ALL:
            return self._afresh(seen)
        moving = self._place(self._anchor + shift * PIXEL, seconds)
        np.maximum(np.maximum(self._held, content, out=self._held), moving, out=self._held)
        self._learn(seen, aligned, shift, moving, seconds)
        return self._held

    def _afresh(self, seen: Map) -> Map:
        self._reference, self._place, self._anchor = seen, _Place(), np.zeros(4)
        self._held[:] = 1
        return self._held

    def _learn(self, seen: Map, aligned: Map, shift: Vector, moving: float, seconds: float) -> None:
        """The reference stands where it is while the face is still, and is taken anew where it moves."""
        assert self._reference is not None
        if moving == 1 or np.abs(shift).max() > ANCHORED:
            self._reference = seen
            self._anchor = self._anchor + shift * PIXEL
            return
        share = np.maximum(self._held, np.float32(_share(seconds, SLOW_S)))
        self._reference += share[..., None] * (aligned - self._reference)


class _Place:
    """Where a face is, averaged over a short and a long time."""

    def __init__(self) -> None:
        self._quick, self._slow = np.zeros(4), np.zeros(4)
        self._count = 1

    def __call__(self, place: Vector, seconds: float) -> float:
        """0 trembling .. 1 moving."""
        self._count += 1
        # The first place trembles as any other: the average of few is their mean.
        least = 1 / self._count
        self._quick += max(least, _share(seconds, QUICK_S)) * (place - self._quick)
        self._slow += max(least, _share(seconds, SLOW_S)) * (place - self._slow)
        drift, leap = np.linalg.norm(self._quick - self._slow), np.linalg.norm(place - self._slow)
        return max(_ramp(float(drift), *DRIFT), _ramp(float(leap), *LEAP))


def _share(seconds: float, constant: float) -> float:
    """Of the new in an exponential average with this time constant."""
    return float(-np.expm1(-seconds / constant))


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _cells(crop: Frame) -> Map:
    small = cv2.resize(crop, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(small, (3, 3), 0), np.float32)


def _displacement(reference: Map, seen: Map) -> Vector:
    """Shift to the right and down, growth and rotation at `_RADIUS`: cells, float64 [4]. The rim counts little."""
    grey = _grey(reference)
    right, down = _slopes(grey)
    effects = [right, down, right * _X + down * _Y, down * _X - right * _Y, _ONES, _grey(seen) - grey]
    # Not by @: BLAS starts threads for it, which then wait for each other where the graph keeps the cores busy.
    products = cv2.mulTransposed(np.stack(effects).reshape(6, -1) * _WEIGHT, False, dtype=cv2.CV_64F)
    solved = np.linalg.solve(products[:5, :5] + 1e-3 * np.eye(5), -products[:5, 5])
    return np.asarray(np.clip(solved[:4], -_RADIUS / 4, _RADIUS / 4), np.float64)


def _grey(cells: Map) -> Map:
    return np.asarray(cv2.cvtColor(cells, cv2.COLOR_RGB2GRAY), np.float32)


def _slopes(grey: Map) -> tuple[Map, Map]:
    right = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)  # levels per cell
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(right, np.float32), np.asarray(down, np.float32)


def _moved_back(seen: Map, shift: Vector) -> Map:
    """The cells where the reference has them."""
    right, down, growth, turn = shift / (1, 1, _RADIUS, _RADIUS)
    linear = np.array([[1 + growth, -turn], [turn, 1 + growth]])
    middle = np.array([_MIDDLE_X, _MIDDLE_Y])
    seen_from_reference = np.hstack([linear, (np.array([right, down]) + middle - linear @ middle)[:, None]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(seen, seen_from_reference, (CELLS, CELLS), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _changed(reference: Map, aligned: Map) -> Map:
    """0 the same but for noise and a small play .. 1 other content, with its surroundings."""
    right, down = _slopes(_grey(reference))
    steep = cv2.blur(np.abs(right) + np.abs(down), (3, 3))
    red, green, blue = cv2.split(cv2.absdiff(aligned, reference))
    beyond = cv2.max(cv2.max(red, green), blue) - PLAY * steep - NOISE
    share = np.clip(beyond / (SURE - NOISE), 0, 1)
    return np.asarray(cv2.blur(cv2.dilate(share, np.ones((REACH, REACH), np.uint8)), (3, 3)), np.float32)


_MIDDLE_X, _MIDDLE_Y = CELLS * 0.5 - 0.5, CELLS * (EYES_Y + 0.1) - 0.5
_ROW = np.arange(CELLS, dtype=np.float32)
_X, _Y = np.broadcast_arrays((_ROW[None] - _MIDDLE_X) / _RADIUS, (_ROW[:, None] - _MIDDLE_Y) / _RADIUS)
_ONES = np.ones((CELLS, CELLS), np.float32)
# The square root: a product holds it twice.
_WEIGHT = np.exp(-(_X**2 + _Y**2) * (_RADIUS / (_FACE_WIDTH * CELLS)) ** 2 / 4).astype(np.float32).ravel()
