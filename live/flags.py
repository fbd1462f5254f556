"""The flags of `python -m live`. Each long flag is a key of the settings file, too (`live.config_file`)."""

from __future__ import annotations

import argparse
from pathlib import Path

from live.upscaling import SCALES

DEFAULT_PORT = 8501
COMMANDS = ("run", "check", "settings")


def parser() -> argparse.ArgumentParser:
    """The flags; none has to be given."""
    flags = argparse.ArgumentParser(
        prog="python -m live",
        description="TwinGAN Live: you, drawn, in real time.",
        epilog="Every flag can stand in a settings file under its long name: --max-side 640 as max-side = 640.",
    )
    flags.add_argument(
        "command",
        nargs="?",
        default="run",
        choices=COMMANDS,
        help="run: start the app (this is what happens without a command); check: try cameras, engine, ports and "
        "disk and say what works; settings: print an example of the settings file",
    )
    flags.add_argument(
        "--config",
        type=Path,
        default=None,
        metavar="FILE",
        help="settings file (./twingan-live.toml, else settings.toml in your configuration folder, where they exist)",
    )
    _picture_flags(flags)
    _server_flags(flags)
    _output_flags(flags)
    _booth_flags(flags)
    return flags


def _picture_flags(flags: argparse.ArgumentParser) -> None:
    add = flags.add_argument_group("picture").add_argument
    add("--source", default="auto", help="auto, demo, pattern, camera:NAME, file:PATH or an address (%(default)s)")
    add("--remember", action=argparse.BooleanOptionalAction, default=True, help="with auto: start on the last choice")
    add("--view", default="side-by-side", help="side-by-side, portrait, paste or camera (%(default)s)")
    add("--style", type=Path, default=None, metavar="GRAPH", help="graph to start with (the first in --models)")
    add("--models", type=Path, default=None, metavar="FOLDER", help="folder of the graphs offered (models/)")
    add("--more-models", type=Path, default=None, metavar="FOLDER", help="folder of your own graphs, offered as well")
    add("--device", default="auto", help="auto, cpu or tensorrt (%(default)s)")
    add("--calm", action=argparse.BooleanOptionalAction, default=True, help="let portraits of still faces stand still")
    cost = "2: portraits of twice the side; on a CPU for less than half of the pictures a second (%(default)s)"
    add("--upscale", type=int, default=1, choices=SCALES, help=cost)
    add("--mirror", action=argparse.BooleanOptionalAction, default=None, help="show people as a mirror does")
    add("--max-side", type=int, default=1280, metavar="PIXELS", help="scale larger frames down to this (%(default)s)")


def _server_flags(flags: argparse.ArgumentParser) -> None:
    add = flags.add_argument_group("server").add_argument
    add("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 opens the page to the network (%(default)s)")
    add("--port", type=int, default=None, help=f"port (the first free one from {DEFAULT_PORT})")
    add(
        "--access-token",
        default=None,
        metavar="TEXT",
        help="what people from the network have to know (TWINGAN_LIVE_TOKEN, else generated once and kept)",
    )
    add("--certificate", type=Path, default=None, metavar="FILE", help="PEM certificate chain: serve https")
    add("--key", type=Path, default=None, metavar="FILE", help="PEM private key of --certificate")
    add("--allow-host", action="append", default=[], metavar="NAME", help="further name of this server; repeatable")
    add("--ice-server", action="append", default=[], metavar="URL", help="stun: or turn: address for browser cameras")
    levels = ("debug", "info", "warning", "error")
    add("--log-level", default="warning", choices=levels, help="how much the terminal tells (%(default)s)")


def _output_flags(flags: argparse.ArgumentParser) -> None:
    add = flags.add_argument_group("outputs").add_argument
    camera = argparse.BooleanOptionalAction
    add("--virtual-camera", action=camera, default=False, help="be a camera for other programs from the start")
    add("--virtual-camera-device", default=None, metavar="NAME", help="which one, such as /dev/video10 (the first)")
    add("--recordings", type=Path, default=None, metavar="FOLDER", help="where recordings and snapshots go")


def _booth_flags(flags: argparse.ArgumentParser) -> None:
    add = flags.add_argument_group("booth").add_argument
    add("--booth", action=argparse.BooleanOptionalAction, default=False, help="full-screen page for visitors at /booth")
    add("--booth-theme", type=Path, default=None, metavar="FILE", help="its title, colours and words (TOML)")
    add("--booth-pin", default=None, metavar="DIGITS", help="of its operator (TWINGAN_BOOTH_PIN, else generated)")
    add("--booth-address", default="", metavar="URL", help="where phones reach this machine (found out)")
