"""The web server around the app."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

import uvicorn

from live.app import make_app
from live.booth.booth import Booth
from live.booth.greeting import booth_greeting
from live.greeting import greeting
from live.settings import Settings
from live.shared import DOORPLATE, Access, NotRunningError

GOODBYE_S = 2
"""How long open streams may delay the end of the server."""


def make_server(
    settings: Settings, access: Access, booth: Booth | None, port: int, certificate: Path | None, key: Path | None
) -> uvicorn.Server:
    """A server that prints where the app is once it runs.

    Args:
        settings, access, booth: see `live.app.make_app`.
        port: the one it is going to be reached at.
        certificate, key: for HTTPS.
    """
    config = uvicorn.Config(
        make_app(settings, access, booth),
        log_config=None,  # one format for all, set in `live.__main__`
        access_log=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        server_header=False,
        ws="websockets-sansio",
        # Pictures are compressed already; deflating them costs a core.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GOODBYE_S,
    )
    words = greeting(access, port)
    return _Announcing(config, words if booth is None else f"{words}\n{booth_greeting(booth, access, port)}")


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, words: str) -> None:
        super().__init__(config)
        self._words = words

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._words, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Else the server would wait for viewers who watch for ever.
        with contextlib.suppress(NotRunningError):
            house = DOORPLATE.house()
            house.broadcast.end()
            house.outputs.overlays.end()
        await super().shutdown(sockets)
