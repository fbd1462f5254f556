"""People get other hair, or none, and stay who they are."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.twingan.conftest import pack
from twingan import makeover
from twingan.data import Domain
from twingan.evaluation import extras
from twingan.evaluation import face_parts as parts
from twingan.makeover import Labels, Photo

SIDE = 128
HAIR, SKIN, WALL = (40, 30, 25), (200, 150, 130), (90, 120, 160)


def short_haired(long: bool = False) -> tuple[Photo, Labels]:
    """A head with a cap of hair before a wall, RGBA, and its classes."""
    labels = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(labels, (64, 62), (34, 50), 0, 0, 360, parts.HAIR, -1)
    if not long:
        labels[58:] = 0
    cv2.ellipse(labels, (64, 66), (28, 40), 0, 0, 360, parts.SKIN, -1)
    labels[:34][labels[:34] == parts.SKIN] = parts.HAIR
    colours = np.zeros((19, 3), np.uint8)
    colours[[0, parts.HAIR, parts.SKIN]] = WALL, HAIR, SKIN
    return np.dstack([colours[labels], np.where(labels, 255, 0)]).astype(np.uint8), labels


def test_a_shaved_head_has_skin_where_its_hair_was_and_the_wall_beyond() -> None:
    picture, labels = short_haired()
    result = makeover.shaved(picture, labels)
    assert result is not None
    bald, left = result
    assert np.abs(bald[30, 64, :3] - np.array(SKIN)).max() < 50  # the forehead that was
    assert left[30, 64] == parts.SKIN
    top = int(np.flatnonzero((labels == parts.HAIR)[:, 64])[0])
    assert np.abs(bald[top + 3, 64, :3] - np.array(WALL)).max() < 30
    assert bald[top + 3, 64, 3] < 30
    assert np.abs(bald[70:, :, :3].astype(int) - picture[70:, :, :3]).max() <= 2


def test_long_hair_and_hats_are_not_shaved_off() -> None:
    assert makeover.shaved(*short_haired(long=True)) is None
    picture, labels = short_haired()
    labels[labels == parts.HAIR] = parts.HAT
    assert makeover.shaved(picture, labels) is None


@pytest.mark.parametrize("wanted", [(0.75, 0.74, 0.73), (0.5, 0.2, 0.1)])
def test_dyed_hair_has_the_colour_and_nothing_else_changes(wanted: tuple[float, float, float]) -> None:
    picture, labels = short_haired()
    dyed = makeover.dyed(np.ascontiguousarray(picture[..., :3]), labels, wanted)
    inside = cv2.erode((labels == parts.HAIR).astype(np.uint8), np.ones((7, 7))) > 0
    assert np.abs(dyed[inside].mean(0) / 255 - wanted).max() < 0.05
    outside = cv2.dilate((labels == parts.HAIR).astype(np.uint8), np.ones((11, 11))) == 0
    assert np.abs(dyed[outside].astype(int) - picture[..., :3][outside]).max() <= 2


def test_dark_and_light_hair_is_dealt_out_alike() -> None:
    hairs = [(0.1, 0.1, 0.1)] * 99 + [(0.9, 0.9, 0.9)]
    dealt = makeover.shades(hairs, 40, np.random.default_rng(0))
    assert sum(hair[0] > 0.5 for hair in dealt) == 20


class OneHead:
    """Stands for the face parser where its weights are not installed: every picture is `short_haired`."""

    def __init__(self, folder: Path) -> None:
        """Loads nothing."""

    def __call__(self, pictures: Photo) -> Labels:
        return short_haired()[1][None]


def test_the_command_adds_people_and_keeps_those_for_validation_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "FaceParser", OneHead)
    people = pack(tmp_path / "human", [short_haired()[0] for _ in range(16)])
    output = tmp_path / "varied" / "human"
    makeover.main([people, "--count", "30", "-o", str(output)])
    before, after = Domain(people, SIDE), Domain(str(output), SIDE)
    assert len(after) == len(before) + 30
    assert after.weights[len(before) :].sum() / after.weights.sum() == pytest.approx(makeover.SHARE, abs=0.01)
    assert Domain(str(output), SIDE, validation=True).files == Domain(people, SIDE, validation=True).files
    assert not list(tmp_path.glob("**/*partial*"))


def test_people_without_colours_are_refused_with_the_command(tmp_path: Path) -> None:
    people = pack(tmp_path / "human", [short_haired()[0] for _ in range(2)])
    note = Path(people).with_suffix(".json")
    known = json.loads(note.read_text())
    for row in known["pictures"]:
        del row["hair"]
    note.write_text(json.dumps(known))
    with pytest.raises(SystemExit, match=r"twingan\.palette"):
        makeover.main([people, "--extras", str(extras.FOLDER), "-o", str(tmp_path / "out")])
