from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from face_crop.hush import NOTES
from tests.face_crop.sequences import IMAGES
from twingan import pack


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("man-12.webp", "woman-36.webp"):
        shutil.copy(IMAGES / name, folder)
    Image.new("RGB", (400, 300), "gray").save(folder / "wall.png")
    return folder


def test_faces_are_packed_with_their_backgrounds_told(photos: Path, tmp_path: Path) -> None:
    pack.main(["--faces", f"{photos}:3", "--size", "64", "-o", str(tmp_path / "packed")])
    packed, note = np.load(tmp_path / "packed.npy"), json.loads((tmp_path / "packed.json").read_text())
    assert packed.shape == (2, 64, 64, 4) and packed.dtype == np.uint8
    assert packed[..., 3].min() < 30 and packed[:, 32, 32, 3].min() > 220
    assert [(row["file"], row["weight"]) for row in note["pictures"]] == [
        ("photos/man-12.webp", 3.0),
        ("photos/woman-36.webp", 3.0),
    ]


def test_errors_are_told_and_start_up_notes_are_not(
    photos: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (photos / "zebra.png").write_text("no picture")
    with pytest.raises(SystemExit, match=r"zebra\.png cannot be read as a picture"):
        pack.main(["--faces", str(photos), "-o", str(tmp_path / "packed")])
    printed = capfd.readouterr().err
    assert "picture/s" in printed
    assert not [line for line in printed.encode().splitlines() if NOTES.match(line)]


def test_sex_comes_from_names_or_lists_and_skipped_pictures_weigh_nothing(photos: Path, tmp_path: Path) -> None:
    drawings = tmp_path / "drawn"
    drawings.mkdir()
    for name in ("a.png", "b.png", "c.png", "d-woman.png"):
        Image.new("RGB", (64, 64), "pink").save(drawings / name)
    lists = {"men": "drawn/a.png\ndrawn/d-woman.png\n", "unsure": "drawn/c.png\n", "skip": "drawn/b.png\n"}
    flags = []
    for flag, lines in lists.items():
        (tmp_path / flag).write_text(lines)
        flags += [f"--{flag}", str(tmp_path / flag)]
    output = ["--size", "64", "-o", str(tmp_path / "packed")]
    pack.main(["--ready", str(drawings), *flags, *output])
    rows = json.loads((tmp_path / "packed.json").read_text())["pictures"]
    assert [row["group"] for row in rows] == ["man", "woman", "any", "woman"]
    assert [row["weight"] for row in rows] == [1, 0, 1, 1]
    pack.main(["--faces", str(photos), *output])
    rows = json.loads((tmp_path / "packed.json").read_text())["pictures"]
    assert [row["group"] for row in rows] == ["man", "woman"]
    with pytest.raises(SystemExit, match="one folder/file a line"):
        pack.main(["--ready", str(drawings), "--men", str(tmp_path / "none"), *output])
