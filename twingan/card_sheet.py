"""The contact sheet of a model card, drawn by the released graph itself.

python -m twingan.card_sheet models/human2anime-lite.onnx --faces data/packed/human -o models/human2anime-lite.webp
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from engines import load_generator
from twingan.pixels import to_pictures
from twingan.samples import validation_faces


def sheet(inputs: np.ndarray, portraits: np.ndarray, columns: int) -> np.ndarray:
    """Pairs of rows, faces above their portraits: uint8 [rows S, columns S, 3] of two uint8 [N,S,S,3]."""
    rows = []
    for start in range(0, len(inputs), columns):
        chosen = slice(start, start + columns)
        rows += [np.concatenate(list(pictures[chosen]), axis=1) for pictures in (inputs, portraits)]
    return np.vstack(rows)


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m twingan.card_sheet", description="Contact sheet of a graph.")
    parser.add_argument("graph", type=Path)
    parser.add_argument("--faces", required=True, help="packed domain of people, without suffix")
    parser.add_argument("--count", type=int, default=24, help="validation faces (default 24)")
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    generator = load_generator(options.graph, device="cpu")
    faces = validation_faces(options.faces, generator.size, options.count)  # [N,3,S,S] in -1 .. 1
    inputs = to_pictures(faces)
    portraits = np.concatenate([generator(face[None]) for face in inputs])
    generator.close()
    picture = Image.fromarray(sheet(inputs, portraits, options.columns))
    picture.resize((picture.width * 192 // generator.size, picture.height * 192 // generator.size)).save(
        options.output, quality=85
    )


if __name__ == "__main__":
    main()
