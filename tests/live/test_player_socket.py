from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from live.player_socket import EXPECTED, HEADER, IN_FLIGHT, BadMessageError, parsed
from live.stats import Stats
from tests.live.fake_house import Served, serving, wait_until


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as running:
        yield running


@contextmanager
def opened(served: Served, origin: str | None = None) -> Iterator[ClientConnection]:
    before = served.house.broadcast.viewers
    with connect(f"ws://127.0.0.1:{served.port}/ws", origin=None if origin is None else Origin(origin)) as connection:
        wait_until(lambda: served.session.viewers.count == 1 and served.house.broadcast.viewers == before + 1)
        yield connection


def frame(connection: ClientConnection, timeout_s: float = 10) -> tuple[int, float, float]:
    """(sequence, captured_at, encoded_at) of the next frame."""
    while True:
        message = connection.recv(timeout_s)
        if isinstance(message, bytes):
            assert message[HEADER.size : HEADER.size + 2] == b"\xff\xd8"  # a JPEG begins so
            sequence, captured_at, encoded_at = HEADER.unpack_from(message)
            return sequence, captured_at, encoded_at


def told(connection: ClientConnection, key: str) -> dict[str, Any]:
    """The next text message with this key."""
    while True:
        message = connection.recv(10)
        if isinstance(message, str) and key in json.loads(message):
            answer: dict[str, Any] = json.loads(message)
            return answer


def test_a_frame_carries_its_times(served: Served) -> None:
    with opened(served) as connection:
        served.session.paint(captured_at=12.5)
        sequence, captured_at, encoded_at = frame(connection)
    assert (sequence, captured_at) == (1, 12.5)
    assert encoded_at <= time.monotonic()


def test_whoever_acknowledges_nothing_gets_nothing_more_and_then_the_newest(served: Served) -> None:
    with opened(served) as connection:
        for expected in range(1, IN_FLIGHT + 1):
            served.session.paint()
            assert frame(connection)[0] == expected
        for _ in range(5):
            served.session.paint()
        with pytest.raises(TimeoutError):
            frame(connection, timeout_s=0.5)
        connection.send('{"ack": 1}')
        assert frame(connection)[0] == IN_FLIGHT + 5


def test_a_stalled_viewer_delays_nobody(served: Served) -> None:
    with opened(served) as stalled, opened(served) as quick:
        for expected in range(1, 101):
            served.session.paint()
            assert frame(quick)[0] == expected
            quick.send(json.dumps({"ack": expected}))
        assert frame(stalled)[0] == 1


def test_acks_for_frames_never_sent_open_no_window(served: Served) -> None:
    with opened(served) as connection:
        for _ in range(50):
            connection.send('{"ack": 1000000}')
        told_back = json.dumps({"ping": 1})
        connection.send(told_back)
        told(connection, "pong")
        arrived = []
        for _ in range(IN_FLIGHT):
            served.session.paint()
            arrived.append(frame(connection)[0])
        served.session.paint()
        with pytest.raises(TimeoutError):
            frame(connection, timeout_s=0.5)
    assert arrived == list(range(1, IN_FLIGHT + 1))


def test_a_ping_brings_the_clock_of_the_frames(served: Served) -> None:
    with opened(served) as connection:
        before = time.monotonic()
        connection.send('{"ping": 1234.5}')
        answer = told(connection, "pong")
        after = time.monotonic()
    assert answer["pong"] == 1234.5
    assert before <= answer["server"] <= after


def test_the_viewer_is_told_how_the_session_is(served: Served) -> None:
    served.session.now = Stats(state="reconnecting", message="The camera is gone. Looking for it …", runtime="R")
    with opened(served) as connection:
        state = told(connection, "state")["state"]
    assert state == {
        "state": "reconnecting",
        "message": "The camera is gone. Looking for it …",
        "faces": 0,
        "runtime": "R",
        "recording": False,
    }


@pytest.mark.parametrize(
    "message", ["", "hello", "[]", "{}", '{"ack": "1"}', '{"ack": true}', '{"ack": 1, "ping": 2}', '{"kick": 1}', b"\0"]
)
def test_nonsense_is_answered_and_ends_the_conversation(served: Served, message: str | bytes) -> None:
    with opened(served) as connection:
        connection.send(message)
        with pytest.raises(ConnectionClosed) as ending:
            while True:
                connection.recv(10)
    assert ending.value.rcvd is not None
    assert (ending.value.rcvd.code, ending.value.rcvd.reason) == (1003, EXPECTED)
    wait_until(lambda: served.house.broadcast.viewers == 0)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
def test_other_sites_may_not_watch(served: Served, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal, opened(served, origin):
        pass
    assert refusal.value.response.status_code == 403
    wait_until(lambda: served.house.broadcast.viewers == 0)


def test_our_own_page_may_watch(served: Served) -> None:
    with opened(served, origin=served.url) as connection:
        served.session.paint()
        assert frame(connection)[0] == 1


def test_leaving_frees_the_place(served: Served) -> None:
    with opened(served):
        pass
    wait_until(lambda: served.house.broadcast.viewers == 0)
    wait_until(lambda: served.session.viewers.count == 0)


def test_a_deep_message_is_no_fault_of_ours() -> None:
    with pytest.raises(BadMessageError):
        parsed({"type": "websocket.receive", "text": "[" * 100_000})
