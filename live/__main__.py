"""`python -m live`: start the app and print its address."""

from __future__ import annotations

import argparse
import contextlib
import errno
import logging
import os
import shutil
import socket
import sys
from typing import TYPE_CHECKING

from live.config_file import ConfigError, example, parse
from live.flags import DEFAULT_PORT, parser

if TYPE_CHECKING:
    from live.booth.booth import Booth
    from live.settings import Settings
    from live.shared import Access

PORTS_TRIED = 20
SEND_BUFFER_BYTES = 256 * 1024
"""Of each connection. The system would let it grow to megabytes: seconds of video that slow MJPEG viewers see late."""


def main(arguments: list[str] | None = None) -> int:
    """Run the server until Ctrl-C.

    Returns:
        0, or 2 after one line about what is wrong.
    """
    try:
        flags = parse(arguments, parser)
    except ConfigError as error:
        return complain(error)
    if flags.command == "settings":
        print(example(parser()), end="")
        return 0
    logging.basicConfig(level=flags.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    try:
        settings, access, booth = settings_from(flags), access_from(flags), booth_from(flags)
        if flags.command == "check":
            return check(settings, access, flags)
        listener = bound(flags.host, flags.port)
    except (ValueError, OSError) as error:
        return complain(error)
    except Exception as error:
        if type(error).__name__ != "SourceError":
            raise
        return complain(error)
    serve(settings, access, flags, listener, booth)
    return 0


def check(settings: Settings, access: Access, flags: argparse.Namespace) -> int:
    """Print the traffic-light table; 1 where something is red."""
    from live.check import run
    from live.findings import show

    def listen() -> str:
        with bound(flags.host, flags.port) as listener:
            return f"{flags.host}:{listener.getsockname()[1]} is free"

    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return show(run(settings, access, listen), sys.stdout, coloured, shutil.get_terminal_size((120, 40)).columns)


def complain(error: Exception) -> int:
    """One line on stderr."""
    print(f"error: {error}", file=sys.stderr)
    return 2


def settings_from(flags: argparse.Namespace) -> Settings:
    """Checked settings out of the flags.

    Raises:
        ValueError, live.sources.base.SourceError: one of them cannot be used.
    """
    from live.outputs.outputs import OutputSettings
    from live.settings import MODELS, Settings

    return Settings(
        source=flags.source,
        view=flags.view,
        style=flags.style,
        models=flags.models or MODELS,
        more_models=flags.more_models,
        device=flags.device,
        calm=flags.calm,
        upscale=flags.upscale,
        mirror=flags.mirror,
        max_side=flags.max_side,
        remember=flags.remember,
        outputs=OutputSettings(flags.recordings, flags.virtual_camera, flags.virtual_camera_device),
    )


def access_from(flags: argparse.Namespace) -> Access:
    """Checked rules of access out of the flags.

    Raises:
        ValueError: the token, the certificate or its key cannot be used.
    """
    from live.access import token_for
    from live.shared import Access
    from live.tls import check_pair

    return Access(
        flags.host,
        tuple(flags.allow_host),
        tuple(flags.ice_server),
        token_for(flags.host, flags.access_token),
        check_pair(flags.certificate, flags.key),
    )


def booth_from(flags: argparse.Namespace) -> Booth | None:
    """The booth that the flags ask for.

    Raises:
        ValueError: theme, PIN or address cannot be used.
    """
    if not flags.booth:
        return None
    from live.booth.booth import Booth, BoothSettings

    return Booth(BoothSettings(flags.booth_theme, flags.booth_pin, flags.booth_address))


def bound(host: str, port: int | None) -> socket.socket:
    """A listening socket: on the port asked for, or on the first free one from `DEFAULT_PORT`.

    Raises:
        OSError: no such port is free; the message says what to do.
    """
    if port is not None and not 0 <= port <= 65535:
        raise ValueError(f"--port must be 0 .. 65535, got {port}")
    for candidate in [port] if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED):
        try:
            return _listen(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise OSError(f"cannot listen on {host}: {error.strerror or error}. Choose another --host.") from error
    taken = f"port {port} is taken" if port is not None else f"ports {DEFAULT_PORT} and following are taken"
    raise OSError(f"{taken} on {host}: close the program that uses it, or choose another --port")


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name != "nt":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)  # accepted sockets inherit it
        listener.bind(address)
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def serve(
    settings: Settings, access: Access, flags: argparse.Namespace, listener: socket.socket, booth: Booth | None = None
) -> None:
    """Run until Ctrl-C or a termination signal."""
    from live.booth.again import Again
    from live.greeting import address_of

    port = listener.getsockname()[1]
    print(f"Starting TwinGAN Live on {address_of(access, port)} ...", flush=True)
    os.environ.setdefault("STREAMLIT_LOGGER_LEVEL", flags.log_level)

    from live.server import make_server

    server = make_server(settings, access, booth, port, flags.certificate, flags.key)
    again = Again(server, port)
    if booth is not None:
        booth.restart = again.ask
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises it once everything is closed
        server.run(sockets=[listener])
    again.start_if_asked(booth)


if __name__ == "__main__":
    sys.exit(main())
