from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from live.check import run
from live.findings import Finding
from live.outputs.outputs import OutputSettings
from live.settings import Settings
from live.shared import Access
from live.sources.camera import CameraInfo
from tests.graphs import make_graph


class Device:
    """A camera as OpenCV shows it: frames of one grey, in BGR."""

    def __init__(self, level: int | None) -> None:
        self.level = level

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self.level is not None

    def set(self, key: int, value: float) -> bool:
        return True

    def grab(self) -> bool:
        return True

    def retrieve(self) -> tuple[bool, Any]:
        return True, np.full((480, 640, 3), self.level, np.uint8)

    def release(self) -> None:
        pass


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_graph(folder / "negative.onnx", size=64, kind="invert")
    return folder


def findings(settings: Settings, *cameras: CameraInfo, access: Access | None = None) -> dict[str, Finding]:
    """What is found, by name; of several cameras the last."""
    found = run(settings, access or Access(), lambda: "127.0.0.1:8501 is free", lambda: list(cameras))
    return {finding.name: finding for finding in found}


def test_a_machine_without_a_camera_is_yellow_and_everything_else_is_tried(models: Path) -> None:
    found = findings(Settings(models=models, device="cpu"))
    assert found["Camera"].light == "yellow" and "Plug one in" in found["Camera"].said
    assert found["Detector"].light == "green" and " ms" in found["Detector"].said
    assert found["Engine"].light in ("green", "yellow")
    assert "Negative on " in found["Engine"].said and "ms a portrait" in found["Engine"].said
    assert found["Port"].said == "127.0.0.1:8501 is free"
    assert found["Network"].light == "green"
    assert "GB free" in found["Disk"].said


@pytest.mark.parametrize(
    ("level", "light", "said"),
    [
        (200, "green", "Webcam: 640 x 480, "),
        (3, "yellow", "but black: open its shutter"),
        (None, "red", "does not open: another program may be using it"),
    ],
)
def test_a_camera_is_opened_and_looked_through(
    models: Path, monkeypatch: pytest.MonkeyPatch, level: int | None, light: str, said: str
) -> None:
    monkeypatch.setattr("cv2.VideoCapture", lambda index, backend: Device(level))
    finding = findings(Settings(models=models, device="cpu"), CameraInfo("Webcam", 0, 200))["Camera"]
    assert finding.light == light
    assert said in finding.said


def test_a_source_that_was_asked_for_has_to_be_there(models: Path) -> None:
    found = findings(Settings(source="camera:Booth camera", models=models, device="cpu"))
    assert found["Source"].light == "red" and "no camera 'Booth camera'" in found["Source"].said
    found = findings(Settings(source="demo", models=models, device="cpu"))
    assert found["Source"].light == "green" and "Demo clip: 640 x 480" in found["Source"].said


def test_an_engine_that_cannot_run_is_red(tmp_path: Path) -> None:
    assert "no model (*.onnx)" in findings(Settings(models=tmp_path))["Engine"].said
    (tmp_path / "broken.onnx").write_bytes(b"this is no graph")
    finding = findings(Settings(models=tmp_path))["Engine"]
    assert finding.light == "red" and "broken.onnx" in finding.said and "\n" not in finding.said


def test_a_virtual_camera_is_red_only_when_it_was_asked_for(models: Path) -> None:
    missing = "/dev/video-that-is-not-there"
    wanted = OutputSettings(virtual_camera=True, camera_device=missing)
    assert findings(Settings(models=models, device="cpu", outputs=wanted))["Virtual camera"].light == "red"
    unasked = OutputSettings(camera_device=missing)
    assert findings(Settings(models=models, device="cpu", outputs=unasked))["Virtual camera"].light == "yellow"


def test_a_taken_port_and_an_unwritable_folder_are_red(models: Path, tmp_path: Path) -> None:
    def taken() -> str:
        raise OSError("port 8501 is taken on 127.0.0.1: choose another --port")

    (tmp_path / "file").touch()
    settings = Settings(models=models, device="cpu", outputs=OutputSettings(recordings=tmp_path / "file" / "films"))
    found = {finding.name: finding for finding in run(settings, Access(), taken, list)}
    assert (found["Port"].light, found["Port"].said) == (
        "red",
        "port 8501 is taken on 127.0.0.1: choose another --port",
    )
    assert found["Disk"].light == "red"


def test_plain_http_for_the_network_is_worth_a_look(models: Path) -> None:
    settings = Settings(models=models, device="cpu")
    assert findings(settings, access=Access(host="0.0.0.0", token="t" * 16))["Network"].light == "yellow"
    secure = Access(host="0.0.0.0", token="t" * 16, secure=True)
    assert findings(settings, access=secure)["Network"].light == "green"
