"""The reader of glasses looks at photos of either size alike, and only at eyes."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from twingan.glasses_reader import AREA, GlassesReader


@pytest.fixture(scope="module")
def reader() -> GlassesReader:
    torch.manual_seed(0)
    return GlassesReader().eval()


def test_it_tells_two_shares(reader: GlassesReader) -> None:
    told = reader(torch.rand(3, 3, 256, 256) * 2 - 1)
    assert told.shape == (3, 2) and told.min() >= 0 and told.max() <= 1


def test_half_the_size_is_read_alike(reader: GlassesReader) -> None:
    photo = torch.rand(1, 3, 256, 256) * 2 - 1
    assert torch.allclose(reader(photo), reader(functional.avg_pool2d(photo, 2)), atol=1e-6)


def test_all_but_eyes_is_of_no_account(reader: GlassesReader) -> None:
    photo, other = (torch.rand(1, 3, 256, 256) * 2 - 1 for _ in range(2))
    top, bottom, left, right = (round(edge * 16) for edge in AREA)
    other[:, :, top:bottom, left:right] = photo[:, :, top:bottom, left:right]
    assert torch.equal(reader(photo), reader(other))
    assert not torch.equal(reader(photo), reader(photo.flip(1)))
