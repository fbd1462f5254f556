"""Give drawings the hair and skin colours of people.

    python -m twingan.dye data/packed/anime --like data/packed/human -o data/packed/dyed/anime

Drawn heads have blue and pink hair and the palest skin. A network that must match such a crowd and keep its people's
colours, too, is asked for two things at once; dyed drawings ask for one. Each drawing whose hair and skin can be told
apart (`twingan.drawn_parts`) is dyed a few times in colours of people drawn at random, which are noted beside it;
those are kept that took them best (`twingan.purity`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from twingan import skin
from twingan.data import Domain, opened, save
from twingan.drawn_parts import Lab, Mask, Parts, colour_to_lab, find, to_picture
from twingan.palette import drawn_hair
from twingan.purity import purest

BROWN_SHARE = 0.25
"""Of the light-skinned among the people whose colours are taken; the darker tones are rare in the data."""
OFTENEST = 4.0
"""Men are rare among the drawings; drawn more often than this they would be learnt by heart."""
PURE = 0.6
"""Of the rest strands, bands or faces kept their old colours; the network would learn such marks."""
HAIR_SPREAD, SKIN_SPREAD = 0.5, 0.6
"""How much of a part's own variety of hue survives."""


def dyed(parts: Parts, hair: Sequence[float], tone: Sequence[float]) -> npt.NDArray[np.uint8]:
    """The drawing with another hair and skin colour (RGB in 0 .. 1): RGB uint8 [S,S,3]."""
    lab = moved(parts.lab, parts.hair, parts.hair_colour, colour_to_lab(hair), HAIR_SPREAD)
    lab = moved(lab, parts.skin, parts.skin_colour, colour_to_lab(tone), SKIN_SPREAD)
    return to_picture(lab)


def moved(lab: Lab, mask: Mask, own: Lab, wanted: Lab, spread: float) -> Lab:
    """Pictures in which colour `own` becomes `wanted` under a mask.

    Below the colour lightness is scaled (lines stay darker than what they outline), above it stretched or squeezed up
    to white: black hair keeps the lights that the drawing had. Chroma follows lightness to nothing at black and white.

    Args:
        lab: [...,S,S,3].
        mask: [...,S,S] in 0 .. 1.
        own: one for each picture, [...,3].
        wanted: [3].
        spread: how much of the variety of hue survives.
    """
    own, lightness = own[..., None, None, :], lab[..., 0]
    darkest = np.maximum(own[..., 0], 3)
    share = (lightness / darkest).clip(0, 1) ** np.where(wanted[0] > own[..., 0], 0.8, 1.0)
    above = ((lightness - own[..., 0]) / np.maximum(100 - own[..., 0], 1)).clip(0, 1)
    new = wanted[0] * share + (100 - wanted[0]) * above
    fade = np.minimum(new / max(wanted[0], 8), (100 - new) / max(100 - wanted[0], 8)).clip(0, 1.25)[..., None]
    hue = wanted[1:] * fade + spread * (lab[..., 1:] - own[..., 1:])
    return np.asarray(lab + (np.concatenate([new[..., None], hue], -1) - lab) * mask[..., None], np.float32)


def people_colours(people: Domain, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Hair, and skin as it is to be drawn, of people drawn by weight: RGB [count,3] in 0 .. 1 each."""
    chosen = people.choose(count)
    tones = skin.tone(people.take(chosen)[:, :3])
    light = skin.is_light(tones)
    browned = tones * torch.where(light, skin.browns(count, BROWN_SHARE, tones), 1.0)
    return drawn_hair(people.hair(chosen)), skin.drawn(browned)[:, :, 0, 0]


def balanced(groups: Sequence[str], people: Domain) -> list[float]:
    """Weights of drawings: as many men among them as among the people, as far as `OFTENEST` allows."""
    men = [group == "man" for group in groups]
    told = people.sexes(torch.arange(len(people)))
    share = float(people.weights[told > 0].sum() / people.weights[told != 0].sum().clamp(min=1e-9))
    if not 0 < sum(men) < len(men) or not 0 < share < 1:
        return [1.0] * len(groups)
    ratio = share / (1 - share) * (len(men) - sum(men)) / sum(men)
    ratio = min(max(ratio, 1 / OFTENEST), OFTENEST)
    return [ratio if man else 1.0 for man in men]


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    try:
        people = Domain(str(options.like), 128)
        drawn, note = opened(options.drawings)
        torch.manual_seed(0)
        hairs, tones = people_colours(people, len(drawn) * options.copies)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    made: list[npt.NDArray[np.uint8]] = []
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(tqdm(note["pictures"], unit="drawing")):
        parts = find(np.ascontiguousarray(drawn[number][..., :3])) if row["weight"] else None
        if parts is None or not parts.told:
            continue
        for copy in range(number * options.copies, (number + 1) * options.copies):
            hair, tone = hairs[copy].tolist(), tones[copy].tolist()
            made.append(_shrunk(dyed(parts, hair, tone), options.size))
            rows.append({**row, "hair": hair, "skin": tone})
    if not made:
        raise SystemExit(f"{options.drawings}: in no drawing could hair be told from skin; are they drawn heads?")
    kept = purest(np.stack(made), [row["hair"] for row in rows], [row["skin"] for row in rows], options.pure)
    pictures, rows = np.stack([made[number] for number in kept]), [rows[number] for number in kept]
    for row, weight in zip(rows, balanced([row["group"] for row in rows], people), strict=True):
        row["weight"] = weight
    save(options.output, pictures, {**note, "pictures": rows})
    print(f"{len(rows)} dyed drawings of {len({row['file'] for row in rows})} of {len(note['pictures'])}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.dye", description="Dye drawings in people's colours.")
    parser.add_argument("drawings", type=Path, help="a packed domain, without suffix")
    parser.add_argument("--like", type=Path, required=True, help="packed people with hair colours (twingan.palette)")
    parser.add_argument("--copies", type=int, default=4, help="of each drawing (default 4)")
    parser.add_argument(
        "--pure", type=float, default=PURE, help=f"share that is kept, the purest first (default {PURE})"
    )
    parser.add_argument("--size", type=int, default=128, help="side in pixels (default 128)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="path without suffix")
    return parser


def _shrunk(picture: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """RGBA uint8 [size,size,4] of RGB; A is 255."""
    small = np.asarray(cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
    return np.dstack([small, np.full((size, size), 255, np.uint8)])


if __name__ == "__main__":
    main()
