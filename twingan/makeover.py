"""Give packed people hair that is rare among them, or none.

    python -m twingan.makeover data/packed/human -o data/packed/varied/human

Photo sets have few grey-haired people with brown skin and hardly any bald ones, and a network draws of those what it
knows of others. Copies of people get the hair colour of somebody else, all shades alike, and short-haired ones are
shaved; what is hair says the face parser of `twingan.evaluation.face_parts`. They join the people they were made of.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from twingan.data import opened, save
from twingan.drawn_parts import colour_to_lab, to_lab, to_picture
from twingan.evaluation import extras
from twingan.evaluation import face_parts as parts
from twingan.palette import Colour, person_hair

SHARE = 0.3
"""Of the weight of all people, to those made here."""
SHADES, BALD = 6, 0.35
"""Lightnesses of hair that are dealt out alike, and the share of people to be shaved if they can be."""
LONG = 0.02
"""Hair below the eyes that is more of a picture than this is too long to be shaved off."""
CONTRAST, OWN_HUES = (0.6, 1.8), 0.5
"""Limits of how much more contrast lighter hair has, and how much of its own variety of hue survives."""
EYES, HIGH, ROUND = 0.45, 0.75, 2.4
"""Where `face_crop.align.RECIPE` has the eyes (share of the side), how far the skull reaches above them (of the way to
the chin), and the exponent of its outline."""
REACH = 10
"""Colours are carried on over a tenth of the side."""
SHADE, SHINE = 0.25, 0.10
"""How much darker a bald head is at its outline, and how much lighter where it shines."""

Photo = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def dyed(photo: Photo, labels: Labels, hair: Colour) -> Photo:
    """A photo RGB uint8 [S,S,3] in which hair has another colour (RGB in 0 .. 1), lights and strands kept."""
    found = labels == parts.HAIR
    lab, wanted = to_lab(photo), colour_to_lab(hair)
    own = np.median(lab[found], axis=0)
    contrast = np.clip(np.sqrt(wanted[0] / max(own[0], 1)), *CONTRAST)
    moved = wanted + (lab - own) * np.array([contrast, OWN_HUES, OWN_HUES], np.float32)
    soft = cv2.GaussianBlur(found.astype(np.float32), (0, 0), len(photo) / 128)[..., None]
    return to_picture(lab + (moved - lab) * soft)


def shaved(picture: Photo, labels: Labels) -> tuple[Photo, Labels] | None:
    """A picture RGBA uint8 [S,S,4] without the hair above its eyes, and its classes; None where that is too long."""
    side = len(picture)
    hair, face = labels == parts.HAIR, np.isin(labels, (parts.SKIN, parts.NOSE))
    long, hat = hair[round(EYES * side) :].mean() > LONG, (labels == parts.HAT).mean() > LONG
    radius = _skull(face)
    if long or hat or hair.mean() < LONG or radius is None:
        return None
    above = np.indices(hair.shape)[0] < EYES * side
    bare, gone = hair & above & (radius < 1), hair & above & (radius >= 1)
    rgb = _over(picture[..., :3], _carried(picture[..., :3], picture[..., 3] < 128), _grown(gone, side // 64))
    skull = _carried(picture[..., :3], face) * _light(radius)[..., None]
    rgb = _over(rgb, skull, _grown(bare, side // 64) & (radius < 1))
    alpha = cv2.GaussianBlur(np.where(_grown(gone, side // 64) & (radius >= 1), 0, picture[..., 3]), (0, 0), side / 256)
    return np.dstack([rgb, alpha]).clip(0, 255).astype(np.uint8), np.where(bare, parts.SKIN, labels * ~gone)


def _skull(face: Mask) -> npt.NDArray[np.float32] | None:
    """Distance of pixels from the middle between the eyes, 1 at the skull's outline; None where it cannot be seen."""
    side = len(face)
    level = round(EYES * side)
    columns = np.flatnonzero(face[level : level + side // 8].any(0))
    if len(columns) < side / 4:
        return None
    left, right = columns[0], columns[-1]
    high = HIGH * (np.flatnonzero(face.any(1))[-1] - level)
    y, x = np.indices(face.shape, dtype=np.float32)
    across, up = np.abs(2 * x - left - right) / (right - left), ((level - y) / high).clip(min=0)
    return np.asarray((across**ROUND + up**ROUND) ** (1 / ROUND), np.float32)


def _carried(rgb: npt.NDArray[Any], known: Mask) -> npt.NDArray[np.float32]:
    """The colours of known pixels carried on to everywhere: float [S,S,3] in 0 .. 255."""
    reach, weight = (0, 0), known.astype(np.float32)[..., None]
    total = cv2.GaussianBlur(weight, reach, len(rgb) / REACH)[..., None]
    return np.asarray(cv2.GaussianBlur(rgb * weight, reach, len(rgb) / REACH) / (total + 1e-6), np.float32)


def _light(radius: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Of a bald head: darker at its outline, and a place that shines."""
    y, x = np.indices(radius.shape, dtype=np.float32) / len(radius)
    shine = np.exp(-(((x - 0.45) / 0.08) ** 2) - (((y - 0.25) / 0.05) ** 2))
    return np.asarray(1 - SHADE * radius.clip(0, 1) ** 4 + SHINE * shine, np.float32)


def _over(below: npt.NDArray[Any], above: npt.NDArray[Any], mask: Mask) -> npt.NDArray[np.float32]:
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), len(mask) / 128)[..., None]
    return np.asarray(below + (above - below) * soft, np.float32)


def _grown(mask: Mask, by: int) -> Mask:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8)) > 0)


def shades(hairs: list[Colour], count: int, random: np.random.Generator) -> list[Colour]:
    """Hair colours drawn from those of people, all lightnesses alike: RGB in 0 .. 1."""
    lightness = np.mean(hairs, axis=1)
    edges = np.linspace(lightness.min(), lightness.max() + 1e-6, SHADES + 1)
    dealt = [np.flatnonzero((low <= lightness) & (lightness < high)) for low, high in itertools.pairwise(edges)]
    full = [some for some in dealt if len(some)]
    return [hairs[random.choice(full[number % len(full)])] for number in range(count)]


def made_over(picture: Photo, labels: Labels, hair: Colour, *, bald: bool) -> tuple[Photo, Colour] | None:
    """A picture RGBA uint8 [S,S,4] shaved or else dyed, and the colour of its hair then; None where neither can be."""
    if bald and (result := shaved(picture, labels)):
        new, left = result
        return new, person_hair(new[..., :3], left)
    if (labels == parts.HAIR).mean() < LONG or (labels == parts.HAT).mean() > LONG:
        return None
    new = dyed(np.ascontiguousarray(picture[..., :3]), labels, hair)
    return np.dstack([new, picture[..., 3]]), person_hair(new, labels)


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    try:
        pictures, note = opened(options.people)
        hairs: list[Colour] = [tuple(row["hair"]) for row in note["pictures"]]
        parser = parts.FaceParser(options.extras)
    except KeyError:
        raise SystemExit(f"{options.people} has no hair colours: note them with `python -m twingan.palette`") from None
    except (OSError, extras.ExtraMissingError) as error:
        raise SystemExit(str(error)) from None
    rows, random = note["pictures"], np.random.default_rng(0)
    weights = np.array([row["weight"] * (not row["validation"]) for row in rows], float)
    chosen = random.choice(len(rows), options.count, p=weights / weights.sum())
    made = []
    for number, hair in zip(tqdm(chosen, unit="person"), shades(hairs, options.count, random), strict=True):
        picture = np.ascontiguousarray(pictures[number])
        labels = parser(picture[None, ..., :3])[0]
        if result := made_over(picture, labels, hair, bald=random.random() < BALD):
            made.append((result[0], {**rows[number], "hair": [round(value, 4) for value in result[1]]}))
    if not made:
        raise SystemExit(f"{options.people}: nobody has hair that could be dyed; are they portraits of people?")
    for _, row in made:
        row["weight"] = SHARE / (1 - SHARE) * weights.sum() / len(made)
    everybody = np.concatenate([pictures, np.stack([picture for picture, _ in made])])
    save(options.output, everybody, {**note, "pictures": rows + [row for _, row in made]})
    print(f"{len(made)} people made over, beside {len(rows)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.makeover", description="Give people hair that is rare.")
    parser.add_argument("people", type=Path, help="a packed domain with hair colours (twingan.palette), without suffix")
    parser.add_argument("--count", type=int, default=1500, help="how many to make (default 1500)")
    parser.add_argument("--extras", type=Path, default=extras.FOLDER, help="where the face parser is")
    parser.add_argument("-o", "--output", type=Path, required=True, help="path without suffix")
    return parser


if __name__ == "__main__":
    main()
