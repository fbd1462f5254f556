"""Held-out drawings with the hair of held-out people: what a perfect painter that keeps hair colours could draw."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from twingan import drawn_parts, dye
from twingan.evaluation.colour import Colouring, Lab

Pictures = npt.NDArray[np.uint8]
LEAST = 8
"""Fewer drawings say nothing."""


def with_people_s_hair(drawings: Pictures, people: list[Colouring]) -> Pictures | None:
    """Each drawing whose hair can be found (`twingan.drawn_parts`) with the hair colour of the next person.

    Args:
        drawings: RGB uint8 [N,S,S,3].
        people: their colours; those without a hair colour are passed over.

    Returns:
        RGB uint8 [M,S,S,3], M <= N; None where fewer than eight can be made.
    """
    hairs = [person.hair for person in people if np.isfinite(person.hair).all()]
    told = [parts for parts in map(drawn_parts.find, drawings) if parts is not None and parts.told]
    if not hairs or len(told) < LEAST:
        return None
    return np.stack([_with_hair(parts, hairs[number % len(hairs)]) for number, parts in enumerate(told)])


def _with_hair(parts: drawn_parts.Parts, hair: Lab) -> Pictures:
    return dye.dyed(parts, _to_rgb(hair), _to_rgb(parts.skin_colour))


def _to_rgb(colour: npt.NDArray[np.floating]) -> list[float]:
    """In 0 .. 1."""
    rgb = cv2.cvtColor(np.asarray(colour, np.float32).reshape(1, 1, 3), cv2.COLOR_Lab2RGB)
    return [float(value) for value in rgb.ravel().clip(0, 1)]
