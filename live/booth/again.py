"""The operator's restart: the program ends as on Ctrl-C and takes its own place."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from live.booth.booth import PIN_VARIABLE

if TYPE_CHECKING:
    import uvicorn

    from live.booth.booth import Booth


class Again:
    """Ends a server on request and starts the same program on the same port after it.

    Args:
        server: the one to end.
        port: the port it has, which the next one takes.
    """

    def __init__(self, server: uvicorn.Server, port: int) -> None:
        self._server, self._port = server, port
        self._asked = False

    def ask(self) -> None:
        """End the server; the rest is done where it ends."""
        self._asked = True
        self._server.should_exit = True

    def start_if_asked(self, booth: Booth | None) -> None:
        """Replace this process by a new one with the same flags and PIN; returns where nobody asked for that."""
        if not self._asked:
            return
        if booth is not None and booth.pin:
            os.environ[PIN_VARIABLE] = booth.pin
        print("Starting again ...", flush=True)
        # The last of two equal flags counts. Sockets and files are closed by the system (PEP 446).
        os.execv(sys.executable, [sys.executable, "-m", "live", *sys.argv[1:], "--port", str(self._port)])
