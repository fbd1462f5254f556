"""From a picture to its portraits: detect, crop, generate in batches, lay out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engines.base import Generator
from face_crop.align import Matrix, crop, crop_matrix, enlarged
from face_crop.detect import MediaPipeDetector
from face_crop.hush import without_notes
from face_crop.paste import paste_back
from face_crop.search import look_everywhere
from stills.io import Frame
from stills.plan import Job
from upscale import Upscaler

View = Literal["portrait", "side-by-side", "paste"]
VIEWS: tuple[View, ...] = ("portrait", "side-by-side", "paste")
BATCH = 8
"""Crops drawn in one call of the generator."""
PENDING_PIXELS = 40_000_000
"""Pictures wait for a full batch only up to so many pixels together: bounds the memory."""


class Finder:
    """Where the crops of a picture are.

    Args:
        size: side of a crop in pixels.
        detector: finds the faces, or None where every picture is a ready crop (its middle square is taken).
        largest_only: take the largest face alone.
    """

    def __init__(self, size: int, detector: MediaPipeDetector | None, *, largest_only: bool = False) -> None:
        self._size = size
        self._detector = detector
        self._largest_only = largest_only

    def __call__(self, frame: Frame) -> list[Matrix]:
        """crop_from_frame, float64 [2, 3], of every face in RGB uint8 [H, W, 3], the largest face first."""
        if self._detector is None:
            return [middle_square(frame, self._size)]
        with without_notes():  # the model's runtime grumbles about the alignment of some pictures
            faces = look_everywhere(self._detector, frame)
        return [crop_matrix(face, self._size) for face in (faces[:1] if self._largest_only else faces)]


def middle_square(frame: Frame, size: int) -> Matrix:
    """crop_from_frame of the largest square in the middle of a frame, float64 [2, 3]."""
    height, width = frame.shape[:2]
    side = min(height, width)
    scale = size / side
    # The outer edges (-0.5) of square and crop fall on each other.
    shift = [scale * (0.5 - (length - side) / 2) - 0.5 for length in (width, height)]
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])


@dataclass(frozen=True, eq=False)
class Request:
    """A picture whose faces are known.

    Attributes:
        job: where it came from.
        frame: RGB uint8 [H, W, 3].
        crops_from_frame: at least one, see `Finder`.
    """

    job: Job
    frame: Frame
    crops_from_frame: list[Matrix]


@dataclass(frozen=True, eq=False)
class Painted:
    """A finished picture.

    Attributes:
        job: as in the request.
        pairs: crop and portrait of every face, RGB uint8 [S, S, 3] each.
        results: what to show: one picture of each face, or the frame alone with all of them pasted in.
    """

    job: Job
    pairs: list[tuple[Frame, Frame]]
    results: list[Frame]


class Painter:
    """Draws the portraits of many pictures, several crops at once.

    Args:
        generator: see `engines.base.Generator`.
        view: `portrait`; `side-by-side`: crop and portrait; or `paste`: the picture with the portraits in it.
        upscaler: enlarges every portrait, or None.
    """

    def __init__(self, generator: Generator, view: View = "portrait", upscaler: Upscaler | None = None) -> None:
        self._generator = generator
        self._view = view
        self._upscaler = upscaler
        self._batch = min(BATCH, generator.max_batch or BATCH)
        self._waiting: list[tuple[Request, list[Frame]]] = []

    def add(self, request: Request) -> list[Painted]:
        """Take a picture in; returns those that are finished by now, in their order.

        Raises:
            EngineError: the generator failed.
        """
        cut = [crop(request.frame, matrix, self._generator.size) for matrix in request.crops_from_frame]
        self._waiting.append((request, cut))
        crops = sum(len(cut) for _, cut in self._waiting)
        pixels = sum(request.frame.size // 3 for request, _ in self._waiting)
        return self.flush() if crops >= self._batch or pixels >= PENDING_PIXELS else []

    def flush(self) -> list[Painted]:
        """Finish the pictures that wait for a full batch.

        Raises:
            EngineError: the generator failed.
        """
        waiting, self._waiting = self._waiting, []
        portraits = iter(self._drawn([picture for _, cut in waiting for picture in cut]))
        done = []
        for request, cut in waiting:
            pairs = self._enlarged(request, [(before, next(portraits)) for before in cut])
            done.append(Painted(request.job, pairs, self._laid_out(request, pairs)))
        return done

    def _drawn(self, crops: list[Frame]) -> list[Frame]:
        batches = [crops[i : i + self._batch] for i in range(0, len(crops), self._batch)]
        return [portrait for batch in batches for portrait in self._generator(np.stack(batch))]

    def _enlarged(self, request: Request, pairs: list[tuple[Frame, Frame]]) -> list[tuple[Frame, Frame]]:
        """Portraits upscaled, and crops cut out of the picture again with as many pixels."""
        if self._upscaler is None:
            return pairs
        scale = self._upscaler.scale
        side = self._generator.size * scale
        matrices = [enlarged(matrix, scale) for matrix in request.crops_from_frame]
        return [
            (crop(request.frame, m, side), self._upscaler(after)) for m, (_, after) in zip(matrices, pairs, strict=True)
        ]

    def _laid_out(self, request: Request, pairs: list[tuple[Frame, Frame]]) -> list[Frame]:
        if self._view == "portrait":
            return [after for _, after in pairs]
        if self._view == "side-by-side":
            return [np.hstack(pair) for pair in pairs]
        frame = request.frame.copy()
        scale = self._upscaler.scale if self._upscaler else 1
        # The largest face is the nearest one: it comes last, over the others.
        for matrix, (_, after) in zip(reversed(request.crops_from_frame), reversed(pairs), strict=True):
            paste_back(frame, after, enlarged(matrix, scale), out=frame)
        return [frame]
