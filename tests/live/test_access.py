"""Who may look: the token and what asks for it."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from live.access import COOKIE, OPEN_PATHS, TokenMiddleware, kept_file, token_for
from live.greeting import address_of, greeting, qr_code
from live.security import content_policy, same_origin
from live.shared import Access

TOKEN = "a-token-of-24-characters"


def asked(path: str, query: str = "", kind: str = "http", **headers: str) -> tuple[int, dict[str, str], str]:
    """(status, headers in lower case, body) of one request to the guarded echo of its path; 0 is a closed WebSocket."""
    sent: list[MutableMapping[str, Any]] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": kind,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(TokenMiddleware(inner, TOKEN)(scope, receive, send))
    if sent[0]["type"] == "websocket.close":
        return 0, {}, ""
    fields = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], fields, b"".join(part.get("body", b"") for part in sent[1:]).decode()


@pytest.mark.parametrize("path", ["/", "/stream.mjpg", "/healthz", "/metrics", "/_stcore/stream", "/static/x.js"])
def test_without_the_token_no_path_answers(path: str) -> None:
    status, headers, body = asked(path)
    assert status == 401
    assert TOKEN not in body
    assert headers["www-authenticate"] == "Bearer"
    assert "Bearer TOKEN" in body


@pytest.mark.parametrize("wrong", ["", "a-token-of-24-character", TOKEN + "x", TOKEN.upper(), "ä" * 24])
def test_a_wrong_token_is_refused_wherever_it_stands(wrong: str) -> None:
    assert asked("/", f"token={wrong}")[0] == 401
    assert asked("/", authorization=f"Bearer {wrong}")[0] == 401
    assert asked("/", cookie=f"{COOKIE}={wrong}")[0] == 401
    assert asked("/ws", f"token={wrong}", kind="websocket")[0] == 0


def test_the_token_opens_in_each_of_its_places() -> None:
    for query, headers in (
        (f"token={TOKEN}", {}),
        ("", {"authorization": f"Bearer {TOKEN}"}),
        ("", {"authorization": f"bearer {TOKEN}"}),
        ("", {"cookie": f"other=1; {COOKIE}={TOKEN}"}),
    ):
        assert asked("/stream.mjpg", query, **headers)[::2] == (200, "/stream.mjpg")
        assert asked("/ws", query, kind="websocket", **headers)[0] == 200


def test_a_browser_keeps_the_token_as_a_cookie_and_leaves_it_out_of_the_address() -> None:
    status, headers, _ = asked("/overlay", f"fit=cover&token={TOKEN}&face=0", accept="text/html,*/*")
    assert (status, headers["location"]) == (303, "/overlay?fit=cover&face=0")
    assert f"{COOKIE}={TOKEN}" in headers["set-cookie"]
    assert "HttpOnly" in headers["set-cookie"] and "samesite=lax" in headers["set-cookie"].lower()


def test_the_way_back_cannot_lead_to_another_server() -> None:
    assert asked("//evil.example/x", f"token={TOKEN}", accept="text/html")[1]["location"] == "/evil.example/x"


def test_people_get_a_page_to_type_the_token_into() -> None:
    status, headers, body = asked("/", accept="text/html")
    assert status == 401
    assert headers["content-type"].startswith("text/html")
    assert '<input name="token"' in body
    assert "That is not the access token." in asked("/", "token=nonsense", accept="text/html")[2]


@pytest.mark.parametrize("path", ["/take/Zm9vYmFyYmF6cXV4MTIz", "/take/Zm9vYmFyYmF6cXV4MTIz.png"])
def test_a_visitors_picture_has_an_address_that_is_secret_enough(path: str) -> None:
    assert asked(path)[0] == 200


@pytest.mark.parametrize(
    "path", ["/take/", "/take/short", "/take/../stream.mjpg", "/take/Zm9vYmFyYmF6cXV4MTIz/../../stream.mjpg", "/taken"]
)
def test_nothing_else_is_open(path: str) -> None:
    assert asked(path)[0] == 401
    assert not OPEN_PATHS.fullmatch(path)


def test_this_machine_needs_no_token_unless_one_is_wanted(tmp_path: Path) -> None:
    assert token_for("127.0.0.1", None, tmp_path / "t", {}) == ""
    assert token_for("::1", None, tmp_path / "t", {}) == ""
    assert token_for("127.0.0.1", TOKEN, tmp_path / "t", {}) == TOKEN
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "booth.local"])
def test_for_the_network_one_is_made_and_kept_private(tmp_path: Path, host: str) -> None:
    kept = tmp_path / "state" / "token"
    token = token_for(host, None, kept, {})
    assert len(token) >= 32  # 24 random bytes
    assert token_for(host, None, kept, {}) == token, "links stay valid after a restart"
    assert token_for(host, None, tmp_path / "other", {}) != token
    if os.name == "posix":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_operators_own_token_comes_first(tmp_path: Path) -> None:
    environment = {"TWINGAN_LIVE_TOKEN": "from-the-environment"}
    assert token_for("0.0.0.0", None, tmp_path / "t", environment) == "from-the-environment"
    assert token_for("0.0.0.0", TOKEN, tmp_path / "t", environment) == TOKEN
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("token", ["short", "with spaces in the text", "x" * 201, "a&b=cccccccccccccccc"])
def test_a_token_that_can_be_guessed_or_breaks_links_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="16 to 200 letters"):
        token_for("0.0.0.0", token, environ={})


def test_a_damaged_or_unwritable_file_does_not_keep_the_app_from_starting(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"\xff\x00")
    assert len(token_for("0.0.0.0", None, tmp_path / "t", {})) >= 32
    (tmp_path / "file").write_text("")
    assert len(token_for("0.0.0.0", None, tmp_path / "file" / "t", {})) >= 32


def test_the_tests_do_not_touch_the_users_own_token() -> None:
    assert "twingan-tests-" in str(kept_file()) or os.name != "posix"


def test_a_proxy_may_pass_on_its_own_name() -> None:
    headers = {"host": "127.0.0.1:8501", "origin": "https://booth.example"}
    assert not same_origin(headers)
    assert same_origin(headers, {"booth.example"})


def test_the_policy_lets_exactly_the_pages_own_inline_scripts_run() -> None:
    # The digest is what `printf 'go()' | openssl dgst -sha256 -binary | base64` prints.
    policy = content_policy("<head><script>go()</script><script src='x.js'></script></head>")
    assert "script-src 'self' 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='" in policy
    assert "unsafe-eval" not in policy
    assert policy.count("sha256-") == 1


def test_the_terminal_shows_the_link_with_the_token_and_a_code_for_telephones() -> None:
    said = greeting(Access(host="192.168.1.5", token=TOKEN), 8501)
    assert said.count(f"http://192.168.1.5:8501/?token={TOKEN}") == 2
    assert qr_code(f"http://192.168.1.5:8501/?token={TOKEN}") in said
    assert "plain http" in said
    assert "plain http" not in greeting(Access(host="192.168.1.5", token=TOKEN, secure=True), 8501)
    alone = greeting(Access(), 8501)
    assert "http://127.0.0.1:8501" in alone and "token" not in alone and "network" not in alone
    assert address_of(Access(host="::1", secure=True), 9) == "https://[::1]:9"


def test_the_token_is_in_no_printed_form_of_the_rules() -> None:
    assert TOKEN not in repr(Access(token=TOKEN))
