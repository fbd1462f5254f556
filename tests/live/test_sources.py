from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from live.demo import CLIP
from live.sources.base import Reading, SourceError, fit, fitted_size
from live.sources.camera import CameraInfo
from live.sources.catalog import check_spec, choose, label_of, list_sources, open_source
from live.sources.pattern import Pattern
from tests.live.fakes import Clock, numbered

WEBCAM, OTHER = CameraInfo("Webcam", 0, 200), CameraInfo("Other", 2, 200)


def test_cameras_come_first_and_demo_and_pattern_are_always_there() -> None:
    assert list_sources([WEBCAM, OTHER]) == [
        ("camera:Webcam", "Webcam"),
        ("camera:Other", "Other"),
        ("demo", "Demo clip"),
        ("pattern", "Test pattern"),
    ]
    assert [spec for spec, _ in list_sources([])] == ["demo", "pattern"]


def test_automatic_takes_the_first_camera_by_name() -> None:
    assert choose("auto", [WEBCAM, OTHER]) == ("camera:Webcam", "")


def test_automatic_without_a_camera_is_the_demo_clip_and_says_so() -> None:
    spec, note = choose("auto", [])
    assert spec == "demo"
    assert "No camera" in note and "demo clip" in note


def test_a_chosen_source_stays_what_it_is() -> None:
    assert choose("pattern", [WEBCAM]) == ("pattern", "")


@pytest.mark.parametrize(
    "spec", ["auto", "demo", "pattern", "camera:Webcam", "camera:0", "file:/a b.mp4", "rtsp://host/path", "HTTP://h/x"]
)
def test_good_specs(spec: str) -> None:
    assert check_spec(f"  {spec} ") == spec


@pytest.mark.parametrize(
    "spec", ["", "Webcam", "camera:", "file:", "concat:a|b", "ftp://host/x", "gopher://x", "demo2"]
)
def test_bad_specs_are_refused_with_what_is_expected(spec: str) -> None:
    with pytest.raises(SourceError, match=r"unknown source .*expected auto, demo, pattern, camera:NAME, file:PATH"):
        check_spec(spec)


@pytest.mark.parametrize(
    ("spec", "label"),
    [
        ("camera:Webcam", "Webcam"),
        ("file:/home/me/film.mp4", "film.mp4"),
        ("demo", "Demo clip"),
        ("rtsp://user:secret@host:554/live?token=secret", "rtsp://host:554/live"),
    ],
)
def test_labels_show_no_secret(spec: str, label: str) -> None:
    assert label_of(spec) == label


def test_the_demo_clip_opens_and_moves() -> None:
    source = open_source("demo")
    first, second = source.read(), source.read()
    source.close()
    assert source.label == "Demo clip"
    assert first.frame.shape == (480, 640, 3)
    assert second.captured_at > first.captured_at
    assert not np.array_equal(first.frame, second.frame)


def test_the_demo_clip_is_small_enough_to_be_kept_in_git() -> None:
    assert CLIP.stat().st_size <= 2.5e6


def test_a_missing_camera_names_the_remedy() -> None:
    with pytest.raises(SourceError, match=r"no camera 'Nobody has this'.*plug"):
        open_source("camera:Nobody has this")


def test_a_missing_file_names_the_path(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no video file .*gone\.mp4: check the path"):
        open_source(f"file:{tmp_path / 'gone.mp4'}")


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
        None,
        "garbage",
    ],
)
def test_a_reading_refuses_what_is_no_frame(frame: object) -> None:
    with pytest.raises(SourceError, match=r"must be RGB uint8 \[H, W, 3\], the source sent"):
        Reading(frame, 0.0)  # type: ignore[arg-type]


def test_large_frames_are_scaled_down_and_keep_their_shape() -> None:
    assert fitted_size(7680, 4320, 1280) == (1280, 720)
    assert fitted_size(1080, 1920, 1280) == (720, 1280)
    assert fitted_size(9000, 1, 1280) == (1280, 1)
    assert fit(numbered(9, (3840, 2160)), 1280).shape == (720, 1280, 3)


def test_small_frames_are_left_alone() -> None:
    frame = numbered(9, (640, 480))
    assert fit(frame, 1280) is frame


def test_the_pattern_keeps_its_rate_and_moves() -> None:
    clock = Clock()
    pattern = Pattern(fps=10, clock=clock, sleep=clock.sleep)
    readings = [pattern.read() for _ in range(5)]
    assert [reading.captured_at - 100 for reading in readings] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert not np.array_equal(readings[0].frame, readings[-1].frame)
    assert readings[-1].frame[0, 0].tolist() == [235, 235, 235]


def test_the_pattern_does_not_hurry_after_a_pause() -> None:
    clock = Clock()
    pattern = Pattern(fps=10, clock=clock, sleep=clock.sleep)
    pattern.read()
    clock.now += 5
    readings = [pattern.read() for _ in range(4)]
    assert [reading.captured_at - 105 for reading in readings] == pytest.approx([0, 0, 0.1, 0.2])
