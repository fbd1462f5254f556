"""Native libraries that write start-up notes straight to the standard error, and what to do about it."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator

import numpy as np

from face_crop.detect import MediaPipeDetector

NOTES = re.compile(rb"INFO: |[IW]\d{4} |WARNING: (?:All log messages before|Logging before)")
"""Lines of LiteRT and MediaPipe (absl's format: severity, month and day) that are no errors."""

_SIDES = (128, 237, 480)
_descriptor = threading.RLock()
"""File descriptor 2 belongs to the whole process; blocks of one thread may lie in each other."""


@contextlib.contextmanager
def without_notes() -> Iterator[None]:
    """Hold back what anybody writes to the standard error; at the end, write it without the lines of `NOTES`.

    Other threads that come here wait meanwhile: keep the block short, and wait in it for no other thread's detector.
    """
    with _descriptor, tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            for line in held:
                if not NOTES.match(line):
                    os.write(2, line)


class HushedDetector(MediaPipeDetector):
    """A face detector that starts and ends without notes; its first looks, which make some too, are done.

    A note on the alignment of memory depends on where it happened to be allocated, and may come later all the same.

    Args:
        still, min_score, max_faces: see `face_crop.detect.MediaPipeDetector`.

    Raises:
        FileNotFoundError, ValueError: see `face_crop.detect.MediaPipeDetector`.
    """

    def __init__(self, *, still: bool = False, min_score: float = 0.5, max_faces: int = 4) -> None:
        with without_notes():
            super().__init__(still=still, min_score=min_score, max_faces=max_faces)
            for side in _SIDES:
                self(np.zeros((side, side, 3), np.uint8))
        self.reset()

    def close(self) -> None:
        """See `Detector`."""
        with without_notes():
            super().close()
