from __future__ import annotations

import os
import sys
import time
from typing import Any

import cv2
import numpy as np
import pytest

from live.sources.base import SourceError
from live.sources.camera import Camera, CameraInfo, find_camera, list_cameras, unique

INFO = CameraInfo("Webcam", 3, 200)


class Device:
    """Stands in for `cv2.VideoCapture`: opens or not, and delivers the frames it was given, as BGR."""

    def __init__(self, *frames: Any, opens: bool = True) -> None:
        self.frames, self.opens = list(frames), opens
        self.settings: list[tuple[int, float]] = []
        self.released = False
        self.opened_as: tuple[int, int] | None = None

    def __call__(self, index: int, backend: int) -> Device:
        self.opened_as = (index, backend)
        return self

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self.opens

    def set(self, key: int, value: float) -> bool:
        self.settings.append((key, value))
        return False  # like a camera that knows none of them

    def grab(self) -> bool:
        return bool(self.frames)

    def retrieve(self) -> tuple[bool, Any]:
        frame = self.frames.pop(0)
        if isinstance(frame, Exception):
            raise frame
        return frame is not None, frame

    def release(self) -> None:
        self.released = True


def test_asks_for_compressed_pictures_before_the_size_and_for_the_shortest_queue() -> None:
    device = Device()
    Camera(INFO, open_device=device)
    assert device.opened_as == (3, 200)
    assert device.settings == [
        (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
        (cv2.CAP_PROP_FRAME_WIDTH, 1280),
        (cv2.CAP_PROP_FRAME_HEIGHT, 720),
        (cv2.CAP_PROP_FPS, 30),
        (cv2.CAP_PROP_BUFFERSIZE, 1),
    ]


def test_delivers_rgb_with_the_time_of_arrival() -> None:
    red = np.zeros((4, 6, 3), np.uint8)
    red[..., 2] = 255
    before = time.monotonic()
    reading = Camera(INFO, open_device=Device(red)).read()
    assert reading.frame[0, 0].tolist() == [255, 0, 0]
    assert before <= reading.captured_at <= time.monotonic()


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (4, 6, 4)])
def test_grey_and_transparent_pictures_become_rgb(shape: tuple[int, ...]) -> None:
    frame = Camera(INFO, open_device=Device(np.full(shape, 90, np.uint8))).read().frame
    assert frame.shape == (4, 6, 3)
    assert (frame == 90).all()


def test_large_pictures_are_scaled_down() -> None:
    device = Device(np.zeros((2160, 3840, 3), np.uint8))
    assert Camera(INFO, max_side=640, open_device=device).read().frame.shape == (360, 640, 3)


def test_a_camera_that_is_taken_says_so_and_is_released() -> None:
    device = Device(opens=False)
    with pytest.raises(SourceError, match="camera 'Webcam' does not open: another program may be using it"):
        Camera(INFO, open_device=device)
    assert device.released


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ((), "sends no picture: unplugged"),
        ((None,), "sends no picture: unplugged"),
        ((cv2.error("boom"),), "failed: boom"),
        ((np.zeros((4, 4, 2), np.uint8),), "2 channels"),
        ((np.zeros((4, 4, 3), np.uint16),), "uint16 instead of 8-bit"),
        ((np.zeros((0, 4, 3), np.uint8),), "instead of 8-bit"),
    ],
)
def test_bad_pictures_are_one_line_errors(frames: tuple[Any, ...], message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        Camera(INFO, open_device=Device(*frames)).read()
    assert "\n" not in str(caught.value)


def test_no_permission_names_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(SourceError, match=r"no permission for camera 'Webcam' \(/dev/video3\): .*usermod -aG video"):
        Camera(CameraInfo("Webcam", 3, 200, "/dev/video3"), open_device=Device())


def test_close_releases_the_device() -> None:
    device = Device()
    Camera(INFO, open_device=device).close()
    assert device.released


def test_a_camera_is_found_by_name_under_any_index() -> None:
    cameras = [CameraInfo("Webcam", 4, 200), CameraInfo("Other", 0, 200)]
    assert find_camera("Webcam", cameras).index == 4
    assert find_camera("0", cameras).name == "Other"


def test_a_camera_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(SourceError, match=r"no camera 'Gone': plug it in or choose one of 'Webcam' \(3\)"):
        find_camera("Gone", [INFO])
    with pytest.raises(SourceError, match="this machine has none; plug one in or choose the demo clip"):
        find_camera("Gone", [])


def test_equal_cameras_are_told_apart() -> None:
    assert unique(["Webcam", "Other", "Webcam", "Webcam"]) == ["Webcam", "Other", "Webcam (2)", "Webcam (3)"]


def test_listing_the_cameras_of_this_machine_works_with_or_without_any() -> None:
    cameras = list_cameras()
    assert [camera.index for camera in cameras] == sorted(camera.index for camera in cameras)
    assert all(camera.name for camera in cameras)
