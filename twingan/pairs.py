"""Pair people with a few real drawings, in their colours and like what a graph draws of them.

    python -m twingan.pairs models/human2mine-lite.onnx --people data/packed/human --drawings data/packed/anime \\
        --among configs/labels/anime-heads.txt -o data/packed/pairs/human

Somebody has chosen the drawings and noted how long their hair is. Everybody gets the one that is most like their
portrait once it has their colours, of the same sex and with hair about as long, and none goes to too many
(`twingan.shares`). The graph's mime gives it their eyes and mouth. So there is a real drawing of each person, which a
network can be told to draw (`twingan.paired`). What that network then draws says better than a first graph which
drawing a photo calls for: pair again with its graph, and with the first one for `--colours`.
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
from twingan.evaluation import extras
from twingan.evaluation.face_parts import FaceParser
from twingan.lengths import of_drawings, of_people
from twingan.mime import EYES, eyes_of, mime_of
from twingan.pairing import Pairing, Sitter
from twingan.parsed import labels_of
from twingan.shares import shared_out
from twingan.wardrobe import wardrobe

OFTENEST = 2.0
"""A drawing goes to at most so many times as many people as if all went to equally many."""
PARSED = 64
"""Side at which the parser's classes are kept."""
LENGTH = 0.002
"""What hair of the next length costs, see `pairing.Pairing.costs`."""

Pictures = npt.NDArray[np.uint8]
Costs = npt.NDArray[np.float32]


def paired(
    pairing: Pairing, photos: Pictures, drawn: list[Pictures], lengths: Costs
) -> tuple[Pictures, npt.NDArray[np.int64]]:
    """A drawing for each of N people, and which one it is.

    Args:
        pairing: what the M drawings are, and what paints.
        photos: RGB uint8 [N,SIZE,SIZE,3].
        drawn: portraits that have the people's colours, like photos; then, if others, those that say what suits.
        lengths: by how many lengths each drawing's hair differs from each person's, [N,M].

    Returns:
        RGB uint8 [N,SIZE,SIZE,3] and int64 [N]: -1, and a copy of the portrait, of whom no drawing suits.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        looks = [_sitters(pool, pairing, photos, portraits) for portraits in drawn]
        sitters = looks[0]
        shown = [one and (other or one) for one, other in zip(sitters, looks[-1], strict=True)]
        costs = np.stack(_shown(pool.map(pairing.costs, shown), len(photos), "comparing")) + LENGTH * lengths
        chosen = shared_out(costs.astype(np.float32), _most(costs))
        dyed = pool.map(pairing.drawing, sitters, chosen.tolist())
        drawings = _shown(dyed, len(photos), "dyeing")
    kept = [own if drawing is None else drawing for own, drawing in zip(drawn[0], drawings, strict=True)]
    return np.stack(kept), chosen


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(1)  # many people at once instead
    try:
        (people, note), drawn = opened(options.people), opened(options.drawings)
        names = {"woman": options.women, "man": options.men}
        mime = mime_of(options.graph, eyes_of(Domain(str(options.drawings), SIZE), names))
        among = of_drawings(options.among)
        pairing = Pairing(mime, *wardrobe(*drawn, list(among)))
        hair = of_people(labels_of(str(options.people), FaceParser(options.extras), PARSED))
        graphs = [OpenVinoGenerator(graph) for graph in (options.colours, options.graph) if graph]
    except (OSError, ValueError, EngineError) as error:
        raise SystemExit(str(error)) from None
    ours = [number for number, row in enumerate(note["pictures"]) if not row["validation"]]
    rows = [note["pictures"][number] for number in ours]
    photos = people[ours][..., :3]
    portraits = [_portraits(draw, photos) for draw in graphs]
    lengths = np.abs(hair[:, None] - np.array(list(among.values()))).astype(np.float32)
    pictures, chosen = paired(pairing, photos, portraits, lengths)
    for row, number in zip(rows, chosen.tolist(), strict=True):
        row |= {"weight": row["weight"] if number >= 0 else 0.0, "drawing": list(among)[number] if number >= 0 else ""}
    opaque = np.full((*pictures.shape[:3], 1), 255, np.uint8)
    save(options.output, np.concatenate([pictures, opaque], 3), {**note, "pictures": rows})
    print(f"{int((chosen >= 0).sum())} of {len(rows)} people, {len(set(chosen.tolist()) - {-1})} drawings")


def _portraits(draw: OpenVinoGenerator, photos: Pictures) -> Pictures:
    return np.stack([draw(photo[None])[0] for photo in tqdm(photos, desc="drawing", unit="person")])


def _sitters(pool: ThreadPoolExecutor, pairing: Pairing, photos: Pictures, portraits: Pictures) -> list[Sitter | None]:
    both = zip(photos, portraits, strict=True)
    return _shown(pool.map(lambda pair: pairing.sitter(*pair), both), len(photos), "looking")


def _most(costs: Costs) -> Costs:
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
    parser.add_argument("--among", type=Path, required=True, help="list of the drawings to be given, and their hair")
    parser.add_argument("--colours", type=Path, help="the graph whose portraits have the people's colours, if another")
    parser.add_argument("--extras", type=Path, default=extras.FOLDER, help="where the face parser is")
    parser.add_argument("--women", default=EYES["woman"], help="the drawing whose eyes women get (default %(default)s)")
    parser.add_argument("--men", default=EYES["man"], help="and men (default %(default)s)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="path without suffix")
    return parser


if __name__ == "__main__":
    main()
