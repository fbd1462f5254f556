"""Translate one picture or a folder of pictures: python translate.py INPUT OUTPUT."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from engines.base import Generator
from engines.errors import EngineError
from engines.load import DEVICES, load_generator
from face_crop.align import RECIPE
from face_crop.hush import HushedDetector
from stills.paint import VIEWS, Finder, Painter
from stills.plan import Job, UsageError, plan, sheet_path
from stills.run import Run
from stills.sheet import ContactSheet
from upscale import SCALES, Upscaler

MODEL = Path(__file__).with_name("models") / "human2anime-lite.onnx"
OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    0: every picture was translated. 1: some were not, each told in a line. 2: nothing could be started.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.view == "paste" and options.no_crop:
            raise UsageError("--view paste puts portraits back where the faces are: leave out --no-crop")
        jobs = plan(options.input, options.output, recursive=options.recursive)
        with closing(load_generator(options.model, options.device, crop_recipe=RECIPE)) as generator:
            return _translate(options, jobs, generator)
    except (UsageError, EngineError, FileNotFoundError) as error:
        _complain(f"error: {error}")
        return USAGE
    except KeyboardInterrupt:
        _complain("stopped; what was finished is kept")
        return INTERRUPTED


def _translate(options: argparse.Namespace, jobs: list[Job], generator: Generator) -> int:
    detector = None if options.no_crop else HushedDetector(still=True, max_faces=64)
    sheet = ContactSheet(sheet_path(options.input, options.output, jobs)) if options.sheet else None
    run = Run(
        Finder(generator.size, detector, largest_only=options.faces == "largest"),
        Painter(generator, options.view, Upscaler(options.upscale) if options.upscale > 1 else None),
        sheet,
        _complain,
    )
    try:
        tally = run(tqdm(jobs, desc="translating", unit="picture", disable=None, file=sys.stderr))
    except EngineError as error:
        _complain(f"error: {error}")
        return FAILED
    finally:
        if detector is not None:
            detector.close()
    print(f"{tally}; {generator.runtime}; in {jobs[0].target.parent if len(jobs) == 1 else options.output}")
    for page in sheet.pages if sheet is not None else []:
        print(f"contact sheet: {page}")
    return OK if tally.complete else FAILED


def _complain(line: str) -> None:
    tqdm.write(line, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="translate.py",
        description="Turn the people in a picture, or in a folder of pictures, into drawn characters.",
        epilog="Exit code: 0 all translated, 1 some were not (each is told in a line), 2 nothing could be started.",
    )
    parser.add_argument("input", type=Path, help="a picture, or a folder of pictures")
    parser.add_argument("output", type=Path, help="a file for one picture, else a folder; made where it is missing")
    parser.add_argument("--model", type=Path, default=MODEL, help=f"exported graph (default: models/{MODEL.name})")
    parser.add_argument("--device", choices=DEVICES, default="auto", help="what draws (default: %(default)s)")
    parser.add_argument("--no-crop", action="store_true", help="the pictures are ready crops: no face is looked for")
    parser.add_argument("--faces", choices=("all", "largest"), default="all", help="of several (default: %(default)s)")
    parser.add_argument("--view", choices=VIEWS, default="portrait", help="what to write (default: %(default)s)")
    parser.add_argument(
        "--upscale",
        type=int,
        choices=(1, *SCALES),
        default=1,
        help="enlarge portraits for print (default: %(default)s)",
    )
    parser.add_argument("--sheet", action="store_true", help="also write contact sheets of crops and portraits")
    parser.add_argument("--recursive", action="store_true", help="look in the folders of a folder too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
