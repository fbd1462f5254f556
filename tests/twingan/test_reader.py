"""The reader sees both eyes with one network."""

from __future__ import annotations

import pytest
import torch

from twingan.reader import Reader


@pytest.fixture(scope="module")
def reader() -> Reader:
    torch.manual_seed(0)
    return Reader().eval()


def test_it_reads_nine_numbers(reader: Reader) -> None:
    assert reader(torch.rand(2, 3, 256, 256)).shape == (2, 9)


def test_in_the_mirror_the_eyes_are_exchanged(reader: Reader) -> None:
    photo = torch.rand(1, 3, 256, 256) * 2 - 1
    with torch.no_grad():
        here, there = reader(photo)[0], reader(photo.flip(-1))[0]
    assert torch.allclose(here[:2], there[:2].flip(0), atol=1e-4)
    assert torch.allclose(here[5:8], there[5:8], atol=1e-4)
    assert (here[0] - here[1]).abs() > 1e-4
