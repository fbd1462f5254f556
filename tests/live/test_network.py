"""The real app, opened to the network over https: everything asks for the token, nothing reaches the file system."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.graphs import make_graph
from tests.live.certificates import make_pair
from tests.running_app import running_app

EVERYWHERE = (
    "/",
    "/player",
    "/player.js",
    "/stream.mjpg",
    "/snapshot.jpg",
    "/healthz",
    "/metrics",
    "/stats.json",
    "/overlay",
    "/_stcore/health",
    "/_stcore/host-config",
    "/static/js/index.js",
    "/favicon.png",
    "/component/x/index.html",
    "/media/x.png",
    "/no/such/page",
)
OUTSIDE = (
    "/../../../../etc/passwd",
    "/player/../../../../etc/passwd",
    "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/static/..%2f..%2f..%2f..%2f..%2fetc/passwd",
    "/static/%5c..%5c..%5cwindows/win.ini",
    "/component/streamlit_webrtc.webrtc_streamer/../../../../../../etc/passwd",
    "/component/streamlit_webrtc.webrtc_streamer/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/app/static/../../etc/passwd",
    "/media/../../etc/passwd",
    "/snapshot.jpg/../../etc/passwd",
    "//etc/passwd",
    "/static/",
    "/static/js/",
)


class Network:
    """A client of the app that asks for whatever a test wants, however odd."""

    def __init__(self, link: str, certificate: Path) -> None:
        parts = urlsplit(link)
        assert parts.scheme == "https" and parts.port is not None
        self.port, self.token = parts.port, parse_qs(parts.query)["token"][0]
        self.tls = ssl.create_default_context(cafile=str(certificate))

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """(status, headers in lower case, first bytes of the body)."""
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=60, context=self.tls)
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.headers.items()}
        body = answer.read(20_000) if "stream" not in path else b""
        connection.close()
        return answer.status, fields, body

    def entering(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """The same with the token."""
        return self.ask(path, method, Authorization=f"Bearer {self.token}", **headers)

    def socket(self, path: str, **headers: str) -> int:
        """HTTP status of a WebSocket handshake."""
        try:
            with connect(f"wss://localhost:{self.port}{path}", ssl=self.tls, additional_headers=headers):
                return 101
        except InvalidStatus as error:
            return error.response.status_code


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    folder = tmp_path_factory.mktemp("network")
    make_graph(folder / "negative.onnx", size=64, kind="invert")
    certificate, key = make_pair(folder)
    opened = ("--host", "0.0.0.0", "--certificate", str(certificate), "--key", str(key))
    with running_app("--source", "pattern", "--models", str(folder), *opened) as app:
        yield Network(app.url, certificate)


def test_every_route_asks_for_the_token(network: Network) -> None:
    for path in EVERYWHERE:
        assert (path, network.ask(path)[0]) == (path, 401)
    for path in ("/", "/player", "/metrics", "/stats.json", "/_stcore/health"):
        assert (path, network.entering(path)[0]) == (path, 200)
    assert network.ask("/_stcore/upload_file/a/b", "PUT")[0] == 401


def test_every_socket_asks_for_the_token_and_for_its_own_origin(network: Network) -> None:
    here = f"https://localhost:{network.port}"
    own = {"Authorization": f"Bearer {network.token}"}
    for path in ("/ws", "/_stcore/stream"):
        assert (path, network.socket(path, Origin=here)) == (path, 403)
        assert (path, network.socket(path, Origin=here, **own)) == (path, 101)
        assert (path, network.socket(path, Origin="https://evil.example", **own)) == (path, 403)
        assert (path, network.socket(path, Origin="null", **own)) == (path, 403)
    assert network.socket(f"/ws?token={network.token}") == 101


def test_another_site_changes_nothing(network: Network) -> None:
    status, _, _ = network.entering("/_stcore/upload_file/a/b", "PUT", Origin="https://evil.example")
    assert status == 403


def test_a_browser_gets_in_with_the_link(network: Network) -> None:
    status, headers, _ = network.ask(f"/?token={network.token}", Accept="text/html")
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"].split(";")[0]
    assert "secure" in headers["set-cookie"].lower()
    assert network.ask("/", Cookie=cookie)[0] == 200


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_reaches_the_file_system_or_lists_a_folder(network: Network, path: str) -> None:
    status, _, body = network.entering(path)
    assert b"root:" not in body and b"Index of" not in body
    assert status in (301, 400, 404) or b"<title>Streamlit</title>" in body or b"noscript" in body


def test_every_answer_carries_the_headers(network: Network) -> None:
    for path in ("/", "/player", "/snapshot.jpg", "/no/such/page"):
        _, headers, _ = network.entering(path)
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers
