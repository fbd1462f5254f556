"""The flags of `python -m live.bench`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from engines.bench.timing import BATCHES, Plan
from live.bench.report import Wanted
from live.demo import SECONDS_WITH_FACES
from live.settings import MODELS
from live.styles import graphs_of
from live.upscaling import SCALES
from live.views import VIEWS

FRAMES = {"640x480": (640, 480), "1280x720": (1280, 720)}
QUICK = {"batches": [1], "faces": [1], "rounds": 2, "warm_up": 10.0, "duration": 0.2, "live_duration": 0.5}
MOST_S = 600.0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The flags; ends the program with a message where one is wrong."""
    parser = _parser()
    flags = parser.parse_args(arguments)
    if flags.quick:
        given = parser.parse_args(arguments, argparse.Namespace(**dict.fromkeys(QUICK)))
        for name, value in QUICK.items():
            setattr(flags, name, value if getattr(given, name) is None else getattr(given, name))
    if not 1 <= flags.rounds <= 100:
        parser.error(f"--rounds must be 1 to 100, got {flags.rounds}")
    if not all(1 <= count <= 64 for count in flags.batches):
        parser.error(f"--batches must be 1 to 64, got {' '.join(map(str, flags.batches))}")
    if flags.warm_up < 0 or not all(0 < value <= MOST_S for value in (flags.duration, flags.live_duration)):
        parser.error(
            f"--duration and --live-duration must be above 0 and at most {MOST_S:.0f} s, --warm-up not negative"
        )
    return flags


def wanted(flags: argparse.Namespace, arguments: Sequence[str] | None) -> Wanted:
    """What these flags ask to be measured."""
    typed = list(sys.argv[1:] if arguments is None else arguments)
    return Wanted(
        graph=flags.graph or first_model(),
        runtimes=tuple(flags.runtime),
        batches=tuple(sorted(set(flags.batches))),
        plan=Plan(flags.rounds, flags.warm_up / 1000, flags.duration),
        faces=tuple(sorted(set(flags.faces))) if flags.live else (),
        frame=FRAMES[flags.size],
        view=flags.view,
        upscale=flags.upscale,
        live_s=flags.live_duration,
        quick=flags.quick,
        command=("python", "-m", "live.bench", *typed),
    )


def first_model(folder: Path = MODELS) -> Path:
    """The graph that the app would start with."""
    return next(iter(graphs_of(folder)), folder / "human2anime-lite.onnx")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m live.bench",
        description="How fast the generator and the whole live path are on this machine, with every runtime it has.",
    )
    add = parser.add_argument
    add("graph", nargs="?", type=Path, help="ONNX graph (default: the first of models/)")
    output = Path("runs/bench.json")
    add(
        "--output",
        type=Path,
        default=output,
        metavar="FILE.json",
        help="report; plot and table beside it (%(default)s)",
    )
    add("--runtime", nargs="+", default=[], metavar="NAME", help="these only, and each must be here (default: all)")
    add("--quick", action="store_true", help="seconds instead of minutes: tries everything, measures little")
    _generator_flags(parser)
    _live_flags(parser)
    shown = parser.add_argument_group("reports that are there already").add_mutually_exclusive_group()
    show = shown.add_argument
    show("--compare", nargs=2, type=Path, metavar=("A.json", "B.json"), help="print what changed from A to B")
    show("--markdown", type=Path, metavar="FILE.json", help="print its tables as Markdown")
    show("--plot", type=Path, metavar="FILE.json", help="draw it anew, as FILE.svg")
    return parser


def _generator_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("generator alone").add_argument
    add("--batches", nargs="+", type=int, default=list(BATCHES), metavar="N", help="pictures per call (1 2 4 8)")
    add("--rounds", type=int, default=3, help="turns of each runtime, for the live path, too (%(default)s)")
    add("--warm-up", type=float, default=200.0, metavar="MS", help="untimed, before each turn (%(default)s ms)")
    add("--duration", type=float, default=2.0, metavar="S", help="per runtime and batch, all rounds (%(default)s s)")


def _live_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("live path").add_argument
    add("--no-live", dest="live", action="store_false", help="leave it out")
    add("--faces", nargs="+", type=int, default=[1, 2, 4], choices=sorted(SECONDS_WITH_FACES))
    add(
        "--live-duration",
        type=float,
        default=1.5,
        metavar="S",
        help="of each turn at 30 frames a second (%(default)s s)",
    )
    add("--size", choices=sorted(FRAMES), default="640x480", help="of the camera's frames (%(default)s)")
    add("--view", choices=VIEWS, default="side-by-side", help="(%(default)s)")
    add("--upscale", type=int, choices=SCALES, default=1, help="enlarge portraits (%(default)s)")
