"""Where packed people have one of the face parser's classes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from twingan.data import Domain
from twingan.evaluation.face_parts import FaceParser
from twingan.pixels import on_white, to_pictures

PARSED = 256
"""Side of the photos that the parser looks at."""

Labels = npt.NDArray[np.uint8]


def labels_of(path: str, parser: FaceParser, side: int, *, held_out: bool = False) -> Labels:
    """The classes of all people of a packed domain, before white, or of those whom training never sees.

    Returns:
        uint8 [N,side,side].
    """
    photos = Domain(path, PARSED, validation=held_out)
    labels = np.zeros((len(photos), side, side), np.uint8)
    for number in tqdm(range(len(photos)), unit="person"):
        photo = np.ascontiguousarray(to_pictures(on_white(photos.take(torch.tensor([number])))))
        labels[number] = parser(photo)[0][:: PARSED // side, :: PARSED // side]
    return labels
