"""Viewers in a process of their own, so that their work is not the server's: `python watchers.py PORT MJPEG WEBSOCKET`.

Reads until stdin closes, then prints how many pictures each viewer got. Connects to this machine only.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys

from websockets.asyncio.client import connect

HOST = "127.0.0.1"
PART = b"Content-Type: image/jpeg"


async def mjpeg(port: int, counts: list[int], place: int) -> None:
    """Reads and throws away, counting the pictures."""
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(f"GET /stream.mjpg HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    with contextlib.closing(writer):
        while data := await reader.read(65536):
            counts[place] += data.count(PART)


async def websocket(port: int, counts: list[int], place: int) -> None:
    """Acknowledges each picture at once, as a quick browser does."""
    async with connect(f"ws://{HOST}:{port}/ws", max_size=None, compression=None) as socket:
        async for message in socket:
            if isinstance(message, bytes):
                counts[place] += 1
                await socket.send(json.dumps({"ack": int.from_bytes(message[:8], "little")}))


async def watch(port: int, mjpegs: int, websockets: int) -> None:
    """All viewers until stdin closes."""
    counts = [0] * (mjpegs + websockets)
    tasks = [asyncio.create_task(mjpeg(port, counts, place)) for place in range(mjpegs)]
    tasks += [asyncio.create_task(websocket(port, counts, mjpegs + place)) for place in range(websockets)]
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps(counts))


if __name__ == "__main__":
    asyncio.run(watch(*map(int, sys.argv[1:4])))
