from __future__ import annotations

import os

import numpy as np
import pytest

from face_crop.hush import HushedDetector, without_notes


def test_notes_are_dropped_and_everything_else_comes_through(capfd: pytest.CaptureFixture[str]) -> None:
    with without_notes():
        os.write(2, b"INFO: [environment.cc:36] Creating LiteRT environment with options\n")
        os.write(2, b"W0000 00:00:1795384540.812163 22390 inference_runner_litert.cc:1418] not aligned\n")
        os.write(2, b"E0000 00:00:1795384540.812163 22390 model.cc:1] out of memory\n")
        os.write(2, b"ERROR live.painter: A frame could not be animated\n")
    os.write(2, b"INFO: later\n")
    assert capfd.readouterr().err.splitlines() == [
        "E0000 00:00:1795384540.812163 22390 model.cc:1] out of memory",
        "ERROR live.painter: A frame could not be animated",
        "INFO: later",
    ]


def test_a_failure_leaves_the_standard_error_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), without_notes():
        os.write(2, b"the reason\n")
        raise RuntimeError
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "the reason\nafterwards\n"


def test_blocks_in_each_other_do_not_wait_for_ever(capfd: pytest.CaptureFixture[str]) -> None:
    with without_notes():
        with without_notes():
            os.write(2, b"INFO: inside\nthe reason\n")
        os.write(2, b"INFO: outside\n")
    assert capfd.readouterr().err == "the reason\n"


@pytest.mark.parametrize("still", [False, True])
def test_a_detector_starts_looks_and_ends_without_a_word(capfd: pytest.CaptureFixture[str], still: bool) -> None:
    detector = HushedDetector(still=still)
    assert detector(np.zeros((48, 64, 3), np.uint8)) == []
    detector.close()
    assert "INFO" not in capfd.readouterr().err
