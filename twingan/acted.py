"""Make people who blink, speak, laugh and turn their heads, with what each of them does.

    python -m twingan.acted data/packed/varied/human -o data/packed/acted/people

Portraits look into the camera with open eyes; of them, photos of people who blink or speak are made
(`twingan.grimaces`), from which `twingan.act` learns to read what somebody does.
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

from twingan.data import Domain, save
from twingan.evaluation import extras
from twingan.face_points import FacePoints, Photo
from twingan.part import Part, played
from twingan.pixels import to_pictures, to_tensor
from twingan.skin import browned

SIZE = 256
"""Side of the photos; an eye has ten pixels at half of it."""
ANGLE, ZOOM, MOVE = 0.07, 0.06, 0.03
"""Standard deviations of how crops are turned (radians), scaled and moved (shares of the side)."""
BROWNED = 0.25
"""Share of light-skinned people who become brown, see `twingan.skin`."""


@dataclass(frozen=True, eq=False)
class Acted:
    """A person who plays a part, RGBA uint8 [SIZE,SIZE,4]."""

    person: Photo
    part: Part


class Maker:
    """Makes them; each process has its own.

    Args:
        people: a packed domain.
        folder: where the face mesh is.
        held_out: those whom training never sees, instead of the others.
    """

    def __init__(self, people: Path, folder: Path, held_out: bool) -> None:
        cv2.setNumThreads(1)
        torch.set_num_threads(1)
        self.people = Domain(str(people), SIZE, validation=held_out)
        self.points = FacePoints(folder)

    def acted(self, numbers: list[int], seed: int) -> list[Acted]:
        """These people, by their numbers."""
        random = np.random.default_rng(seed)
        torch.manual_seed(seed)
        return [self._acted(number, random) for number in numbers]

    def _acted(self, number: int, random: np.random.Generator) -> Acted:
        photo = np.ascontiguousarray(self.people.pictures[number].permute(1, 2, 0).numpy())
        if random.random() < 0.5:
            photo = np.ascontiguousarray(photo[:, ::-1])
        man = self.people.groups[number] == "man"
        acting, part = played(photo, self.points(np.ascontiguousarray(photo[..., :3])), man, random)
        return Acted(to_pictures(browned(to_tensor(_jittered(acting, random)[None]), BROWNED))[0], part)


def _jittered(picture: Photo, random: np.random.Generator) -> Photo:
    middle = SIZE / 2 - 0.5
    degrees, scale = np.degrees(ANGLE) * random.normal(), np.exp(ZOOM * random.normal())
    matrix = np.asarray(cv2.getRotationMatrix2D((middle, middle), degrees, scale), np.float64)
    matrix[:, 2] += MOVE * SIZE * random.normal(size=2)
    return np.asarray(cv2.warpAffine(picture, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE), np.uint8)


_MAKER: list[Maker] = []


def _begin(*arguments: Any) -> None:
    _MAKER.append(Maker(*arguments))


def _work(task: tuple[list[int], int]) -> list[Acted]:
    return _MAKER[0].acted(*task)


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    try:
        people = Domain(str(options.people), 128, validation=options.held_out)
        FacePoints(options.extras)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    torch.manual_seed(0)
    chosen = people.choose(options.count).tolist()
    tasks = [(chosen[start : start + 16], start) for start in range(0, options.count, 16)]
    photos: npt.NDArray[np.uint8] = np.zeros((options.count, SIZE, SIZE, 4), np.uint8)
    rows: list[dict[str, Any]] = []
    spawn = multiprocessing.get_context("spawn")
    begun = (options.people, options.extras, options.held_out)
    with concurrent.futures.ProcessPoolExecutor(options.processes, spawn, _begin, begun) as pool:
        for made in tqdm(pool.map(_work, tasks), total=len(tasks), unit="16 people"):
            for one in made:
                photos[len(rows)] = one.person
                rows.append({"file": "acted", "group": "", "weight": 1.0, "validation": False, "part": one.part.told()})
    save(options.output, photos, {"pictures": rows})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.acted", description="People who blink, speak and laugh.")
    parser.add_argument("people", type=Path, help="packed")
    parser.add_argument("--count", type=int, default=9000)
    parser.add_argument("--held-out", action="store_true", help="of those whom training never sees, to measure with")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--extras", type=Path, default=extras.FOLDER, help="where the face mesh is")
    parser.add_argument("-o", "--output", type=Path, required=True, help="path without suffix")
    return parser


if __name__ == "__main__":
    main()
