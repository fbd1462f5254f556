from __future__ import annotations

from pathlib import Path

import av
import pytest

from tests.fake_camera import write_mjpeg


def test_the_film_has_every_frame_of_the_piece(tmp_path: Path) -> None:
    path = write_mjpeg(tmp_path / "camera.mjpeg", 1.0, 2.0)
    with av.open(str(path), format="mjpeg") as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 30
    assert (frames[0].width, frames[0].height) == (640, 480)


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mjpeg"):
        write_mjpeg(tmp_path / "camera.avi")
