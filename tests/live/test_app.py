"""The launcher and the real app, each in a process of its own: Streamlit allows one app per process."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from live.app import allowed_hosts
from live.shared import Access
from tests.graphs import make_graph
from tests.live.fakes import until
from tests.running_app import ROOT, RunningApp, running_app


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_graph(folder / "negative.onnx", size=64, kind="invert")
    return folder


@pytest.fixture(scope="module")
def app(models: Path) -> Iterator[RunningApp]:
    with running_app("--source", "demo", "--models", str(models)) as started:
        yield started


def refused(*arguments: str) -> str:
    """What the launcher prints when it refuses to start."""
    done = subprocess.run(
        [sys.executable, "-m", "live", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


def test_the_app_says_where_it_is_and_listens_to_this_machine_only(app: RunningApp) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", app.url)
    port = int(app.url.rpartition(":")[2])
    with socket.socket() as probe:
        probe.settimeout(2)
        assert probe.connect_ex((socket.gethostbyname(socket.gethostname()), port)) != 0 or socket.gethostbyname(
            socket.gethostname()
        ).startswith("127.")


def test_the_demo_clip_is_animated(app: RunningApp) -> None:
    with_viewer = http.client.HTTPConnection(app.url.removeprefix("http://"), timeout=20)
    with_viewer.request("GET", "/stream.mjpg")
    answer = with_viewer.getresponse()
    assert answer.read(200_000).count(b"image/jpeg") >= 2
    figures = app.wait_for("live")
    assert figures["style"] == "negative"
    until(lambda: app.stats()["faces"] >= 1)  # between two scenes there is none
    assert "CPU" in figures["runtime"]
    assert figures["stage_ms"].keys() >= {"detect", "generate", "encode"}
    with_viewer.close()


def test_video_passes_streamlits_compression_untouched(app: RunningApp) -> None:
    connection = http.client.HTTPConnection(app.url.removeprefix("http://"), timeout=20)
    connection.request("GET", "/stream.mjpg", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.headers["Content-Encoding"] == "identity"
    assert answer.read(14).startswith(b"--")
    connection.close()


def test_the_page_is_streamlits(app: RunningApp) -> None:
    status, body = app.get("/")
    assert status == 200
    assert b"<title>" in body
    assert app.get("/_stcore/health")[0] == 200


def test_foreign_names_reach_neither_page_nor_video(app: RunningApp) -> None:
    connection = http.client.HTTPConnection(app.url.removeprefix("http://"), timeout=20)
    for path in ("/", "/snapshot.jpg"):
        connection.request("GET", path, headers={"Host": "evil.example"})
        answer = connection.getresponse()
        assert (path, answer.status) == (path, 421)
        answer.read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_soon_although_somebody_watches(models: Path, number: signal.Signals) -> None:
    app = RunningApp("--source", "pattern", "--models", str(models))
    connection = http.client.HTTPConnection(app.url.removeprefix("http://"), timeout=20)
    connection.request("GET", "/stream.mjpg")
    connection.getresponse().read(1000)
    began = time.monotonic()
    assert app.end(number) in (0, -number)
    assert time.monotonic() - began < 20
    assert "Traceback" not in app.output
    connection.close()


def test_an_unreadable_model_is_told_and_the_camera_goes_on(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"this is no graph")
    with running_app("--source", "pattern", "--models", str(tmp_path)) as app:
        figures = app.wait_for("failed")
        assert "broken.onnx" in figures["message"]
        assert "\n" not in figures["message"]
        until(lambda: app.stats()["shown"] > 0, 60)  # the detector may still be loading
        status, body = app.get("/snapshot.jpg")
        assert status == 200 and body.startswith(b"\xff\xd8")
        assert "Traceback" not in app.output


def test_a_folder_without_models_is_told(tmp_path: Path) -> None:
    with running_app("--source", "pattern", "--models", str(tmp_path)) as app:
        assert "no model" in app.wait_for("failed")["message"]


def test_a_camera_that_does_not_exist_is_told(models: Path) -> None:
    with running_app("--source", "camera:No such camera", "--models", str(models)) as app:
        figures = app.wait_for("failed")
        assert "No such camera" in figures["message"]
        status, body = app.get("/snapshot.jpg")
        assert status == 503
        assert b"No such camera" in body


def test_a_taken_port_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refused("--port", str(port)) == (
            f"error: port {port} is taken on 127.0.0.1: close the program that uses it, or choose another --port\n"
        )


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--source", "telescope"), "unknown source 'telescope'"),
        (("--view", "upside-down"), "unknown view 'upside-down'"),
        (("--device", "abacus"), "device must be one of"),
        (("--port", "70000"), "--port must be 0 .. 65535, got 70000"),
        (("--max-side", "3"), "max_side must be"),
        (("--host", "300.1.2.3"), "cannot listen on 300.1.2.3"),
    ],
)
def test_a_wrong_flag_is_told_in_one_line(arguments: tuple[str, ...], part: str) -> None:
    message = refused(*arguments)
    assert part in message
    assert message.count("\n") == 1


def test_names_are_checked_only_while_the_server_is_for_this_machine() -> None:
    assert "localhost" in allowed_hosts(Access())
    assert "booth.local" in allowed_hosts(Access(allow_hosts=("booth.local",)))
    assert allowed_hosts(Access(host="0.0.0.0")) == ()
