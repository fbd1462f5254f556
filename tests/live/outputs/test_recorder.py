from __future__ import annotations

from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from live.outputs.files import RESERVE_BYTES, OutputError, check_folder, named_by_time
from live.outputs.recorder import Recorder
from live.outputs.snapshots import Snapshots
from tests.live.fakes import numbered, until
from tests.live.outputs.scenes import FakeStage, scene, two_colours
from tests.live.outputs.test_mp4 import times

NOON = datetime(2026, 11, 22, 12, 0, 0)


def recorded(folder: Path, stage: FakeStage, *scenes: object, view: str | None = None) -> Path:
    recorder = Recorder(stage, now=lambda: NOON)
    recorder.start(folder, view)
    for one in scenes:
        stage.taps.put(one)  # type: ignore[arg-type]
    recorder.stop()
    assert recorder.path is not None
    assert recorder.problem == ""
    return recorder.path


def pixel(path: Path, x: int, y: int = 24) -> list[int]:
    film = cv2.VideoCapture(str(path))
    _, picture = film.read()
    film.release()
    return [int(value) for value in picture[y, x, ::-1]]


def test_what_is_shown_is_in_the_film_with_its_times(tmp_path: Path) -> None:
    path = recorded(tmp_path, FakeStage(), *(scene(numbered(i), 100 + i * i / 100) for i in range(6)))
    assert times(path) == [pytest.approx(i * i / 100, abs=1e-4) for i in range(6)]


def test_the_film_is_not_mirrored_although_the_preview_is(tmp_path: Path) -> None:
    shown = scene(two_colours(), 1.0, mirror=True)
    assert shown.picture[24, 8, 1] > 200, "the preview shows green on the left"
    path = recorded(tmp_path, FakeStage(), shown)
    red, green, _ = pixel(path, 8)
    assert red > 200
    assert green < 60


def test_side_by_side_can_be_exported_whatever_the_page_shows(tmp_path: Path) -> None:
    path = recorded(tmp_path, FakeStage(), scene(two_colours(), view="camera"), view="side-by-side")
    film = cv2.VideoCapture(str(path))
    assert film.get(cv2.CAP_PROP_FRAME_WIDTH) == 64 + 48
    film.release()


def test_a_second_recording_in_the_same_second_gets_a_name_of_its_own(tmp_path: Path) -> None:
    first = recorded(tmp_path, FakeStage(), scene(numbered(1)))
    size = first.stat().st_size
    second = recorded(tmp_path, FakeStage(), scene(numbered(2)))
    assert first.name == "twingan-live-2026-11-22-12-00-00.mp4"
    assert second.name == "twingan-live-2026-11-22-12-00-00-2.mp4"
    assert first.stat().st_size == size


def test_is_off_until_started_and_lets_the_session_rest(tmp_path: Path) -> None:
    stage = FakeStage()
    recorder = Recorder(stage)
    assert not recorder.on
    assert stage.taps.count == 0
    recorder.start(tmp_path)
    assert recorder.on
    assert stage.taps.count == 1
    recorder.stop()
    assert not recorder.on
    assert stage.taps.count == 0


def test_without_a_folder_the_remedy_is_told() -> None:
    with pytest.raises(OutputError, match="choose one, or start with --recordings FOLDER"):
        Recorder(FakeStage()).start(None)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(OutputError, match=r"cannot write to .*Choose another folder"):
        check_folder(file / "inside")


def test_a_full_disk_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"the disk is full: 1 MB are left"):
        Recorder(FakeStage(), free=lambda _: 2**20).start(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_ends_the_recording_with_a_sentence_and_the_film_plays(tmp_path: Path) -> None:
    stage = FakeStage()
    left = [10 * RESERVE_BYTES]
    recorder = Recorder(stage, free=lambda _: left[0])
    recorder.start(tmp_path)
    for index in range(40):
        stage.taps.put(scene(numbered(index), index / 30))
        until(lambda index=index: recorder.seconds >= index / 30 - 0.001)  # type: ignore[misc]
    left[0] = 0
    for index in range(40, 80):
        stage.taps.put(scene(numbered(index), index / 30))
        until(lambda index=index: not recorder.on or recorder.seconds >= index / 30 - 0.001)  # type: ignore[misc]
    assert not recorder.on
    assert "the disk is full: 0 MB are left" in recorder.problem
    assert recorder.path is not None
    assert len(times(recorder.path)) >= 40
    assert stage.taps.count == 0


def test_snapshots_come_by_the_clock_and_are_whole(tmp_path: Path) -> None:
    stage = FakeStage()
    snapshots = Snapshots(stage, now=lambda: NOON)
    snapshots.start(tmp_path, every_s=2)
    for tenth in range(60):
        before = snapshots.taken
        stage.taps.put(scene(two_colours(), tenth / 10, mirror=True))
        if tenth % 20 == 0:
            until(lambda before=before: snapshots.taken == before + 1)  # type: ignore[misc]
    snapshots.stop()
    files = sorted(path.name for path in tmp_path.iterdir())
    stem = "twingan-live-2026-11-22-12-00-00"
    assert files == [f"{stem}-2.png", f"{stem}-3.png", f"{stem}.png"]
    picture = cv2.imread(str(tmp_path / f"{stem}.png"))
    assert picture is not None
    assert np.array_equal(picture[..., ::-1], two_colours())


def test_snapshots_refuse_a_pause_out_of_range(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="every 1 to 3600 seconds, got 0"):
        Snapshots(FakeStage()).start(tmp_path, every_s=0)


def test_names_never_meet_a_file_that_exists(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        names.append(named_by_time(tmp_path, ".png", NOON))
        names[-1].touch()
    assert len(set(names)) == 3
