"""Make pairs of people and of the drawings that they should become, who blink, speak, laugh and turn their heads.

    python -m twingan.acted models/human2anime-lite.onnx --people data/packed/varied/human \\
        --drawings data/packed/anime -o data/packed/acted/lite

A graph draws each person; into its drawing come eyes of a real one (`twingan.drawn_eyes`) in the colour of the person's
own, as open as they are, and a mouth that does what the person's does (`twingan.drawn_mouth`), and the face turns with
the person's.
Photos of people who blink or speak are made (`twingan.grimaces`). `twingan.act` then teaches the graph's network to
draw all that itself.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import multiprocessing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from twingan.brush import SIZE
from twingan.data import Domain
from twingan.drawn_eyes import DrawnEyes
from twingan.evaluation import extras
from twingan.face_points import FacePoints, Photo
from twingan.pairs import save
from twingan.part import Part, drawn, played
from twingan.pixels import to_pictures, to_tensor
from twingan.skin import Skin

EYES = {"woman": "anime/01633.webp", "man": "anime/00897.webp"}
"""Drawings whose eyes are drawn. Of more, chosen by what a network sees less surely than sex, it draws the mean."""
ANGLE, ZOOM, MOVE = 0.07, 0.06, 0.03
"""Standard deviations of how crops are turned (radians), scaled and moved (shares of the side)."""
BROWNED = 0.25
"""Share of light-skinned people who become brown, see `twingan.skin`."""


@dataclass(frozen=True, eq=False)
class Pair:
    """A person who plays a part, RGBA uint8 [SIZE/2,SIZE/2,4], and their drawing, see `part.drawn`."""

    person: Photo
    drawing: Photo
    part: Part


class Maker:
    """Makes pairs; each process has its own.

    Args:
        graph: what draws.
        people: a packed domain.
        drawings: a packed domain with those of `EYES`.
        folder: where the face mesh is.
    """

    def __init__(self, graph: Path, people: Path, drawings: Path, folder: Path) -> None:
        import openvino

        cv2.setNumThreads(1)
        torch.set_num_threads(1)
        self.graph = openvino.Core().compile_model(str(graph), "CPU", {"INFERENCE_NUM_THREADS": 1})
        self.people = Domain(str(people), SIZE)
        self.points = FacePoints(folder)
        packed = Domain(str(drawings), SIZE)
        self.eyes = {sex: DrawnEyes.of(named(packed, name)) for sex, name in EYES.items()}

    def pairs(self, numbers: list[int], seed: int) -> list[Pair]:
        """Of these people, by their numbers."""
        random = np.random.default_rng(seed)
        torch.manual_seed(seed)
        return [self._pair(number, random) for number in numbers]

    def _pair(self, number: int, random: np.random.Generator) -> Pair:
        photo = _photo(self.people, number)
        if random.random() < 0.5:
            photo = np.ascontiguousarray(photo[:, ::-1])
        man = self.people.groups[number] == "man"
        acting, part = played(photo, self.points(np.ascontiguousarray(photo[..., :3])), man, random)
        matrix = _jittered(random)
        photo, acting = (_warped(picture, matrix) for picture in (photo, acting))
        photo, acting = _browned(photo, acting)
        head = np.asarray(self.graph([_on_white(photo)[None]])[0][0], np.uint8)
        small = np.asarray(cv2.resize(acting, (SIZE // 2, SIZE // 2), interpolation=cv2.INTER_AREA), np.uint8)
        return Pair(small, drawn(head, part, self.eyes), part)


def named(drawings: Domain, name: str) -> Photo:
    """A drawing by its file's name, RGB uint8 [S,S,3]; raises ValueError: it is not among them."""
    if name not in drawings.files:
        raise ValueError(f"{name}, whose eyes are to be drawn, is not among the drawings: name others in `EYES`")
    return _photo(drawings, drawings.files.index(name))[..., :3].copy()


def _photo(domain: Domain, number: int) -> Photo:
    return np.ascontiguousarray(domain.pictures[number].permute(1, 2, 0).numpy())


def _jittered(random: np.random.Generator) -> npt.NDArray[np.float64]:
    middle = SIZE / 2 - 0.5
    degrees, scale = np.degrees(ANGLE) * random.normal(), np.exp(ZOOM * random.normal())
    matrix = np.asarray(cv2.getRotationMatrix2D((middle, middle), degrees, scale), np.float64)
    matrix[:, 2] += MOVE * SIZE * random.normal(size=2)
    return matrix


def _warped(picture: Photo, matrix: npt.NDArray[np.float64]) -> Photo:
    return np.asarray(cv2.warpAffine(picture, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _browned(photo: Photo, acting: Photo) -> tuple[Photo, Photo]:
    """Both with the same, perhaps browner skin."""
    both = to_tensor(np.stack([photo, acting]))
    alpha = (both[:, 3:] + 1) / 2
    clean = both[:, :3] * alpha + (1 - alpha)
    skin = Skin.of(clean[:1], alpha[:1], BROWNED)
    browned = skin.brown(both[:, :3])
    brown = to_pictures(browned)
    return np.dstack([brown[0], photo[..., 3]]), np.dstack([brown[1], acting[..., 3]])


def _on_white(picture: Photo) -> Photo:
    alpha = picture[..., 3:].astype(np.float32) / 255
    return np.asarray(picture[..., :3] * alpha + 255 * (1 - alpha) + 0.5, np.uint8)


_MAKER: list[Maker] = []


def _begin(*arguments: Any) -> None:
    _MAKER.append(Maker(*arguments))


def _work(task: tuple[list[int], int]) -> list[Pair]:
    return _MAKER[0].pairs(*task)


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    try:
        people = Domain(str(options.people), 128)
        FacePoints(options.extras)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    torch.manual_seed(0)
    chosen = people.choose(options.count).tolist()
    tasks = [(chosen[start : start + 16], start) for start in range(0, options.count, 16)]
    seen = np.zeros((options.count, SIZE // 2, SIZE // 2, 4), np.uint8)
    wanted = np.zeros((options.count, SIZE, SIZE, 4), np.uint8)
    told: list[list[float]] = []
    begun = (options.graph, options.people, options.drawings, options.extras)
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(options.processes, spawn, _begin, begun) as pool:
        for (_, start), made in zip(tqdm(tasks, unit="16 pairs"), pool.map(_work, tasks), strict=True):
            for number, pair in enumerate(made, start):
                seen[number], wanted[number] = pair.person, pair.drawing
                told.append(pair.part.told())
    save(options.output, seen, wanted, told)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.acted", description="Pairs of acting people and drawings.")
    parser.add_argument("graph", type=Path, help="what draws the people: a graph of twingan.export that draws 256 px")
    parser.add_argument("--people", type=Path, required=True, help="packed")
    parser.add_argument("--drawings", type=Path, required=True, help="packed, undyed: whose eyes are drawn")
    parser.add_argument("--count", type=int, default=9000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--extras", type=Path, default=extras.FOLDER, help="where the face mesh is")
    parser.add_argument("-o", "--output", type=Path, required=True, help="path without suffix")
    return parser


if __name__ == "__main__":
    main()
