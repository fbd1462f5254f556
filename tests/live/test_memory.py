from __future__ import annotations

from pathlib import Path

import pytest

from live.memory import Memory, recalled
from live.session import Session
from live.settings import Settings
from live.styles import Styles
from tests.live.fakes import FixedDetector, Sources


def test_the_last_choice_is_remembered_by_name(tmp_path: Path) -> None:
    path = tmp_path / "state" / "last.json"
    for spec in ("demo", "camera:Logitech C920", "rtsp://camera.local/stream", "pattern"):
        Memory(path).remember(spec)
        assert Memory(path).recall() == spec
    assert [item.name for item in path.parent.iterdir()] == ["last.json"], "no draft is left behind"


@pytest.mark.parametrize(
    "spec",
    ["camera:0", "file:/tmp/upload-1.mp4", "rtsp://me:secret@camera.local/stream", "http://cam/stream?key=1", "auto"],
)
def test_what_changes_its_meaning_or_is_secret_is_not(tmp_path: Path, spec: str) -> None:
    Memory(tmp_path / "last.json").remember("demo")
    Memory(tmp_path / "last.json").remember(spec)
    assert Memory(tmp_path / "last.json").recall() == "demo"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"source": 3}', b'{"source": "telescope"}', b'"demo"', b"\xff\xfe", b"{}"]
)
def test_a_damaged_file_is_ignored_and_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "last.json"
    path.write_bytes(content)
    assert Memory(path).recall() == ""
    Memory(path).remember("demo")
    assert Memory(path).recall() == "demo"


def test_a_place_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    Memory(tmp_path / "file" / "last.json").remember("demo")
    assert Memory(tmp_path / "file" / "last.json").recall() == ""


def test_only_an_open_choice_is_filled_in(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "last.json")
    assert recalled(Settings(remember=True), memory).source == "auto"
    memory.remember("camera:Webcam")
    assert recalled(Settings(remember=True), memory).source == "camera:Webcam"
    assert recalled(Settings(remember=False), memory).source == "auto"
    assert recalled(Settings(source="demo", remember=True), memory).source == "demo"


def test_a_session_passes_on_what_people_choose_and_not_what_it_started_with(tmp_path: Path) -> None:
    chosen: list[str] = []
    sources = Sources()
    session = Session(
        Settings(source="pattern", models=tmp_path),
        styles=Styles(tmp_path),
        opener=sources,
        cameras=list,
        make_detector=FixedDetector,
        remember=chosen.append,
    )
    session.start()
    assert chosen == []
    session.set_source("camera:Webcam")
    assert chosen == ["camera:Webcam"]
    sources.end()
    session.close()
