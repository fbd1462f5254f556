from pathlib import Path

import numpy as np
import pytest

from tests.twingan.evaluation.test_face_parts import portrait
from twingan.evaluation import extras
from twingan.evaluation.age import CHIP, CHIP_EYE_DISTANCE, CHIP_EYES_X, CHIP_EYES_Y, NETWORK, AgeEstimator, chip
from twingan.evaluation.extras import ExtraMissingError

installed = pytest.mark.skipif(
    not (extras.FOLDER / NETWORK).is_file(), reason="the age estimator is not installed (docs/evaluation.md)"
)


@installed
def test_a_young_woman_is_younger_than_a_bald_man() -> None:
    pictures = np.stack([portrait("woman-92.webp"), portrait("man-0.webp")])
    woman, man = AgeEstimator(extras.FOLDER)(pictures)
    assert 18 < woman < 35 < man < 60


@installed
def test_a_mirror_changes_nobody_s_age() -> None:
    picture, seen = portrait("woman-36.webp"), []
    years = AgeEstimator(extras.FOLDER)(np.stack([picture, picture[:, ::-1]]), lambda: seen.append(1))
    assert years.dtype == np.float64
    assert years[0] == pytest.approx(years[1], abs=1.5)
    assert len(seen) == 2


@pytest.mark.parametrize("size", [64, 256, 512])
def test_the_eyes_are_where_the_network_expects_them(size: int) -> None:
    picture = np.zeros((size, size, 3), np.uint8)
    y, left, right = round(0.45 * size), round(0.39 * size), round(0.61 * size)
    reach = size // 32
    for x in (left, right):
        picture[y - reach : y + reach, x - reach : x + reach] = 255
    rows, columns = np.nonzero(chip(picture)[..., 0] > 127)
    assert rows.mean() / CHIP == pytest.approx(CHIP_EYES_Y, abs=0.02)
    assert columns.mean() / CHIP == pytest.approx(CHIP_EYES_X, abs=0.02)
    halves = [columns[columns < CHIP / 2].mean(), columns[columns > CHIP / 2].mean()]
    assert np.diff(halves)[0] / CHIP == pytest.approx(CHIP_EYE_DISTANCE, abs=0.02)


def test_a_zoomed_chip_is_one_of_a_larger_face() -> None:
    picture = np.zeros((256, 256, 3), np.uint8)
    picture[100:130, 110:140] = 255
    assert (chip(picture, zoom=1.2) > 127).sum() > 1.3 * (chip(picture) > 127).sum()
    height, lower = (np.nonzero(chip(picture, down=down))[0].mean() for down in (0.0, 0.1))
    assert lower - height == pytest.approx(0.1 * CHIP, abs=0.5)


def test_a_missing_network_is_named_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(ExtraMissingError, match=r"age-v1\.onnx.*requirements-evaluate\.txt"):
        AgeEstimator(tmp_path)


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / NETWORK).parent.mkdir(parents=True)
    (tmp_path / NETWORK).write_bytes(b"no network")
    with pytest.raises(ExtraMissingError, match=r"no ONNX network.*fetch what evaluation needs"):
        AgeEstimator(tmp_path)
