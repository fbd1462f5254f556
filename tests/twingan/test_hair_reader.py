"""The reader of hair takes the colour from the photo's own pixels, and is not sure where there is hardly any hair."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from twingan.hair_reader import TOLD, HairReader
from twingan.lab import to_lab

GREY, BROWN, SKIN = (0.1, 0.12, 0.1), (-0.5, -0.7, -0.8), (0.7, 0.4, 0.2)


HIGH = 44
"""The first row of hair: background is what is above, and beside it."""


class Knowing(HairReader):
    """Knows where hair is: so many rows of `TOLD` in the middle."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows

    def logits(self, photo: Tensor) -> Tensor:
        hair = torch.full((len(photo), 1, TOLD, TOLD), -20.0)
        hair[:, :, HIGH : HIGH + self.rows, 16:48] = 20.0
        return hair


def photo(*bands: tuple[tuple[float, float, float], int]) -> Tensor:
    """[1,3,256,256], of colours one below the other, so many rows of `TOLD` each."""
    rows = torch.cat([torch.tensor(colour)[:, None].expand(3, count) for colour, count in bands], 1)
    return rows.repeat_interleave(256 // TOLD, 1)[None, :, :, None].expand(1, 3, 256, 256)


@pytest.fixture(scope="module")
def reader() -> HairReader:
    torch.manual_seed(0)
    return HairReader().eval()


def test_it_says_where_hair_is_and_four_numbers(reader: HairReader) -> None:
    photo = torch.rand(3, 3, 256, 256) * 2 - 1
    assert reader.logits(photo).shape == (3, 1, TOLD, TOLD)
    told = reader(photo)
    assert told.shape == (3, 4) and told[:, 3].min() >= 0 and told[:, 3].max() <= 1


def test_half_the_size_is_read_alike(reader: HairReader) -> None:
    seen = torch.rand(1, 3, 256, 256) * 2 - 1
    assert torch.allclose(reader(seen), reader(functional.avg_pool2d(seen, 2)), atol=1e-3)


def test_the_colour_is_that_of_most_of_the_hair() -> None:
    told = Knowing(20)(photo((BROWN, HIGH), (GREY, 16), (SKIN, 4)))[0]
    wanted = to_lab(torch.tensor(GREY).view(1, 3, 1, 1)).flatten()
    assert torch.allclose(told[:3], wanted, atol=4) and told[3] == 1


@pytest.mark.parametrize(("rows", "sure"), [(0, 0.0), (1, 0.3), (2, 1.0)])
def test_of_hardly_any_hair_it_is_not_sure(rows: int, sure: float) -> None:
    assert Knowing(rows)(photo((SKIN, HIGH), (GREY, 20)))[0, 3].item() == pytest.approx(sure, abs=0.05)


@pytest.mark.parametrize(("rows", "sure"), [(4, 0.0), (12, 1.0)])
def test_little_hair_of_the_background_s_colour_may_be_a_mistake(rows: int, sure: float) -> None:
    assert Knowing(rows)(photo((GREY, 64)))[0, 3].item() == pytest.approx(sure, abs=0.02)
