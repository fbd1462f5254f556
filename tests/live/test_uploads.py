from __future__ import annotations

from pathlib import Path

import pytest

from live.uploads import UploadError, Uploads


def path_of(spec: str) -> Path:
    kind, _, path = spec.partition(":")
    assert kind == "file"
    return Path(path)


def test_an_upload_is_kept_until_the_next() -> None:
    uploads = Uploads()
    first = path_of(uploads.keep("holiday.MP4", b"one"))
    assert first.read_bytes() == b"one"
    second = path_of(uploads.keep("again.webm", b"two"))
    assert second.read_bytes() == b"two"
    assert not first.exists()
    uploads.close()
    uploads.close()
    assert not second.parent.exists()


def test_the_name_decides_about_nothing_but_the_suffix() -> None:
    uploads = Uploads()
    path = path_of(uploads.keep("../../etc/passwd.mp4", b"x"))
    assert path.parent.name.startswith("twingan-live-")
    uploads.close()


@pytest.mark.parametrize(("name", "data"), [("notes.txt", b"x"), ("mp4", b"x"), ("", b"x"), ("a.mp4", b"")])
def test_what_is_no_video_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(UploadError, match="send"):
        Uploads().keep(name, data)


def test_the_folder_is_private() -> None:
    uploads = Uploads()
    assert path_of(uploads.keep("a.mp4", b"x")).parent.stat().st_mode & 0o077 == 0
    uploads.close()
