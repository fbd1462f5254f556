"""People who act, and what each of them does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.twingan.acting import installed, portrait
from tests.twingan.conftest import pack
from twingan import acted
from twingan.act import People
from twingan.evaluation import extras


def real(folder: Path, count: int) -> str:
    return pack(folder / "people", [np.dstack([portrait(), np.full((256, 256), 255, np.uint8)])] * count)


@installed
def test_people_act_alike_with_the_same_seed(tmp_path: Path) -> None:
    maker = acted.Maker(Path(real(tmp_path, 2)), extras.FOLDER, held_out=False)
    made, again = (maker.acted([0, 1, 0, 1, 0, 1], seed=3) for _ in range(2))
    for one, other in zip(made, again, strict=True):
        assert np.array_equal(one.person, other.person) and one.part == other.part
    assert len({(one.part.openness, one.part.gap) for one in made}) > 1


@installed
def test_the_command_makes_photos_of_those_who_are_held_out_or_of_the_others(tmp_path: Path) -> None:
    people = real(tmp_path, 8)
    for flag in ([], ["--held-out"]):
        output = tmp_path / f"made{len(flag)}"
        acted.main([people, "--count", "3", "--processes", "1", *flag, "-o", str(output)])
        person, told = People(output).take(torch.arange(3))
        assert person.shape == (3, 4, 256, 256) and told.shape == (3, 9)


def test_people_that_are_not_packed_are_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"twingan\.pack"):
        acted.main([str(tmp_path / "none"), "-o", "y"])
