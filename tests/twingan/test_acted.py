"""Pairs of people and drawings that do the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.twingan.acting import installed, portrait
from tests.twingan.conftest import pack
from tests.twingan.test_drawn_eyes import drawing
from twingan import acted
from twingan.act import TOLD
from twingan.brush import SIZE
from twingan.data import Domain
from twingan.evaluation import extras
from twingan.pairs import Pairs
from twingan.pairs import save as save_pairs


@installed
def test_pairs_are_made_of_people_and_a_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = pack(tmp_path / "people", [np.dstack([portrait(), np.full((SIZE, SIZE), 255, np.uint8)])] * 2)
    drawn = pack(tmp_path / "drawings", [np.dstack([drawing(), np.full((SIZE, SIZE), 255, np.uint8)])] * 2)
    for sex in acted.EYES:
        monkeypatch.setitem(acted.EYES, sex, "some-diverse/0.png")
    maker = acted.Maker(Path("models/human2anime-lite.onnx"), Path(people), Path(drawn), extras.FOLDER)
    made = maker.pairs([0, 1, 0], seed=3)
    people_seen, drawings = np.stack([pair.person for pair in made]), np.stack([pair.drawing for pair in made])
    save_pairs(tmp_path / "pairs", people_seen, drawings, [pair.part.told() for pair in made])
    seen, wanted, told = Pairs(tmp_path / "pairs").draw(3, 0.5, "cpu")
    assert told.shape == (3, TOLD)
    assert seen.shape == (3, 4, SIZE // 2, SIZE // 2) and wanted.shape == (3, 4, SIZE, SIZE)
    assert -1 <= wanted.min() < -0.5 and wanted.max() == 1
    again = maker.pairs([0, 1, 0], seed=3)
    assert all(np.array_equal(one.drawing, other.drawing) for one, other in zip(made, again, strict=True))


def test_drawings_without_the_chosen_eyes_are_refused(domains: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="name others"):
        acted.named(Domain(domains[1], 64), "anime/none.webp")


def test_people_that_are_not_packed_are_named(tmp_path: Path) -> None:
    asked = ["models/human2anime-lite.onnx", "--people", str(tmp_path / "none"), "--drawings", "x", "-o", "y"]
    with pytest.raises(SystemExit, match=r"twingan\.pack"):
        acted.main(asked)
