"""Hair and skin of drawings are found, and dyed in other people's colours without a trace of the old ones."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from twingan import drawn_parts, dye
from twingan.data import Domain
from twingan.palette import Palette, drawn_hair, note

PINK, BLOND, PEACH, PALE = (240, 120, 170), (225, 200, 130), (250, 225, 215), (252, 235, 228)
BLACK_HAIR, BROWN_SKIN = (0.10, 0.08, 0.09), (0.55, 0.40, 0.33)


def drawn_head(hair: tuple[int, int, int] = PINK, skin: tuple[int, int, int] = PEACH, size: int = 128) -> np.ndarray:
    """RGB uint8: a cel drawing with a fringe, a shadow below it, outlines, eyes, and a red dress on white paper."""
    picture = np.full((size * 2, size * 2, 3), 255, np.uint8)
    s = size * 2
    cv2.rectangle(picture, (s // 4, s * 7 // 8), (s * 3 // 4, s), (200, 30, 40), -1)
    cv2.ellipse(picture, (s // 2, s // 2), (s * 40 // 100, s * 46 // 100), 0, 0, 360, hair, -1)
    cv2.ellipse(picture, (s // 2, s * 58 // 100), (s * 24 // 100, s * 27 // 100), 0, 0, 360, skin, -1)
    cv2.rectangle(picture, (s * 24 // 100, s * 28 // 100), (s * 76 // 100, s * 42 // 100), hair, -1)
    cv2.ellipse(picture, (s // 2, s // 2), (s * 40 // 100, s * 46 // 100), 0, 0, 360, (60, 20, 40), 3)
    for x in (38, 62):
        cv2.circle(picture, (s * x // 100, s * 55 // 100), s * 5 // 100, (40, 90, 200), -1)
    return np.asarray(cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def parts_of(picture: np.ndarray) -> drawn_parts.Parts:
    parts = drawn_parts.find(picture)
    assert parts is not None
    return parts


def test_hair_skin_paper_and_dress_are_told_apart() -> None:
    parts = parts_of(drawn_head())
    assert parts.told
    assert parts.hair[20:45, 45:80].min() > 0.9  # the fringe
    assert parts.hair[80:100, 56:70].max() == 0  # the chin
    assert parts.skin[82:98, 56:72].min() > 0.9
    for mask in (parts.hair, parts.skin):
        assert mask[:4].max() == 0  # paper
        assert mask[125:, 40:88].max() < 0.05  # the dress


@pytest.mark.parametrize("hair", [PALE, (254, 254, 254)])
def test_hair_like_skin_or_like_paper_is_not_told(hair: tuple[int, int, int]) -> None:
    parts = drawn_parts.find(drawn_head(hair))
    assert parts is None or not parts.told


@pytest.mark.parametrize("hair", [PINK, BLOND])
def test_a_dyed_drawing_has_the_new_colours_and_keeps_the_rest(hair: tuple[int, int, int]) -> None:
    before = drawn_head(hair)
    after = dye.dyed(parts_of(before), BLACK_HAIR, BROWN_SKIN).astype(int)
    assert np.abs(np.median(after[22:44, 45:80].reshape(-1, 3), 0) / 255 - BLACK_HAIR).max() < 0.05
    assert np.abs(np.median(after[84:97, 58:70].reshape(-1, 3), 0) / 255 - BROWN_SKIN).max() < 0.05
    eyes, paper, dress = np.s_[68:73, 47:51], np.s_[:3], np.s_[125:, 44:84]
    for kept in (eyes, paper, dress):
        assert np.abs(after[kept] - before[kept].astype(int)).max() <= 12


def test_black_hair_keeps_the_lights_of_the_drawing() -> None:
    before = drawn_head((150, 90, 60))
    cv2.line(before, (45, 30), (80, 30), (250, 235, 225), 3)
    after = dye.dyed(parts_of(before), BLACK_HAIR, BROWN_SKIN)
    assert after[30, 50:75].min() > 150
    assert after[22:26, 50:75].max() < 60


def test_men_are_drawn_as_often_as_there_are_men_among_the_people_but_not_too_often(domains: tuple[str, str]) -> None:
    note = Path(domains[0]).with_suffix(".json")
    rows = json.loads(note.read_text())["pictures"]
    told = [{**row, "group": "man" if number % 2 else "woman", "validation": False} for number, row in enumerate(rows)]
    note.write_text(json.dumps({"pictures": told}))
    people = Domain(domains[0], 64)
    assert dye.balanced(["man"] + ["woman"] * 3, people)[0] == pytest.approx(3, rel=0.2)
    assert dye.balanced(["man"] + ["woman"] * 50, people)[0] == dye.OFTENEST
    assert dye.balanced(["woman"] * 4, people) == [1] * 4


def test_lines_stay_darker_than_hair_that_is_made_lighter() -> None:
    after = dye.dyed(parts_of(drawn_head((40, 30, 35))), (0.9, 0.8, 0.5), BROWN_SKIN)
    assert after[30, 64].min() > 100
    assert after[4:9, 64].min() < after[30, 64].min() - 5  # the outline at the top


def enlarged(path: str) -> str:
    """A packed domain of 64 px at 128 px, the side at which people's skin is looked at."""
    array = Path(path).with_suffix(".npy")
    np.save(array, np.load(array).repeat(2, 1).repeat(2, 2))
    return path


def test_the_command_writes_a_domain_with_the_colours_of_people(domains: tuple[str, str], tmp_path: Path) -> None:
    heads = np.stack(
        [np.dstack([drawn_head(hair), np.full((128, 128), 255, np.uint8)]) for hair in (PINK, BLOND, PALE)]
    )
    np.save(tmp_path / "drawn.npy", heads)
    rows = [{"file": f"d/{i}.png", "group": "any", "weight": 4, "validation": i == 1} for i in range(3)]
    (tmp_path / "drawn.json").write_text(json.dumps({"crop_recipe": "r", "pictures": rows}))
    output = tmp_path / "dyed" / "drawn"
    people = enlarged(domains[0])
    dye.main(
        [str(tmp_path / "drawn"), "--like", people, "--copies", "2", "--pure", "1", "--size", "64", "-o", str(output)]
    )
    made = Domain(str(output), 64)
    assert len(made) == 2  # the pale hair is left out, the second drawing is for validation
    colours = Palette.of(made, made.choose(2))
    vivid = drawn_hair(torch.tensor([[0.2, 0.1, 0.1]]))[0]
    assert np.allclose(colours.hair.flatten(1)[0], vivid, atol=1e-5)
    assert not list(tmp_path.glob("**/*partial*"))


def test_people_without_colours_are_refused_with_the_command(domains: tuple[str, str], tmp_path: Path) -> None:
    path = Path(domains[0]).with_suffix(".json")
    known = json.loads(path.read_text())
    for row in known["pictures"]:
        del row["hair"]
    path.write_text(json.dumps(known))
    with pytest.raises(SystemExit, match=r"twingan\.palette"):
        dye.main([domains[1], "--like", enlarged(domains[0]), "-o", str(tmp_path / "out")])
    note(Path(domains[0]), [(0.5, 0.4, 0.3)] * len(known["pictures"]))
    people = Domain(domains[0], 64)
    assert people.hair(people.choose(1)).tolist()[0] == pytest.approx([0.5, 0.4, 0.3])
