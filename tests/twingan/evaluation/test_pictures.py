from pathlib import Path

import numpy as np
from PIL import Image

from twingan.evaluation.pictures import CELL, COLUMNS, contact_sheet, group_bars, order_by_error


def test_best_middle_and_worst_are_chosen_and_the_unknown_left_out() -> None:
    errors = np.array([5.0, 1, np.nan, 9, 3, 7, 2, 8])
    chosen = order_by_error(errors, list(range(8)), each=2)
    assert chosen[0] == [1, 6]
    assert chosen[-1] == [7, 3]
    assert 2 not in [index for row in chosen for index in row]


def test_only_candidates_are_shown() -> None:
    assert order_by_error(np.array([3.0, 1, 2]), [0, 2], each=2) == [[2, 0]]


def test_a_portrait_stands_below_its_input(tmp_path: Path) -> None:
    inputs = np.zeros((3, 16, 16, 3), np.uint8)
    contact_sheet(tmp_path / "sheet.webp", inputs, [inputs + 200], [[2, 0]])
    sheet = np.asarray(Image.open(tmp_path / "sheet.webp").convert("L")).astype(int)
    assert sheet.shape == (2 * CELL, COLUMNS * CELL)
    assert sheet[CELL // 2, CELL // 2] < 20
    assert abs(sheet[CELL + CELL // 2, CELL // 2] - 200) < 20
    assert sheet[CELL // 2, -CELL // 2] > 240


def test_bars_leave_out_what_is_not_known(tmp_path: Path) -> None:
    known = {"value": 2.0, "low": 1.5, "high": 2.5, "count": 4}
    unknown = {"value": None, "low": None, "high": None, "count": 0}
    groups = {"sex": {"man": {"hair_error": known}, "woman": {"hair_error": unknown}}}
    group_bars(tmp_path / "groups.webp", groups, {"hair_error": "hair"})
    assert Image.open(tmp_path / "groups.webp").size > (100, 50)
