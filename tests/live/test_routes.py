from __future__ import annotations

import http.client
import io
import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import live.routes
from live.routes import parse_fps
from live.stats import Stats
from tests.live.fake_house import Served, serving, wait_until


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as running:
        yield running


def picture(data: bytes) -> tuple[str, int]:
    """(format, the one value of its pixels)."""
    image = Image.open(io.BytesIO(data))
    return str(image.format), round(float(np.asarray(image).mean()))


@pytest.mark.parametrize(("kind", "expected"), [("jpg", "JPEG"), ("png", "PNG")])
def test_a_snapshot_is_the_newest_picture(served: Served, kind: str, expected: str) -> None:
    for _ in range(40):
        served.session.paint()
    status, headers, body = served.get(f"/snapshot.{kind}")
    assert status == 200
    assert picture(body) == (expected, 40)
    assert headers["cache-control"] == "no-store"


def test_a_snapshot_of_another_kind_is_refused_by_name(served: Served) -> None:
    status, _, body = served.get("/snapshot.gif")
    assert status == 404
    assert body == b"unknown picture type 'gif': expected jpg or png\n"


def test_a_snapshot_without_a_picture_says_why(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.routes, "FIRST_FRAME_S", 0.05)
    served.session.now = Stats(state="failed", message="Camera 'X' is in use: close the other program.")
    status, _, body = served.get("/snapshot.jpg")
    assert status == 503
    assert body.decode() == "Camera 'X' is in use: close the other program.\n"


def test_stats_are_strict_json_without_folders(served: Served) -> None:
    served.session.now = replace(served.session.now, fps_captured=float("nan"), style="/home/me/models/anime.onnx")
    figures = served.json("/stats.json")
    assert figures["fps_captured"] is None
    assert figures["style"] == "anime"
    assert b"NaN" not in served.get("/stats.json")[2]
    assert b"/home/me" not in served.get("/stats.json")[2]


class Mjpeg:
    """A player of /stream.mjpg as simple as they come."""

    def __init__(self, served: Served, query: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        self.connection.request("GET", f"/stream.mjpg{query}", headers={"Accept-Encoding": "gzip"})
        self.answer = self.connection.getresponse()
        boundary = re.search("boundary=(.+)", self.answer.headers["Content-Type"])
        assert boundary
        self.boundary = b"--" + boundary[1].encode()
        assert self.answer.readline().strip() == self.boundary

    def part(self) -> tuple[int, bytes]:
        """(sequence, JPEG) of the next frame, with the boundary that ends it."""
        fields = {}
        while line := self.answer.readline().strip():
            name, _, value = line.decode().partition(": ")
            fields[name] = value
        body = self.answer.read(int(fields["Content-Length"]))
        assert self.answer.readline() == b"\r\n"
        assert self.answer.readline().strip() == self.boundary
        return int(fields["X-Sequence"]), body

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def test_mjpeg_shows_each_new_picture_once(served: Served) -> None:
    player = Mjpeg(served)
    assert player.answer.headers["Content-Encoding"] == "identity"
    wait_until(lambda: served.house.broadcast.viewers == 1)
    for _ in range(3):
        painted = served.session.paint()
        sequence, body = player.part()  # arrives although no further picture follows
        assert sequence == painted
        assert picture(body) == ("JPEG", painted)
    player.close()


def test_mjpeg_leaves_pictures_out_when_asked_for_fewer(served: Served) -> None:
    with served.painting(every_s=0.005):
        player = Mjpeg(served, "?fps=5")
        sequences = [player.part()[0] for _ in range(4)]
        player.close()
    assert min(np.diff(sequences)) >= 5  # 200 ms hold up to 40 pictures


def test_a_viewer_who_leaves_is_forgotten(served: Served) -> None:
    player = Mjpeg(served)
    wait_until(lambda: served.json("/stats.json")["viewers"] == 1)
    player.close()
    with served.painting():
        wait_until(lambda: served.json("/stats.json")["viewers"] == 0)
    wait_until(lambda: served.session.viewers.count == 0)


def test_a_viewer_who_leaves_while_nothing_is_painted_is_forgotten_too(served: Served) -> None:
    player = Mjpeg(served)
    wait_until(lambda: served.house.broadcast.viewers == 1)
    player.close()
    wait_until(lambda: served.house.broadcast.viewers == 0)


def test_many_viewers_are_one_subscription(served: Served) -> None:
    players = [Mjpeg(served) for _ in range(5)]
    wait_until(lambda: served.house.broadcast.viewers == 5)
    wait_until(lambda: served.session.viewers.count == 1)
    painted = served.session.paint()
    assert [player.part()[0] for player in players] == [painted] * 5
    for player in players:
        player.close()


@pytest.mark.parametrize("fps", ["abc", "0", "-1", "61", "nan", "inf", ""])
def test_an_impossible_rate_is_refused(served: Served, fps: str) -> None:
    status, _, body = served.get(f"/stream.mjpg?fps={fps}")
    assert status == 400
    assert body.decode() == f"fps must be a number from 1 to 60, got {fps!r}\n"


def test_possible_rates() -> None:
    assert [parse_fps(text) for text in ("1", "29.97", "60")] == [1, 29.97, 60]


def test_the_socket_without_a_handshake_is_explained(served: Served) -> None:
    status, _, body = served.get("/ws")
    assert status == 426
    assert b"/stream.mjpg" in body


def test_wrong_methods_are_refused(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request("POST", "/snapshot.jpg")
    assert connection.getresponse().status == 405


@pytest.mark.parametrize(
    ("path", "kind"), [("/player", "text/html"), ("/player.css", "text/css"), ("/player.js", "text/javascript")]
)
def test_the_player_is_served(served: Served, path: str, kind: str) -> None:
    status, headers, body = served.get(path)
    assert status == 200
    assert headers["content-type"].startswith(kind)
    assert body


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", ""])
def test_a_foreign_name_for_this_machine_is_refused(served: Served, host: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.putrequest("GET", "/snapshot.jpg", skip_host=True)
    connection.putheader("Host", host)
    connection.endheaders()
    assert connection.getresponse().status == 421


@pytest.mark.parametrize("host", ["localhost:8501", "LOCALHOST", "127.0.0.1", "[::1]:8501"])
def test_own_names_are_accepted(served: Served, host: str) -> None:
    assert served.get("/healthz", Host=host)[0] == 200


def test_other_sites_cannot_embed_the_pictures(served: Served) -> None:
    served.session.paint()
    _, headers, _ = served.get("/snapshot.jpg")
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
