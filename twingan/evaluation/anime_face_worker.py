"""Runs the detector of PyPI `animeface` in a process of its own: `python anime_face_worker.py PICTURES.npy FACES.npy`.

The package reads Pillow's memory directly and finds nothing with Pillow 12 and later, so it gets the Pillow 11 that
lies beside it. The parent (`twingan.evaluation.anime_face`) puts that folder first on PYTHONPATH.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

SIDES = (128, 192, 256)
"""The detector is unsure at any one scale, so each picture is looked at three times."""


def main() -> None:
    """Write float64 [K,10], a face a row: picture, box (left, top, right, bottom), eyes' middle, mouth, likelihood.

    Lengths are shares of the side. A line on standard output says that a picture is done.
    """
    rows = []
    for number, picture in enumerate(np.load(sys.argv[1])):
        rows += [[number, *face] for side in SIDES for face in _faces(picture, side)]
        print(number, flush=True)
    np.save(sys.argv[2], np.array(rows, np.float64).reshape(-1, 10))


def _faces(picture: Any, side: int) -> list[list[float]]:
    import animeface  # type: ignore[import-not-found]  # not in the environment, see above
    from PIL import Image

    image = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
    return [_row(face, side) for face in animeface.detect(image)]


def _row(face: Any, side: int) -> list[float]:
    box = face.face.pos
    left, right = _centre(face.left_eye.pos), _centre(face.right_eye.pos)
    eyes = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2]
    pixels = [box.x, box.y, box.x + box.width, box.y + box.height, *eyes, *_centre(face.mouth.pos)]
    return [*(pixel / side for pixel in pixels), float(face.likelihood)]


def _centre(box: Any) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2


if __name__ == "__main__":
    main()
