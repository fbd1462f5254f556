from pathlib import Path

import numpy as np

from stills.io import read_picture
from stills.sheet import COLUMNS, GAP, LABEL, ROWS, THUMB, ContactSheet

RED = np.full((64, 64, 3), (255, 0, 0), np.uint8)
BLUE = np.full((40, 80, 3), (0, 0, 255), np.uint8)


def test_pairs_stand_side_by_side_with_a_label_below(tmp_path: Path) -> None:
    sheet = ContactSheet(tmp_path / "s.png")
    sheet.add("somebody.jpg", RED, BLUE)
    sheet.close()
    page = read_picture(tmp_path / "s.png")
    middle = GAP + THUMB // 2
    assert page[middle, GAP + THUMB // 2].tolist() == [255, 0, 0]
    assert page[middle, GAP + THUMB + THUMB // 2].tolist() == [0, 0, 255]
    label = page[GAP + THUMB : GAP + THUMB + LABEL, GAP : GAP + THUMB]
    assert (label < 100).any()


def test_many_pairs_take_several_pages(tmp_path: Path) -> None:
    sheet = ContactSheet(tmp_path / "s.png")
    for i in range(2 * COLUMNS * ROWS + 1):
        sheet.add(str(i), RED, BLUE)
    sheet.close()
    assert [page.name for page in sheet.pages] == ["s.png", "s-2.png", "s-3.png"]
    full, last = read_picture(sheet.pages[0]), read_picture(sheet.pages[2])
    assert full.shape[0] > 5 * last.shape[0]
    assert max(full.shape) < 2000  # a page can be looked at as a whole


def test_an_empty_sheet_writes_nothing(tmp_path: Path) -> None:
    ContactSheet(tmp_path / "s.png").close()
    assert not list(tmp_path.iterdir())


def test_a_long_label_stays_under_its_pair(tmp_path: Path) -> None:
    sheet = ContactSheet(tmp_path / "s.png")
    sheet.add("a/very/long/path/" * 12 + "end.jpg", RED, RED)
    sheet.close()
    page = read_picture(tmp_path / "s.png")
    assert (page[GAP + THUMB : GAP + THUMB + LABEL, GAP + 2 * THUMB :] > 200).all()
