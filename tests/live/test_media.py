from __future__ import annotations

import http.server
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from face_crop.align import Frame
from live.encode import encode_jpeg
from live.sources.base import SourceError
from live.sources.media import Pacer, Stream, VideoFile, without_password
from tests.live.fakes import Clock, number_of, numbered

FPS = 10


def film(path: Path, frames: list[Frame]) -> Path:
    """A film of these frames at `FPS`."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "8"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    """Ten frames; their indices are 20, 30 ... 110."""
    return film(tmp_path / "ten.mp4", [numbered(20 + 10 * index) for index in range(10)])


def position(frame: Frame) -> int:
    """Place of a frame of `ten`, 0 .. 9."""
    return round((number_of(frame) - 20) / 10)


def test_plays_every_frame_at_its_time(ten: Path) -> None:
    clock = Clock()
    source = VideoFile(ten, clock=clock, sleep=clock.sleep)
    readings = [source.read() for _ in range(10)]
    source.close()
    assert [position(reading.frame) for reading in readings] == list(range(10))
    assert [reading.captured_at - 100 for reading in readings] == pytest.approx([index / FPS for index in range(10)])


def test_starts_again_at_its_end_without_a_gap(ten: Path) -> None:
    clock = Clock()
    source = VideoFile(ten, clock=clock, sleep=clock.sleep)
    readings = [source.read() for _ in range(25)]
    assert [position(reading.frame) for reading in readings] == [index % 10 for index in range(25)]
    assert readings[-1].captured_at == pytest.approx(102.4)


def test_skips_what_it_is_too_late_for(ten: Path) -> None:
    clock = Clock()
    source = VideoFile(ten, clock=clock, sleep=clock.sleep)
    source.read()
    clock.now += 0.52
    reading = source.read()
    assert position(reading.frame) in (4, 5)
    assert reading.captured_at == pytest.approx(clock.now)


def test_goes_on_where_it_was_after_a_long_sleep(ten: Path) -> None:
    clock = Clock()
    source = VideoFile(ten, clock=clock, sleep=clock.sleep)
    source.read()
    clock.now += 3600
    assert position(source.read().frame) == 1
    source.read()
    assert clock.now == pytest.approx(3700.1)


def test_a_single_picture_is_a_film_too(tmp_path: Path) -> None:
    clock = Clock()
    source = VideoFile(film(tmp_path / "one.mp4", [numbered(50)]), clock=clock, sleep=clock.sleep)
    assert [number_of(source.read().frame) for _ in range(3)] == [50, 50, 50]


def test_large_films_are_scaled_down(tmp_path: Path) -> None:
    path = film(tmp_path / "large.mp4", [numbered(50, (640, 360))])
    assert VideoFile(path, max_side=160).read().frame.shape == (90, 160, 3)


def test_a_file_that_is_no_video_says_so(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("not a film " * 1000)
    with pytest.raises(SourceError, match=r"notes\.mp4 does not open as a video \(Invalid data") as caught:
        VideoFile(text)
    assert "\n" not in str(caught.value)


def test_a_truncated_film_plays_what_there_is_or_says_so(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mkv", [numbered(20 + index) for index in range(60)])
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    clock = Clock()
    source = VideoFile(cut, clock=clock, sleep=clock.sleep)
    assert number_of(source.read().frame) in (19, 20, 21)
    for _ in range(100):
        source.read()


def test_a_sound_file_has_no_pictures(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
    with pytest.raises(SourceError, match=r"sound\.wav has no pictures in it"):
        VideoFile(path)


MATRICES = {
    90: ((0, 1, -1, 0), cv2.ROTATE_90_CLOCKWISE),
    180: ((-1, 0, 0, -1), cv2.ROTATE_180),
    270: ((0, -1, 1, 0), cv2.ROTATE_90_COUNTERCLOCKWISE),
}
"""Clockwise degrees: (a, b, c, d) of the display matrix, x' = a x + c y, y' = b x + d y (ISO/IEC 14496-12, 6.2.2)."""


@pytest.mark.parametrize("degrees", sorted(MATRICES))
def test_a_telephone_held_upright_gives_upright_pictures(degrees: int, tmp_path: Path) -> None:
    matrix, rotation = MATRICES[degrees]
    frame = numbered(0, (64, 32))
    frame[:16, :32] = 200  # bright at the top left
    path = film(tmp_path / "lying.mp4", [frame])
    data = bytearray(path.read_bytes())
    # In the track header (version 0) the matrix follows 40 bytes after the box's type.
    start = data.index(b"tkhd") + 44
    a, b, c, d = (value * 65536 for value in matrix)
    data[start : start + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    ours, expected = VideoFile(path).read().frame, cv2.rotate(frame, rotation)
    assert ours.shape == expected.shape
    assert np.abs(ours.astype(int) - expected).mean() < 5


def test_pacer_says_when_frames_are_due() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    assert pacer.wait_s(0.0) == 0
    assert pacer.wait_s(0.5) == 0.5
    clock.now += 0.55
    assert pacer.wait_s(0.5) == 0  # a little late is shown
    clock.now += 0.3
    assert pacer.wait_s(0.6) is None
    clock.now += 10
    assert pacer.wait_s(0.7) == 0


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves `/live` as an endless MJPEG camera until `stopped`, and files of the folder otherwise."""

    stopped: threading.Event

    def do_GET(self) -> None:
        if self.path != "/live":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        index = 0
        while not self.stopped.wait(0.02):
            jpeg = encode_jpeg(numbered(100 + index % 100))
            self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\n")
            self.wfile.write(f"Content-Length: {len(jpeg)}\r\n\r\n".encode() + jpeg + b"\r\n")
            index += 1

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def network_camera(tmp_path: Path) -> Iterator[tuple[str, threading.Event]]:
    """(address, event that stops the camera)."""
    stopped = threading.Event()

    class Here(Handler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(tmp_path))  # type: ignore[arg-type]

    Here.stopped = stopped
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Here) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", stopped
        stopped.set()
        server.shutdown()
        thread.join()


def test_a_network_camera_delivers_until_it_stops(network_camera: tuple[str, threading.Event]) -> None:
    address, stopped = network_camera
    source = Stream(f"{address}/live")
    numbers = [number_of(source.read().frame) for _ in range(10)]
    assert numbers == sorted(set(numbers))
    stopped.set()
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:\d+/live (ended|stopped)"):
        for _ in range(1000):
            source.read()
    source.close()


def test_a_film_behind_an_address_plays_in_real_time(ten: Path, network_camera: tuple[str, threading.Event]) -> None:
    source = Stream(f"{network_camera[0]}/{ten.name}")
    readings = [source.read() for _ in range(5)]
    source.close()
    assert readings[-1].captured_at - readings[0].captured_at > 3.5 / FPS


def test_an_address_where_nobody_answers_says_so() -> None:
    began_at = time.monotonic()
    with pytest.raises(SourceError, match=r"http://127\.0\.0\.1:1/x does not open as a video \(.*refused"):
        Stream("http://user:secret@127.0.0.1:1/x")
    assert time.monotonic() - began_at < 30


def test_a_stream_needs_a_known_scheme() -> None:
    with pytest.raises(SourceError, match="must start with rtsp"):
        Stream("concat:///etc/passwd")


def test_addresses_are_shown_without_secrets() -> None:
    assert without_password("rtsp://me:secret@cam.local:554/live?key=secret") == "rtsp://cam.local:554/live"
