"""Somebody gets the drawing that is most like their portrait, in its colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.twingan.heads import HAIR, drawing
from tests.twingan.test_pairs import BLACK, BROWN, lab, rgba
from twingan import drawn_parts, dye
from twingan.drawn_eyes import DrawnEyes
from twingan.mime import mime_of
from twingan.pairing import Pairing
from twingan.pairs import paired
from twingan.stencils import Stencils

GRAPH = Path(__file__).parents[2] / "models" / "human2anime-lite.onnx"


def cropped(picture: np.ndarray) -> np.ndarray:
    """The same head with short hair: paper where hair was below its eyes."""
    short = picture.copy()
    hair = np.abs(picture.astype(int) - HAIR).sum(-1) < 30
    short[150:][hair[150:]] = 255
    return short


@pytest.fixture(scope="module")
def pairing() -> Pairing:
    """Four drawings: of women long and short, then of men."""
    heads = [drawing(), cropped(drawing())]
    stencils = [stencil for head in heads * 2 if (stencil := Stencils.of(rgba(head))) is not None]
    eyes = DrawnEyes.of(drawing())
    mime = mime_of(GRAPH, {"woman": eyes, "man": eyes})
    return Pairing(mime, Stencils.all(stencils), np.array([False, False, True, True]))


def portrait(head: np.ndarray, hair: tuple[int, int, int]) -> np.ndarray:
    parts = drawn_parts.find(head)
    assert parts is not None
    return dye.dyed(parts, [value / 255 for value in hair], [0.98, 0.88, 0.84])


def test_the_drawing_is_like_the_portrait_and_has_its_hair(pairing: Pairing) -> None:
    photos = np.full((2, 256, 256, 3), 128, np.uint8)
    portraits = np.stack([portrait(drawing(), BLACK), portrait(cropped(drawing()), BROWN)])
    drawings, chosen = paired(pairing, photos, [portraits], np.zeros((2, 4), np.float32))
    assert (chosen % 2).tolist() == [0, 1]
    for picture, hair in zip(drawings, (BLACK, BROWN), strict=True):
        parts = drawn_parts.find(picture)
        assert parts is not None and np.linalg.norm(parts.hair_colour - lab(*hair)) < 8


def test_another_length_costs(pairing: Pairing) -> None:
    photos, heads = np.full((1, 256, 256, 3), 128, np.uint8), portrait(drawing(), BLACK)[None]
    lengths = np.array([[1000, 0, 1000, 0]], np.float32)
    assert paired(pairing, photos, [heads], lengths)[1][0] % 2 == 1


def test_nobody_gets_a_drawing_of_the_other_sex(pairing: Pairing) -> None:
    sitter = pairing.sitter(np.full((256, 256, 3), 128, np.uint8), portrait(drawing(), BLACK))
    assert sitter is not None
    assert np.isinf(pairing.costs(sitter)).tolist() == [man != sitter.man for man in pairing.men]


def test_a_portrait_without_hair_gets_no_drawing(pairing: Pairing) -> None:
    white = np.full((1, 256, 256, 3), 255, np.uint8)
    drawings, chosen = paired(pairing, white, [white], np.zeros((1, 4), np.float32))
    assert chosen.tolist() == [-1] and np.array_equal(drawings, white)
