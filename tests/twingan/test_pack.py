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
