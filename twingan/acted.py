"""Make pairs of people and of the drawings that they should become, who blink, speak, laugh and turn their heads.

    python -m twingan.acted models/human2anime-lite.onnx --people data/packed/varied/human \\
        --drawings data/packed/anime -o data/packed/acted/lite

A graph draws each person; into its drawing come eyes of a real one in the colour of the person's own, as open as they
are, and a mouth that does what the person's does (`twingan.drawn_features`), hair gets the person's colour where it is
not quite that, and the face turns with the person's. Photos of people who blink or speak are made (`twingan.grimaces`).
`twingan.act` then teaches the graph's network to draw all that itself.
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

from twingan import drawn_features, face_points, grimaces
from twingan.data import Domain
from twingan.data import save as save_domain
from twingan.drawn_features import DrawnEyes
from twingan.drawn_parts import Lab, Mask, colour_to_lab, find, to_lab, to_picture
from twingan.dye import moved
from twingan.evaluation import extras
from twingan.face_points import LOWER_LIDS, UPPER_LIDS, FacePoints, Photo, Points
from twingan.palette import drawn_hair
from twingan.skin import Skin

SIZE = drawn_features.SIZE
EYES = {"woman": "anime/02516.webp", "man": "anime/02761.webp"}
BROWN, BLUE, GREEN = (4.0, 14.0, 34.0), (6.0, -4.0, -34.0), (6.0, -26.0, 16.0)
"""Of irises: how much lighter than the drawn ones, then a* and b*."""
SHUT, OPEN = 0.12, 0.24
"""Height by width (`face_points.Expression.eyes`) of eyes that are drawn shut and quite open."""
CLOSED, WIDE = 0.015, 0.13
"""Openings of mouths (`Expression.mouth`) that are drawn closed and wide open."""
SERIOUS, LAUGHING = 0.005, 0.045
"""`Expression.smile` that is drawn straight, and the most."""
TURN = 1.0
"""Sixteenths by which a face is moved for each of `Expression.turned`."""
SPEAKS, MOST, BLINKS, HALF, WINKS = 0.5, 0.13, 0.4, 0.4, 0.08
"""Shares of people whose mouth is opened (by up to `MOST`) and whose eyes shut, of those half, and one eye only."""
ANGLE, ZOOM, MOVE = 0.07, 0.06, 0.03
"""Standard deviations of how crops are turned (radians), scaled and moved (shares of the side)."""
WHITE = 0.02
"""A head with more white beside its fringe (`_white`) is drawn from the mirrored photo, too; the better one counts."""
BROWNED = 0.25
"""Share of light-skinned people who become brown, see `twingan.skin`."""


@dataclass(frozen=True)
class Part:
    """What somebody plays.

    Attributes:
        openness: of the eyes, 0 .. 1, the left of the picture first.
        gap, smile: of the mouth, see `drawn_features.with_mouth`.
        turned: sixteenths, see `drawn_features.turned`.
        iris: colour [3], see `BROWN`.
        man: of whose drawings the eyes are.
    """

    openness: tuple[float, float]
    gap: float
    smile: float
    turned: float
    iris: tuple[float, float, float]
    man: bool

    def told(self) -> list[float]:
        """The same as numbers of about 0 .. 1, as many as `act.TOLD`."""
        shade = [(own - brown) / 50 for own, brown in zip(self.iris, BROWN, strict=True)]
        return [*self.openness, self.gap, self.smile, self.turned, *shade, float(self.man)]


@dataclass(frozen=True, eq=False)
class Pair:
    """A person who plays a part, RGBA uint8 [SIZE/2,SIZE/2,4], and their drawing, RGB uint8 [SIZE,SIZE,3]."""

    person: Photo
    drawing: Photo
    part: Part


def played(photo: Photo, points: Points, man: bool, random: np.random.Generator) -> tuple[Photo, Part]:
    """Somebody who does something, or nothing: a photo RGBA uint8 [S,S,4], and what is to be drawn."""
    seen = face_points.expression(points)
    mouth, shares = seen.mouth, [0.0, 0.0]
    if random.random() < SPEAKS:
        by = MOST * random.random()
        photo, mouth = grimaces.opened(photo, points, by), mouth + by
    if random.random() < BLINKS:
        share = random.uniform(0.3, 1.0) if random.random() < HALF else 1.0
        shares = [share, share]
        if random.random() < WINKS:
            shares[random.integers(2)] = 0.0
        for side in (0, 1):
            photo = grimaces.shut(photo, points, side, shares[side])
    natural = _between(sum(seen.eyes) / 2, SHUT, OPEN)
    left, right = (natural * (1 - share) for share in shares)
    gap, smile = _between(mouth, CLOSED, WIDE), _between(seen.smile, SERIOUS, LAUGHING)
    return photo, Part((left, right), gap, smile, TURN * seen.turned, iris(photo, points), man)


def iris(photo: Photo, points: Points) -> tuple[float, float, float]:
    """The colour that drawn eyes get for a person's: brown, blue or green, from RGB(A) uint8 [S,S,C]."""
    lab = to_lab(np.ascontiguousarray(photo[..., :3]))
    lightness, red, yellow = np.mean([_iris(lab, points, side) for side in (0, 1)], axis=0)
    cool = _sigmoid(2.5 * ((lightness - 24) / 8 - (red - 4.5) / 2))
    green = _sigmoid((yellow - 7) / 1.5)
    mixed = (1 - cool) * np.array(BROWN) + cool * ((1 - green) * np.array(BLUE) + green * np.array(GREEN))
    return float(mixed[0]), float(mixed[1]), float(mixed[2])


def drawn(head: Photo, part: Part, hair: tuple[float, float, float], eyes: dict[str, DrawnEyes]) -> Photo:
    """A drawn head RGB uint8 [SIZE,SIZE,3] that plays a part, hair of that colour (RGB in 0 .. 1)."""
    lab, strands = _dyed(head, colour_to_lab(hair))
    tone, colour = drawn_features.skin_of(lab), np.array(part.iris, np.float32)
    lab = eyes["man" if part.man else "woman"].onto(lab, strands, tone, colour, part.openness)
    lab = drawn_features.with_mouth(lab, tone, part.gap, part.smile)
    return to_picture(drawn_features.turned(lab, part.turned))


def _white(head: Photo) -> float:
    """How much lighter than the fringe hair is at both sides of the head's upper part."""
    light = head.mean(2) / 255
    unit = SIZE // 16
    fringe = np.median(light[unit : 4 * unit, 5 * unit : 11 * unit])
    sides = np.concatenate([light[unit : 5 * unit, 2 * unit : 5 * unit], light[unit : 5 * unit, 11 * unit : 14 * unit]])
    return float(np.maximum(sides - fringe - 0.35, 0).mean())


def _dyed(head: Photo, hair: Lab) -> tuple[Lab, Mask]:
    """A head in L*a*b*, its hair in another colour if it is found, and where that is."""
    parts = find(head)
    if parts is None:
        return to_lab(head), np.zeros(head.shape[:2], np.float32)
    if not parts.told:
        return parts.lab, parts.hair
    return moved(parts.lab, parts.hair, parts.hair_colour, hair, 0.8), parts.hair


def _iris(lab: Lab, points: Points, side: int) -> Lab:
    """Median of what is within the lids and near the middle, neither pupil nor light."""
    size = len(lab)
    upper, lower = (points[list(lids[side])] * size for lids in (UPPER_LIDS, LOWER_LIDS))
    mask = np.zeros(lab.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(np.concatenate([upper, lower[::-1]])).astype(np.int32)], 1)
    near = np.zeros_like(mask)
    middle = (upper[4] + lower[4]) / 2
    cv2.circle(near, (round(float(middle[0])), round(float(middle[1]))), size // 64, 1, -1)
    pixels = lab[(mask & near) > 0]
    if len(pixels) < 8:
        return np.array([15, 6, 8], np.float32)
    pixels = pixels[np.argsort(pixels[:, 0])]
    return np.asarray(np.median(pixels[len(pixels) // 4 : len(pixels) * 4 // 5], 0), np.float32)


def _between(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))


def _sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))


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
        before = _on_white(photo)
        head = self._draw(before)
        if _white(head) > WHITE:
            head = min(head, np.ascontiguousarray(self._draw(before[:, ::-1])[:, ::-1]), key=_white)
        red, green, blue = drawn_hair(self.people.hair(torch.tensor([number])))[0].tolist()
        small = np.asarray(cv2.resize(acting, (SIZE // 2, SIZE // 2), interpolation=cv2.INTER_AREA), np.uint8)
        return Pair(small, drawn(head, part, (red, green, blue), self.eyes), part)

    def _draw(self, picture: Photo) -> Photo:
        return np.asarray(self.graph([np.ascontiguousarray(picture)[None]])[0][0], np.uint8)


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
    both = torch.from_numpy(np.stack([photo, acting])).permute(0, 3, 1, 2).float() / 127.5 - 1
    alpha = (both[:, 3:] + 1) / 2
    clean = both[:, :3] * alpha + (1 - alpha)
    skin = Skin.of(clean[:1], alpha[:1], BROWNED)
    browned = skin.brown(both[:, :3])
    brown = ((browned + 1) * 127.5 + 0.5).clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
    return np.dstack([brown[0], photo[..., 3]]), np.dstack([brown[1], acting[..., 3]])


def _on_white(picture: Photo) -> Photo:
    alpha = picture[..., 3:].astype(np.float32) / 255
    return np.asarray(picture[..., :3] * alpha + 255 * (1 - alpha) + 0.5, np.uint8)


_MAKER: list[Maker] = []


def _begin(*arguments: Any) -> None:
    _MAKER.append(Maker(*arguments))


def _work(task: tuple[list[int], int]) -> list[Pair]:
    return _MAKER[0].pairs(*task)


def save(path: Path, people: Photo, drawings: Photo, told: list[list[float]]) -> None:
    """Write pairs as `path`.npy and `path`-drawn.npy (temporary files, then renames).

    Args:
        path: without suffix.
        people: RGBA uint8 [N,S,S,4].
        drawings: RGB uint8 [N,2S,2S,3].
        told: what each plays, see `Part.told`.
    """
    rows = [{"file": "acted", "group": "", "weight": 1.0, "validation": False, "part": part} for part in told]
    save_domain(path.with_name(f"{path.name}-drawn"), drawings, {"pictures": rows})
    save_domain(path, people, {"pictures": rows})


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
    wanted = np.zeros((options.count, SIZE, SIZE, 3), np.uint8)
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
    parser.add_argument("--people", type=Path, required=True, help="packed, with hair colours (twingan.palette)")
    parser.add_argument("--drawings", type=Path, required=True, help="packed, undyed: whose eyes are drawn")
    parser.add_argument("--count", type=int, default=9000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--extras", type=Path, default=extras.FOLDER, help="where the face mesh is")
    parser.add_argument("-o", "--output", type=Path, required=True, help="path without suffix")
    return parser


if __name__ == "__main__":
    main()
