"""`/ws`: the newest frame to one viewer, as fast as that viewer can paint.

Server to browser
    binary: little-endian `sequence: uint64, captured_at: float64, encoded_at: float64`, then the JPEG (WebP on
        `/overlay/ws`). Times are seconds of this machine's monotonic clock.
    text: `{"state": {...}}` once a second, and `{"pong": PING, "server": SECONDS}` for each ping.

Browser to server
    text: `{"ack": SEQUENCE}` once a frame was painted, or replaced by one that was, and `{"ping": NUMBER}`, which is
        sent back.

At most `IN_FLIGHT` frames are on their way without an ack, so that nothing piles up in socket buffers: a slow viewer
gets fewer frames, never older ones. The pings let the browser express its own clock in the server's (NTP's on-wire
formula, RFC 5905 section 8: offset = server time - middle of sending and receiving), and with it the delay from the
camera to the painted picture.
"""

from __future__ import annotations

import asyncio
import json
import struct
import time
from typing import TYPE_CHECKING, Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from live.security import same_origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from live.viewers import Picture


class Feed(Protocol):
    """What the socket needs of `live.broadcast.Feed`."""

    @property
    def ended(self) -> bool:
        """No more pictures will come."""

    async def next(self, timeout_s: float) -> Picture | None:
        """The newest picture not taken yet; None after `timeout_s` seconds or once ended."""

    def close(self) -> None:
        """No more is wanted."""


HEADER = struct.Struct("<Qdd")
IN_FLIGHT = 2  # one being painted, one being decoded or on the wire
STATE_EVERY_S = 1.0
LONGEST_MESSAGE = 100  # characters
EXPECTED = 'expected {"ack": SEQUENCE} or {"ping": NUMBER}'


class BadMessageError(ValueError):
    """The browser sent something else than an ack or a ping."""


class PlayerSocket:
    """One viewer's conversation.

    Args:
        socket: not yet accepted.
        feed: the viewer's frames; closed at the end.
        state: what to tell people about the session, as a JSON object.
    """

    def __init__(self, socket: WebSocket, feed: Feed, state: Callable[[], dict[str, Any]]) -> None:
        self._socket = socket
        self._feed = feed
        self._state = state
        self._sent = 0
        self._acked = 0
        self._room = asyncio.Event()
        self._room.set()

    async def serve(self) -> None:
        """Talk until the viewer leaves."""
        if not same_origin(self._socket.headers):
            await self._socket.close(1008, "opened by another web site")
            self._feed.close()
            return
        await self._socket.accept()
        tasks = [asyncio.create_task(part) for part in (self._send_frames(), self._send_states(), self._listen())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._feed.close()
            for task in tasks:
                task.cancel()
            endings = await asyncio.gather(*tasks, return_exceptions=True)
            await self._say_goodbye(endings)

    async def _say_goodbye(self, endings: list[Any]) -> None:
        if self._feed.ended and self._socket.application_state is WebSocketState.CONNECTED:
            await self._socket.close(1012, "the app stops")
        for ending in endings:
            if isinstance(ending, BadMessageError):
                if self._socket.application_state is WebSocketState.CONNECTED:
                    await self._socket.close(1003, str(ending))
            elif isinstance(ending, Exception) and not isinstance(ending, (WebSocketDisconnect, OSError)):
                raise ending

    async def _send_frames(self) -> None:
        while not self._feed.ended:
            await self._room.wait()
            painted = await self._feed.next(timeout_s=60.0)
            if painted is not None:
                self._count(sent=1)
                await self._socket.send_bytes(packed(painted))

    async def _send_states(self) -> None:
        while True:
            await self._socket.send_text(json.dumps({"state": self._state()}))
            await asyncio.sleep(STATE_EVERY_S)

    async def _listen(self) -> None:
        while True:
            message = parsed(await self._socket.receive())
            if "ping" in message:
                await self._socket.send_text(json.dumps({"pong": message["ping"], "server": time.monotonic()}))
            else:
                self._count(acked=1)

    def _count(self, sent: int = 0, acked: int = 0) -> None:
        self._sent += sent
        self._acked = min(self._acked + acked, self._sent)
        if self._sent - self._acked < IN_FLIGHT:
            self._room.set()
        else:
            self._room.clear()


def packed(painted: Picture) -> bytes:
    """A frame as it goes over the wire; see the module."""
    return HEADER.pack(painted.sequence, painted.captured_at, painted.encoded_at) + painted.data


def parsed(event: Any) -> dict[str, float]:
    """An ack or a ping out of a Starlette `websocket.receive` event.

    Raises:
        WebSocketDisconnect: the viewer left.
        BadMessageError: anything else.
    """
    if event["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(event.get("code") or 1005)
    text = event.get("text") or ""
    try:
        message = json.loads(text if len(text) <= LONGEST_MESSAGE else "")
    except ValueError as error:
        raise BadMessageError(EXPECTED) from error
    if not isinstance(message, dict) or len(message) != 1:
        raise BadMessageError(EXPECTED)
    ((key, value),) = message.items()
    if key not in ("ack", "ping") or isinstance(value, bool) or not isinstance(value, int | float):
        raise BadMessageError(EXPECTED)
    return {key: value}
