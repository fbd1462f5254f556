"""What people send is bounded in bytes and in pixels."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from live import uploads
from live.sources import media
from live.sources.base import SourceError
from live.sources.media import VideoFile
from live.uploads import UploadError, Uploads


def film(path: Path, width: int, height: int) -> Path:
    """Three grey pictures."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=Fraction(30))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(3):
            picture = np.full((height, width, 3), 128, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode(None))
    return path


def test_pictures_above_the_bound_are_refused_with_their_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MAX_PIXELS", 320 * 240)
    with contextlib.closing(VideoFile(film(tmp_path / "fits.mp4", 320, 240))) as source:
        assert source.read().frame.shape == (240, 320, 3)
    with pytest.raises(SourceError, match=r"large\.mp4 has pictures of 336 x 240: choose one of at most"):
        VideoFile(film(tmp_path / "large.mp4", 336, 240))


def test_pictures_that_grow_beyond_the_bound_later_are_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = film(tmp_path / "small.ts", 320, 240), film(tmp_path / "large.ts", 640, 480)
    (tmp_path / "both.ts").write_bytes(small.read_bytes() + large.read_bytes())
    monkeypatch.setattr(media, "MAX_PIXELS", 320 * 240)
    with contextlib.closing(VideoFile(tmp_path / "both.ts")) as source:
        shapes = set()
        with contextlib.suppress(SourceError):  # it is then opened anew, as a source that ended
            for _ in range(8):
                shapes.add(source.read().frame.shape)
    assert shapes == {(240, 320, 3)}


def test_uploads_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 3 * 2**20)
    keeper = Uploads()
    with contextlib.closing(keeper):
        assert keeper.keep("a.mp4", bytes(3 * 2**20)).startswith("file:")
        with pytest.raises(UploadError, match=r"a\.mp4 has 4 MB: send at most 3"):
            keeper.keep("a.mp4", bytes(4 * 2**20))
