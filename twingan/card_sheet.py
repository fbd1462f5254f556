"""The contact sheet of a model card, drawn by the released graph itself.

    python -m twingan.card_sheet models/human2anime-lite.onnx --faces data/packed/human -o models/human2anime-lite.webp
    python -m twingan.card_sheet models/human2anime-lite.onnx --faces data/packed/human --acting --count 6 \
        -o docs/pictures/mime.webp

With `--acting` each face is shown as it is, with shut eyes, winking and speaking (`twingan.grimaces`; needs what
docs/evaluation.md fetches).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from engines import load_generator
from twingan import grimaces
from twingan.evaluation import extras
from twingan.face_points import FacePoints
from twingan.pixels import to_pictures
from twingan.samples import validation_faces

SPEAKING = 0.1
"""By how much of a face's height its mouth is opened."""


def sheet(inputs: np.ndarray, portraits: np.ndarray, columns: int) -> np.ndarray:
    """Pairs of rows, faces above their portraits: uint8 [rows S, columns S, 3] of two uint8 [N,S,S,3]."""
    rows = []
    for start in range(0, len(inputs), columns):
        chosen = slice(start, start + columns)
        rows += [np.concatenate(list(pictures[chosen]), axis=1) for pictures in (inputs, portraits)]
    return np.vstack(rows)


def acting(faces: np.ndarray, points_of: FacePoints) -> np.ndarray:
    """Each face four times: as it is, with shut eyes, winking and speaking: uint8 [4N,S,S,3]."""
    shown = []
    for face in faces:
        points = points_of(face)
        acted = [grimaces.blinked(face, points, shares) for shares in ((0.0, 0.0), (1.0, 1.0), (1.0, 0.0))]
        shown += [*acted, grimaces.opened(face, points, SPEAKING)]
    return np.stack(shown)


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m twingan.card_sheet", description="Contact sheet of a graph.")
    parser.add_argument("graph", type=Path)
    parser.add_argument("--faces", required=True, help="packed domain of people, without suffix")
    parser.add_argument("--count", type=int, default=24, help="validation faces (default 24)")
    parser.add_argument("--acting", action="store_true", help="let them blink, wink and speak")
    parser.add_argument("--extras", type=Path, default=extras.FOLDER, help="where the face mesh is")
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    generator = load_generator(options.graph, device="cpu")
    faces = validation_faces(options.faces, generator.size, options.count)  # [N,3,S,S] in -1 .. 1
    inputs = to_pictures(faces)
    if options.acting:
        inputs = acting(inputs, FacePoints(options.extras))
    portraits = np.concatenate([generator(face[None]) for face in inputs])
    generator.close()
    picture = Image.fromarray(sheet(inputs, portraits, options.columns))
    picture.resize((picture.width * 192 // generator.size, picture.height * 192 // generator.size)).save(
        options.output, quality=85
    )


if __name__ == "__main__":
    main()
