"""Pair people with real drawings, in their colours and like what a released graph draws of them.

    python -m twingan.pairs models/human2mine-lite.onnx --people data/packed/human --drawings data/packed/anime \\
        --skip configs/labels/anime-adorned.txt -o data/packed/pairs/human

Everybody gets the drawing that is most like the portrait once it has the person's colours, of the same sex, and no
drawing goes to too many (`twingan.shares`). The graph's mime gives it their eyes and mouth, where the portrait has
them. So there is a picture of each person with the shapes and lines of a real drawing, which a network can be told to
draw (`twingan.paired`).
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from engines.errors import EngineError
from engines.openvino_cpu import OpenVinoGenerator
from twingan.brush import SIZE
from twingan.data import Domain, opened, save
from twingan.mime import EYES, eyes_of, mime_of
from twingan.pack import listed
from twingan.pairing import Pairing
from twingan.shares import shared_out
from twingan.wardrobe import wardrobe

OFTENEST = 5.0
"""A drawing goes to at most so many times as many people as if all went to equally many."""

Pictures = npt.NDArray[np.uint8]


def paired(pairing: Pairing, photos: Pictures, portraits: Pictures) -> tuple[Pictures, npt.NDArray[np.int64]]:
    """A drawing for each of N people, and which one it is.

    Args:
        pairing: what the drawings are, and what paints.
        photos, portraits: RGB uint8 [N,SIZE,SIZE,3].

    Returns:
        RGB uint8 [N,SIZE,SIZE,3] and int64 [N]: -1, and a copy of the portrait, of whom no drawing suits.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        both = zip(photos, portraits, strict=True)
        sitters = _shown(pool.map(lambda pair: pairing.sitter(*pair), both), len(photos), "looking")
        costs = np.stack(_shown(pool.map(pairing.costs, sitters), len(photos), "comparing"))
        chosen = shared_out(costs, _most(costs))
        dyed = pool.map(pairing.drawing, sitters, chosen.tolist())
        drawings = _shown(dyed, len(photos), "dyeing")
    kept = [own if drawing is None else drawing for own, drawing in zip(portraits, drawings, strict=True)]
    return np.stack(kept), chosen


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(1)  # many people at once instead
    try:
        (people, note), drawn = opened(options.people), opened(options.drawings)
        names = {"woman": options.women, "man": options.men}
        mime = mime_of(options.graph, eyes_of(Domain(str(options.drawings), SIZE), names))
        stencils, files, men = wardrobe(*drawn, skip=listed(options.skip))
        draw = OpenVinoGenerator(options.graph)
    except (OSError, ValueError, EngineError) as error:
        raise SystemExit(str(error)) from None
    ours = [number for number, row in enumerate(note["pictures"]) if not row["validation"]]
    rows = [note["pictures"][number] for number in ours]
    photos = people[ours][..., :3]
    portraits = np.stack([draw(photo[None])[0] for photo in tqdm(photos, desc="drawing", unit="person")])
    pictures, chosen = paired(Pairing(mime, stencils, men), photos, portraits)
    for row, number in zip(rows, chosen.tolist(), strict=True):
        row |= {"weight": row["weight"] if number >= 0 else 0.0, "drawing": files[number // 2] if number >= 0 else ""}
    opaque = np.full((*pictures.shape[:3], 1), 255, np.uint8)
    save(options.output, np.concatenate([pictures, opaque], 3), {**note, "pictures": rows})
    print(f"{int((chosen >= 0).sum())} of {len(rows)} people, {len(set(chosen.tolist()) - {-1})} drawings")


def _most(costs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """How many people may get each drawing: [M]."""
    suits = np.isfinite(costs)
    equally = (suits / np.maximum(suits.sum(1, keepdims=True), 1)).sum(0)
    return np.asarray(np.maximum(OFTENEST * equally, 1), np.float32)


def _shown(results: Any, count: int, name: str) -> list[Any]:
    return list(tqdm(results, total=count, desc=name, unit="person"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.pairs", description="Pair people with real drawings.")
    parser.add_argument("graph", type=Path, help="with a mime (`twingan.mime`)")
    parser.add_argument("--people", type=Path, required=True, help="a packed domain, without suffix")
    parser.add_argument("--drawings", type=Path, required=True, help="packed, undyed")
    parser.add_argument("--skip", type=Path, help="list of drawings that nobody shall get: with ears, hats, eyepatches")
    parser.add_argument("--women", default=EYES["woman"], help="the drawing whose eyes women get (default %(default)s)")
    parser.add_argument("--men", default=EYES["man"], help="and men (default %(default)s)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="path without suffix")
    return parser


if __name__ == "__main__":
    main()
