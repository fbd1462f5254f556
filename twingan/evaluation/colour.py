"""Hair colour and skin tone of a portrait, photo or drawing, in CIE L*a*b* (D65), and how far apart two are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twingan import drawn_parts
from twingan.evaluation import face_parts as parts

Lab = npt.NDArray[np.float64]
"""L* in 0 .. 100, a*, b* in about -100 .. 100; NaN where it cannot be told."""

UNKNOWN = np.full(3, np.nan)
LEAST_HAIR = 0.02
LEAST_SKIN = 0.005
"""Least share of a picture's pixels for a colour."""
WHITE = 97.0
"""L* from which on a drawing's pixel may be the paper."""


@dataclass(frozen=True, eq=False)
class Colouring:
    """Colours of one portrait, each [3] in L*a*b*."""

    hair: Lab
    skin: Lab


def person_colouring(photo: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8]) -> Colouring:
    """Median colour of hair and of facial skin; hair is unknown for the bald and under hats and scarves.

    Args:
        photo: RGB uint8 [S,S,3].
        labels: its classes (`twingan.evaluation.face_parts`), uint8 [S,S].
    """
    lab = to_lab(photo)
    covered = (labels == parts.HAT).mean() >= LEAST_HAIR
    hair = UNKNOWN if covered else _median(lab[labels == parts.HAIR], LEAST_HAIR * labels.size)
    return Colouring(hair, _skin(lab, labels))


def drawing_colouring(drawing: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8]) -> Colouring:
    """As `person_colouring`; the parser, made for photos, often takes a drawn fringe for a hat, so both are hair."""
    lab = to_lab(drawing)
    hair = ((labels == parts.HAIR) | (labels == parts.HAT)) & (lab[..., 0] < WHITE)
    return Colouring(_median(lab[hair], LEAST_HAIR * labels.size), _skin(lab, labels))


def difference(a: Lab, b: Lab) -> float:
    """CIE 1976 colour difference, Euclidean in L*a*b*: 2 is just visible, 10 at a glance, black to white is 100."""
    return float(np.linalg.norm(a - b))


def typology_angle(skin: Lab) -> float:
    """Individual typology angle of skin in degrees (Chardon et al. 1991): atan((L* - 50) / b*), light is high."""
    return float(np.degrees(np.arctan2(skin[0] - 50, max(skin[2], 1e-6))))


def to_lab(picture: npt.NDArray[np.uint8]) -> Lab:
    """L*a*b* [..., 3] of sRGB uint8 [H,W,3]."""
    return np.asarray(drawn_parts.to_lab(picture), np.float64)


def _skin(lab: Lab, labels: npt.NDArray[np.uint8]) -> Lab:
    """Median of nose and cheeks: where the crop recipe puts them, so that neither ears, beard nor forehead count."""
    size = labels.shape[0]
    area = np.zeros(labels.shape, bool)
    area[size * 50 // 100 : size * 66 // 100, size * 28 // 100 : size * 72 // 100] = True
    skin = area & ((labels == parts.SKIN) | (labels == parts.NOSE))
    return _median(lab[skin], LEAST_SKIN * labels.size)


def _median(pixels: Lab, least: float) -> Lab:
    return np.median(pixels, 0) if len(pixels) >= least else UNKNOWN
