"""A network camera: a small RTSP server (RFC 2326) that sends H.264 over the connection itself (RFC 2326, 10.12)."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import struct
import threading
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np

PAYLOAD, CLOCK_HZ, LARGEST = 96, 90_000, 1400
SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP {payload}\r\n"
    "a=rtpmap:{payload} H264/90000\r\n"
    "a=fmtp:{payload} packetization-mode=1;sprop-parameter-sets={sets}\r\na=control:track0\r\n"
)


class RtspCamera:
    """Sends a clip of numbered grey pictures round and round to everybody who asks; starts on construction.

    Args:
        size: (width, height) in pixels.
        fps: pictures a second.
        port: 0 takes a free one.

    Attributes:
        frozen: while set, connections stay open and nothing is sent, as from a camera that hangs.
        served: how many connections began to play.
    """

    def __init__(self, size: tuple[int, int] = (320, 240), fps: int = 30, port: int = 0) -> None:
        self._fps = fps
        self._pictures = encoded(size, fps)
        self.frozen = threading.Event()
        self.served = 0
        self._ended = threading.Event()
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])
        self._begin(self._accept)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"rtsp://127.0.0.1:{self.port}/live"

    def stop(self) -> None:
        """Vanish, as a camera that loses its power: connections break, and nobody listens."""
        self._ended.set()
        for open_socket in (self._listener, *self._connections):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
            open_socket.close()
        for thread in self._threads:
            thread.join(10)

    def _begin(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # `stop` closes the listener
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                self._begin(self._talk, connection)

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as requests:
            while head := self._head(requests):
                method, sequence = head
                connection.sendall(self._answer(method, sequence))
                if method == "PLAY":
                    self.served += 1
                    self._begin(self._send, connection)
                if method == "TEARDOWN":
                    return

    @staticmethod
    def _head(requests: Iterator[bytes]) -> tuple[str, str] | None:
        """(method, CSeq) of the next request; the player's own packets and blank lines in between are passed over."""
        method = sequence = ""
        for line in requests:
            text = line.decode("latin-1").strip()
            if not method and " RTSP/1.0" in text:
                method = re.findall(r"[A-Z_]+", text)[0]
            elif text.lower().startswith("cseq:"):
                sequence = text.split(":")[1].strip()
            elif not text and method:
                return method, sequence
        return None

    def _answer(self, method: str, sequence: str) -> bytes:
        body, more = "", ""
        if method == "OPTIONS":
            more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif method == "DESCRIBE":
            sets = ",".join(base64.b64encode(unit).decode() for unit in self._pictures[0] if unit[0] & 31 in (7, 8))
            body = SDP.format(payload=PAYLOAD, sets=sets)
            more = f"Content-Base: {self.url}/\r\nContent-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        elif method == "SETUP":
            more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        session = "Session: 1\r\n" if method in ("SETUP", "PLAY", "TEARDOWN") else ""
        return f"RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n{session}{more}\r\n{body}".encode()

    def _send(self, connection: socket.socket) -> None:
        number = index = 0
        with contextlib.suppress(OSError):  # the player left, or `stop`
            while not self._ended.wait(1 / self._fps):
                if self.frozen.is_set():
                    continue
                for packet in packets(self._pictures[index % len(self._pictures)]):
                    last = packet[1]
                    stamp = index * CLOCK_HZ // self._fps
                    head = struct.pack(">BBHII", 0x80, PAYLOAD | last << 7, number & 0xFFFF, stamp & 0xFFFFFFFF, 7)
                    connection.sendall(struct.pack(">cBH", b"$", 0, 12 + len(packet[0])) + head + packet[0])
                    number += 1
                index += 1


def encoded(size: tuple[int, int], fps: int) -> list[list[bytes]]:
    """H.264 of some grey pictures that grow brighter: for each, its units (RFC 6184) without start codes."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
    encoder.time_base = Fraction(1, fps)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "10", "x264-params": "repeat-headers=1"}
    pictures = []
    for index in range(20):
        frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), 60 + 8 * index, np.uint8), format="rgb24")
        frame.pts = index
        pictures.append(b"".join(bytes(packet) for packet in encoder.encode(frame)))
    return [[unit for unit in re.split(rb"\x00\x00\x00?\x01", picture) if unit] for picture in pictures]


def packets(units: list[bytes]) -> Iterator[tuple[bytes, int]]:
    """(payload, 1 for the picture's last one) of a picture's units; large ones go in pieces (RFC 6184, 5.8, FU-A)."""
    for place, unit in enumerate(units):
        final = int(place == len(units) - 1)
        if len(unit) <= LARGEST:
            yield unit, final
            continue
        pieces = [unit[start : start + LARGEST] for start in range(1, len(unit), LARGEST)]
        for index, piece in enumerate(pieces):
            first, last = index == 0, index == len(pieces) - 1
            head = bytes([unit[0] & 0xE0 | 28, first << 7 | last << 6 | unit[0] & 31])
            yield head + piece, final & last
