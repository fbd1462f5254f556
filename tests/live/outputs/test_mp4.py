from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from live.outputs.files import OutputError
from live.outputs.mp4 import Mp4Writer, contained
from tests.live.outputs.scenes import two_colours

ROOT = Path(__file__).parents[3]


def probed(path: Path) -> dict[str, Any]:
    """What ffprobe reads: the stream's facts and every frame's time, as a player would see them."""
    if not shutil.which("ffprobe"):
        pytest.skip("no ffprobe on this machine: apt-get install ffmpeg")
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-count_frames", "-show_streams", "-show_frames"]
    entries = ["-show_entries", "frame=pts_time,pict_type", "-of", "json"]
    done = subprocess.run([*command, *entries, str(path)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def times(path: Path) -> list[float]:
    return [float(frame["pts_time"]) for frame in probed(path)["frames"]]


def test_a_minute_has_every_frame_at_its_own_time_without_drift(tmp_path: Path) -> None:
    """Uneven frame times, as a camera in bad light has them, at about 25 frames a second."""
    random = np.random.default_rng(3)
    taken = np.concatenate([[0.0], np.cumsum(random.uniform(0.02, 0.06, 1500))])
    taken = taken[taken <= 60]
    writer = Mp4Writer(tmp_path / "minute.mp4", 64, 48)
    for index, at_s in enumerate(taken):
        writer.write(np.full((48, 64, 3), index % 200, np.uint8), 1000.0 + float(at_s))
    writer.close()
    stamps = times(tmp_path / "minute.mp4")
    assert len(stamps) == len(taken) == writer.frames
    assert all(earlier < later for earlier, later in pairwise(stamps))
    assert np.abs(np.array(stamps) - taken).max() < 1e-3
    assert writer.duration_s == pytest.approx(taken[-1], abs=1e-3)


def test_ten_minutes_do_not_drift(tmp_path: Path) -> None:
    """29.97 frames a second is the rate whose rounding adds up where frames are counted instead of timed."""
    writer = Mp4Writer(tmp_path / "long.mp4", 16, 16)
    count = 17_982
    picture = np.zeros((16, 16, 3), np.uint8)
    for index in range(0, count, 9):  # every ninth: the times are what matters
        writer.write(picture, index * 1001 / 30_000)
    writer.close()
    stamps = times(tmp_path / "long.mp4")
    last = (count - 9) * 1001 / 30_000
    assert stamps[-1] == pytest.approx(last, abs=1e-3)
    assert last > 599


def test_frames_that_are_not_later_are_left_out(tmp_path: Path) -> None:
    writer = Mp4Writer(tmp_path / "a.mp4", 16, 16)
    for at_s in (5.0, 5.0, 4.0, 5.1):
        writer.write(np.zeros((16, 16, 3), np.uint8), at_s)
    writer.close()
    assert times(tmp_path / "a.mp4") == [0.0, pytest.approx(0.1)]


def test_colours_survive_and_are_labelled(tmp_path: Path) -> None:
    writer = Mp4Writer(tmp_path / "a.mp4", 64, 48)
    picture = two_colours()
    writer.write(picture, 0.0)
    writer.close()
    with av.open(str(tmp_path / "a.mp4")) as film:
        frame = next(film.decode(video=0))
        assert (frame.colorspace, frame.color_range) == (1, 1)  # BT.709, limited
        shown = frame.to_ndarray(format="rgb24").astype(int)
    for x in (8, 56):
        assert np.abs(shown[24, x] - picture[24, x]).max() <= 6


@pytest.mark.parametrize(("width", "height", "film"), [(65, 49, (64, 48)), (1, 1, (2, 2))])
def test_odd_sizes_become_even(tmp_path: Path, width: int, height: int, film: tuple[int, int]) -> None:
    writer = Mp4Writer(tmp_path / "a.mp4", width, height)
    writer.write(np.zeros((height, width, 3), np.uint8), 0.0)
    writer.close()
    (stream,) = probed(tmp_path / "a.mp4")["streams"]
    assert (stream["width"], stream["height"]) == film
    assert (stream["codec_name"], stream["pix_fmt"]) == ("h264", "yuv420p")


def test_another_size_later_is_fitted_in(tmp_path: Path) -> None:
    writer = Mp4Writer(tmp_path / "a.mp4", 64, 48)
    writer.write(np.zeros((48, 64, 3), np.uint8), 0.0)
    writer.write(np.full((48, 112, 3), 200, np.uint8), 1.0)
    writer.close()
    with av.open(str(tmp_path / "a.mp4")) as film:
        last = list(film.decode(video=0))[-1].to_ndarray(format="rgb24")
    assert last[24].mean() == pytest.approx(200, abs=4)
    assert last[2].mean() < 4


def test_contained_keeps_the_shape_and_centres() -> None:
    film = contained(np.full((10, 20, 3), 255, np.uint8), 40, 40)
    assert film.shape == (40, 40, 3)
    rows = film[:, 20, 0] > 128
    assert rows.sum() == 20
    assert rows[10:30].all()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "mine.mp4"
    path.write_bytes(b"precious")
    with pytest.raises(OutputError, match=r"cannot make .*mine\.mp4: File exists"):
        Mp4Writer(path, 16, 16)
    assert path.read_bytes() == b"precious"


KILLED = """
import sys, time
import numpy as np
from pathlib import Path
from live.outputs.mp4 import Mp4Writer
writer = Mp4Writer(Path(sys.argv[1]), 64, 48)
random = np.random.default_rng(0)
for index in range(100000):
    writer.write(random.integers(0, 255, (48, 64, 3), dtype=np.uint8), index / 30)
    if index == 150:
        print("five seconds", flush=True)
        time.sleep(60)
"""


def test_a_killed_process_leaves_a_film_that_plays(tmp_path: Path) -> None:
    path = tmp_path / "killed.mp4"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"five seconds\n"
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    finally:
        process.kill()
    stamps = times(path)
    # All but the fragment that was being filled, which is a second long.
    assert 4.0 - 0.05 <= stamps[-1] - stamps[0] + 1 / 30 <= 5.05
    assert all(earlier < later for earlier, later in pairwise(stamps))
    with av.open(str(path)) as film:
        assert len(list(film.decode(video=0))) == len(stamps) >= 118


FULL = """
import resource, sys
import numpy as np
from pathlib import Path
from live.outputs.files import OutputError
from live.outputs.mp4 import Mp4Writer
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
writer = Mp4Writer(Path(sys.argv[1]), 64, 48)
random = np.random.default_rng(0)
try:
    for index in range(100000):
        writer.write(random.integers(0, 255, (48, 64, 3), dtype=np.uint8), index / 30)
except OutputError as error:
    print(error)
try:
    writer.close()
except OutputError as error:
    pass
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files that a test could set")
def test_a_file_that_cannot_grow_ends_with_a_sentence_and_plays(tmp_path: Path) -> None:
    path = tmp_path / "full.mp4"
    command = [sys.executable, "-c", FULL, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("full.mp4 ends here: File too large. Is the disk full?"), done.stdout + done.stderr
    assert path.stat().st_size <= 200_000
    with av.open(str(path)) as film:
        assert len(list(film.decode(video=0))) >= 25
