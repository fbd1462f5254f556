"""How good are a graph's portraits: one command, one report (Markdown, JSON, pictures). See docs/evaluation.md.

    python -m twingan.evaluate models/human2anime-lite.onnx

The figures come from pictures that training never saw; what evaluation looks through is fetched once into a folder of
its own (the command is in the error message where it is missing).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from twingan.evaluation import extras


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    try:
        from twingan.evaluation.run import evaluate

        folder = evaluate(options)
    except ModuleNotFoundError as error:
        sys.exit(f"evaluation needs {error.name}: pip install -r requirements.txt -r requirements-train.txt")
    except (ValueError, OSError) as error:  # EngineError and ExtraMissingError are such.
        sys.exit(str(error))
    print((folder / "report.md").read_text())
    print(f"written to {folder}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.evaluate", description="Judge a graph's portraits.")
    parser.add_argument("graph", type=Path, help="exported graph (.onnx)")
    parser.add_argument("--source", default="data/packed/human", help="packed people, without suffix (%(default)s)")
    parser.add_argument("--target", default="data/packed/anime", help="packed target domain (%(default)s)")
    parser.add_argument("-o", "--output", type=Path, help="folder of the report (build/evaluations/GRAPH)")
    parser.add_argument(
        "--peer", type=Path, action="append", default=[], help="another network's ONNX file; repeatable"
    )
    parser.add_argument("--no-peers", action="store_true", help="leave out the peers that are installed")
    parser.add_argument("--not-people", action="store_true", help="the target has no human hair and skin (cats)")
    parser.add_argument("--features", choices=("alexnet", "vgg16"), default="alexnet", help="judge (%(default)s)")
    parser.add_argument("--show", default="", metavar="FOLDER", help="for publication: faces of this folder only")
    parser.add_argument("--seed", type=int, default=0, help="of clips and intervals (%(default)s)")
    parser.add_argument("--threads", type=int, default=0, help="of PyTorch (default: its own choice)")
    parser.add_argument("--extras", type=Path, default=extras.FOLDER, help="where judge and peers are (%(default)s)")
    return parser


if __name__ == "__main__":
    main()
