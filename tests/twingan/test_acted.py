"""Pairs of people and drawings that do the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.twingan.acting import face, installed, person, portrait
from tests.twingan.conftest import pack
from tests.twingan.test_drawn_features import around, drawing
from twingan import acted
from twingan.act import TOLD, Pairs
from twingan.acted import Part
from twingan.data import Domain
from twingan.drawn_features import CENTRES, MOUTH, SIZE, DrawnEyes
from twingan.drawn_parts import to_lab
from twingan.evaluation import extras


def part(openness: float = 1.0, gap: float = 0.0) -> Part:
    return Part((openness, openness), gap, 0.0, 0.0, acted.BROWN, man=False)


def test_a_photo_and_its_part_agree() -> None:
    random = np.random.default_rng(0)
    seen = [acted.played(person(), face(), False, random) for _ in range(40)]
    assert any(min(what.openness) < 0.1 for _, what in seen)
    assert any(what.openness == (1.0, 1.0) for _, what in seen)
    for photo, what in seen:
        changed = np.abs(photo.astype(int) - person()).max(-1) > 30
        assert changed[105:122, 85:172].any() == (min(what.openness) < 0.9)  # the eyes
        assert changed[182:195].any() or what.gap < 0.4
        assert not what.man


def test_somebody_with_open_eyes_and_a_closed_mouth_is_drawn_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acted, "SPEAKS", 0.0)
    monkeypatch.setattr(acted, "BLINKS", 0.0)
    photo, what = acted.played(person(), face(nose=0.05), True, np.random.default_rng(0))
    assert np.array_equal(photo, person())
    assert what.openness == (1.0, 1.0) and what.gap == 0 and what.man
    assert what.turned == pytest.approx(0.1, abs=0.03)


def test_irises_are_brown_blue_or_green_like_the_person_s() -> None:
    def coloured(colour: tuple[int, int, int]) -> tuple[float, float, float]:
        photo = person()
        photo[(photo[..., :3] == (30, 90, 40)).all(-1), :3] = colour
        return acted.iris(photo, face())

    assert coloured((52, 32, 24)) == pytest.approx(acted.BROWN, abs=4)
    assert coloured((88, 104, 128)) == pytest.approx(acted.BLUE, abs=8)
    assert coloured((100, 112, 84)) == pytest.approx(acted.GREEN, abs=8)


def test_a_head_plays_its_part_in_the_colour_of_the_person_s_hair() -> None:
    eyes = {"woman": DrawnEyes.of(drawing()), "man": DrawnEyes.of(drawing())}
    awake, asleep, talking = (
        to_lab(acted.drawn(drawing(), what, (0.2, 0.15, 0.12), eyes))
        for what in (part(), part(openness=0.0), part(gap=1.0))
    )
    brown = [(around(lab, *CENTRES[0])[:, 2] > 22).sum() for lab in (awake, asleep)]
    assert brown[0] > 50 > 10 > brown[1]
    assert (around(talking, *MOUTH)[:, 1] > 25).sum() > 100 + (around(awake, *MOUTH)[:, 1] > 25).sum()
    assert np.median(around(awake, 8.0, 3.0)[:, 0]) < 30  # the fringe was light


@installed
def test_pairs_are_made_of_people_and_a_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = pack(tmp_path / "people", [np.dstack([portrait(), np.full((SIZE, SIZE), 255, np.uint8)])] * 2)
    drawn = pack(tmp_path / "drawings", [np.dstack([drawing(), np.full((SIZE, SIZE), 255, np.uint8)])] * 2)
    for sex in acted.EYES:
        monkeypatch.setitem(acted.EYES, sex, "some-diverse/0.png")
    maker = acted.Maker(Path("models/human2anime-lite.onnx"), Path(people), Path(drawn), extras.FOLDER)
    made = maker.pairs([0, 1, 0], seed=3)
    people_seen, drawings = np.stack([pair.person for pair in made]), np.stack([pair.drawing for pair in made])
    acted.save(tmp_path / "pairs", people_seen, drawings, [pair.part.told() for pair in made])
    seen, wanted, told = Pairs(tmp_path / "pairs").draw(3, 0.5, "cpu")
    assert told.shape == (3, TOLD)
    assert seen.shape == (3, 4, SIZE // 2, SIZE // 2) and wanted.shape == (3, 3, SIZE, SIZE)
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
