"""How long hair is: of people, and of drawings that somebody has looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from twingan.evaluation.face_parts import HAIR

LENGTHS = ("short", "medium", "long")
"""To the ear, to the chin, below it."""
BESIDE, BELOW, LEAST = (0.5625, 0.75), (0.75, 1.0), 0.1
"""Where hair is medium, and where long, in shares of the height of a crop; hair must cover this share of there."""


def of_people(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Numbers of `LENGTHS` for people whose pixels have these classes (`face_parts`): [N,S,S] -> [N]."""
    beside, below = (_covers(labels == HAIR, *rows) for rows in (BESIDE, BELOW))
    return np.where(below, 2, np.where(beside, 1, 0))


def of_drawings(path: Path) -> dict[str, int]:
    """A list of drawings, `folder/file length` a line, with the numbers of their lengths.

    Raises:
        ValueError: the file cannot be read, or a line is none of these.
    """
    found = {}
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as a list of drawings: {error}") from None
    for line in filter(None, map(str.strip, lines)):
        file, _, length = line.rpartition(" ")
        if not file or length not in LENGTHS:
            raise ValueError(f"{path}: got the line {line!r}, expected `folder/file` and one of {', '.join(LENGTHS)}")
        found[file] = LENGTHS.index(length)
    return found


def _covers(hair: npt.NDArray[np.bool_], first: float, last: float) -> npt.NDArray[np.bool_]:
    side = hair.shape[1]
    return np.asarray(hair[:, int(first * side) : int(last * side)].mean((1, 2)) > LEAST)
