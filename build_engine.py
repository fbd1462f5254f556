"""Make an engine from a graph: `python build_engine.py models/human2anime-lite.onnx`.

GRAPH is our own ONNX, anyone's image-to-image ONNX (wrapped to our contract), or a TensorFlow frozen graph or
SavedModel (converted first, see `twingan.import_graph`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engines.errors import EngineError

EXAMPLES = """
examples:
  python build_engine.py models/human2anime-lite.onnx
  python build_engine.py models/human2anime-full.onnx --precision best --max-batch 8
  python build_engine.py models/human2anime-lite.onnx --flavour rtx --compute-capability 8.6 8.9 12.0
  python build_engine.py somebody-elses.onnx --size 256 --input-range=-1..1 --flavour cpu
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    from engines.fingerprint import PRECISIONS
    from engines.foreign import RANGES

    made = argparse.ArgumentParser(
        prog="build_engine.py",
        description="Make an engine from a graph.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("graph", type=Path, help="ONNX file, TensorFlow frozen graph (.pb) or SavedModel folder")
    made.add_argument("--precision", choices=PRECISIONS, default="fp16", help="default: fp16")
    made.add_argument("--max-batch", type=int, default=4, metavar="N", help="most faces at once (default: 4)")
    made.add_argument(
        "--flavour",
        choices=("auto", "tensorrt", "rtx", "cpu"),
        default="auto",
        help="default: what this machine can do",
    )
    made.add_argument(
        "--compute-capability",
        nargs="+",
        default=[],
        metavar="X.Y",
        help="GPUs to build for (rtx), such as 8.6 8.9 12.0",
    )
    made.add_argument(
        "--output", type=Path, metavar="DIR", help="folder for what is written (default: the engine cache)"
    )
    made.add_argument("--rebuild", action="store_true", help="build even if a valid plan is there")
    made.add_argument("--force", action="store_true", help="keep a plan that draws something else than the CPU")
    foreign = made.add_argument_group("graphs made elsewhere")
    foreign.add_argument("--size", type=int, help="side of the pictures, for graphs that take any (default: 256)")
    foreign.add_argument(
        "--input-range", choices=RANGES, help="black..white in the graph's numbers (default: find out)"
    )
    foreign.add_argument("--output-range", choices=RANGES, help="likewise for what it gives")
    foreign.add_argument("--bgr", action="store_true", help="the graph wants and gives blue first")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    given = parser().parse_args(arguments)
    try:
        from engines.build_cli import run

        run(given)
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped: nothing was written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
