"""Where hair is, and so its colour, is learnt from photos."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.twingan.acting import person
from tests.twingan.conftest import pack
from twingan.evaluation import face_parts as parts
from twingan.hair import KINDS, Haired, Learner, colour_of, dyed, main, measured, mistaken
from twingan.lab import to_lab

SHADES = ((60, 40, 30), (200, 170, 110), (150, 150, 150), (120, 60, 40))
HAT = (255, 0, 255)


def haired(number: int) -> np.ndarray:
    """RGBA: somebody with hair of one of the shades above the face."""
    picture = person()
    picture[24:64, 64:192] = (*SHADES[number % len(SHADES)], 255)
    return picture


def hatted() -> np.ndarray:
    """RGBA: somebody with a hat over it."""
    picture = haired(0)
    picture[4:40, 64:192] = (*HAT, 255)
    return picture


class SeesHair:
    """Stands for the face parser where its weights are not installed: hair and hats have the colours of these tests."""

    def __init__(self, _folder: Path) -> None:
        pass

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        of_hair = np.any([_like(pictures, shade) for shade in SHADES], 0)
        return np.where(_like(pictures, HAT), parts.HAT, of_hair * parts.HAIR).astype(np.uint8)


def _like(pictures: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return np.asarray(np.abs(pictures.astype(int) - colour).max(-1) < 3)


@pytest.fixture
def people(tmp_path: Path) -> str:
    """Sixteen, two of them held out."""
    return pack(tmp_path / "people", [haired(n) for n in range(16)])


@pytest.fixture
def everybody(people: str) -> Haired:
    return Haired.of(people, SeesHair(Path()))  # type: ignore[arg-type]


def test_hair_is_where_the_parser_sees_some(everybody: Haired) -> None:
    person, hair = everybody.take(torch.arange(3))
    assert person.shape == (3, 4, 128, 128) and hair.shape == (3, 1, 64, 64)
    assert hair[:, :, 7:15, 17:47].min() == 1 and hair[:, :, 20:].max() == 0


def test_who_is_moved_takes_the_hair_along(everybody: Haired) -> None:
    torch.manual_seed(0)
    person, hair = everybody.draw(8)
    _, still = everybody.take(torch.arange(1))
    assert (hair - still).abs().amax((1, 2, 3)).min() > 0.3
    inside = torch.nn.functional.interpolate(hair, scale_factor=2.0)[:, 0] > 0.99
    spread = [to_lab(person[:, :3])[number, :, inside[number]].std(1).max() for number in range(8)]
    assert max(spread) < 6


def test_a_hat_is_hair(tmp_path: Path) -> None:
    path = pack(tmp_path / "hats", [hatted() for _ in range(8)])
    _, hair = Haired.of(path, SeesHair(Path())).take(torch.arange(1))  # type: ignore[arg-type]
    assert hair[0, 0, 2:15, 17:47].min() == 1


def test_one_bald_person_among_many_is_drawn_as_often_as_said(tmp_path: Path) -> None:
    path = pack(tmp_path / "some", [person() if n == 5 else haired(n) for n in range(16)])
    some = Haired.of(path, SeesHair(Path()))  # type: ignore[arg-type]
    torch.manual_seed(0)
    _, hair = some.draw(300)
    of_bald, of_others = KINDS[0][1], KINDS[1][1]  # all others here have little hair
    assert (hair.mean((1, 2, 3)) < 0.01).float().mean() == pytest.approx(of_bald / (of_bald + of_others), abs=0.06)


def test_dye_changes_hair_and_nothing_else(everybody: Haired) -> None:
    torch.manual_seed(0)
    person, _ = everybody.take(torch.arange(12))
    hair = everybody.hair[:12, None].float() / 255
    changed = (dyed(person, hair) - person).abs().amax(1, keepdim=True)
    assert changed[(hair < 1)].max() == 0
    assert 0 < (changed.amax((1, 2, 3)) > 0.1).sum() < 12


def test_sixteen_people_are_learnt_in_seconds(everybody: Haired) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(2)
    learner = Learner(rate=3e-3)
    losses = [learner.step(*everybody.draw(8), step / 60) for step in range(60)]
    assert np.mean(losses[-5:]) < 0.4 * np.mean(losses[:5])
    person, hair = everybody.take(torch.arange(8))
    off = (learner.reader.eval()(person[:, :3])[:, :3] - colour_of(person[:, :3], hair)[:, :, 0, 0]).norm(dim=1)
    assert off.mean() < 8
    assert measured(learner.reader, everybody)["sure"] > 0.9


def test_the_command_learns_the_same_from_the_same_seed(
    people: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parts, "FaceParser", SeesHair)
    for name in ("one", "other"):
        main([people, "--held-out", people, "--steps", "2", "--batch", "6", "-o", str(tmp_path / name)])
    assert set(json.loads(capsys.readouterr().out.splitlines()[-1])) == {"off", "off at worst", "sure"}
    one, other = (torch.load(tmp_path / name, weights_only=True)["hair"] for name in ("one", "other"))
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_every_fifth_of_the_bald_is_kept_to_be_measured(tmp_path: Path) -> None:
    path = pack(tmp_path / "some", [haired(n) if n < 8 else person() for n in range(22)])
    some = Haired.of(path, SeesHair(Path()))  # type: ignore[arg-type]
    kept = some.keep_back()
    assert len(kept) == -(-int((some.share < 0.01).sum()) // 5) and some.hair[kept].max() == 0
    assert not set(kept.tolist()) & set(some.people.choose(200).tolist())
    reader = Learner(1e-3).learnt()
    for bias, share in ((-99.0, 0.0), (99.0, 1.0)):
        assert reader.tell.bias is not None
        torch.nn.init.constant_(reader.tell.bias, bias)
        assert mistaken(reader, some, kept) == share


def test_people_without_hair_teach_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "FaceParser", SeesHair)
    nobody = pack(tmp_path / "bald", [person() for _ in range(8)])
    with pytest.raises(SystemExit, match="has hair"):
        main([nobody, "--held-out", nobody, "-o", str(tmp_path / "never.pt")])


def test_what_is_missing_is_named(people: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="npm"):
        main([people, "--held-out", people, "--extras", str(tmp_path), "-o", str(tmp_path / "never.pt")])
