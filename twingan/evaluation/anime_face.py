"""Does a detector made for drawn faces find exactly one, where the person's face is?

The detector is nagadomi's AnimeFace (libnvxs) in PyPI `animeface` 2.0.3 (Apache-2.0), another one than the cascade
that cropped the training drawings.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from face_crop.align import EYES_TO_MOUTH, EYES_Y
from twingan.evaluation.extras import ExtraMissingError

NAME = "AnimeFace (PyPI animeface 2.0.3)"
WORKER = Path(__file__).with_name("anime_face_worker.py")
EYES = np.array([0.5, EYES_Y])
MOUTH = np.array([0.5, EYES_Y + EYES_TO_MOUTH])
REACH = 0.12
"""How far eyes and mouth may lie from the crop recipe's places, as a share of the side."""
SAME = 0.3
"""Boxes that overlap so much (intersection over union) are one face seen at two scales."""

Faces = npt.NDArray[np.float64]
"""float64 [K,10], see `anime_face_worker.main`."""


def find(pictures: npt.NDArray[np.uint8], folder: Path, done: Callable[[], object] = lambda: None) -> Faces:
    """All faces that the detector reports in RGB uint8 [N,S,S,3]; `done` is called after each picture.

    Raises:
        ExtraMissingError: the package is not in the folder, or does not run here.
    """
    package = folder / "animeface"
    if not package.is_dir():
        raise ExtraMissingError(package, "no such folder")
    with tempfile.TemporaryDirectory() as place:
        given, found = Path(place) / "pictures.npy", Path(place) / "faces.npy"
        np.save(given, pictures)
        command = [sys.executable, str(WORKER), str(given), str(found)]
        environment = {**os.environ, "PYTHONPATH": str(folder.resolve())}
        with (Path(place) / "errors").open("w+") as errors:
            with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors) as worker:
                for _ in worker.stdout or ():
                    done()
            errors.seek(0)
            if worker.returncode != 0 or not found.is_file():
                last = errors.read().strip().splitlines()[-1:] or [f"exit code {worker.returncode}"]
                raise ExtraMissingError(package, last[0])
        return np.asarray(np.load(found), np.float64)


def hits(found: Faces, count: int) -> npt.NDArray[np.bool_]:
    """Which of `count` pictures have exactly one face, with eyes and mouth where the crop recipe puts them."""
    return np.array([_is_hit(found[found[:, 0] == number]) for number in range(count)], bool)


def _is_hit(rows: Faces) -> bool:
    if not len(rows) or any(_overlap(rows[0, 1:5], row[1:5]) < SAME for row in rows[1:]):
        return False
    best = rows[rows[:, 9].argmax()]
    return bool(np.abs(best[5:7] - EYES).max() <= REACH and np.abs(best[7:9] - MOUTH).max() <= REACH)


def _overlap(a: Faces, b: Faces) -> float:
    """Intersection over union of two boxes."""
    inner = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0).prod()
    return float(inner / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - inner))
