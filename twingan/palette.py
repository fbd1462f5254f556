"""The colours of people and of drawings that training keeps together: hair, and skin as it is to be drawn.

    python -m twingan.palette data/packed/human

notes the hair colour of every packed person in `data/packed/human.json`. What is hair says the face parser of
`twingan.evaluation.face_parts` (fetch it first: docs/evaluation.md). Under a hat or a scarf that is its colour, of the
bald the colour of the brows.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from tqdm import tqdm

from twingan.data import Domain, annotate, opened
from twingan.evaluation import extras
from twingan.evaluation import face_parts as parts

LEAST = 0.02
"""Least share of a picture's pixels for hair or a hat, a tenth of it for brows."""
BROWS_QUANTILE = 0.2
"""Of a brow's pixels more than half are skin."""
UNKNOWN = (0.16, 0.12, 0.11)
"""Hair colour of a person of whom nothing is seen: the commonest."""

VIVID = 1.15
"""Drawn hair has so much of a photo's chroma."""

Colour = tuple[float, float, float]
"""RGB in 0 .. 1."""


@dataclass(frozen=True)
class Palette:
    """Colours of a batch, RGB float [N,3,1,1] in 0 .. 1; `skin` as it is drawn or to be drawn."""

    hair: Tensor
    skin: Tensor

    @classmethod
    def of(cls, drawings: Domain, chosen: Tensor) -> Palette:
        """Of dyed drawings (`twingan.dye`)."""
        return cls(drawings.hair(chosen)[..., None, None], drawings.skin(chosen)[..., None, None])

    def conditions(self) -> Tensor:
        """For a discriminator: [N,6,1,1] in -1 .. 1."""
        return torch.cat([self.hair, self.skin], 1) * 2 - 1


def drawn_hair(hair: Tensor) -> Tensor:
    """The colour that a drawing gives a person's hair, RGB [N,3] in 0 .. 1: a little more vivid."""
    grey = hair.mean(1, keepdim=True)
    return (grey + VIVID * (hair - grey)).clamp(0, 1)


def person_hair(photo: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8]) -> Colour:
    """Median hair colour of a photo; of the bald that of the brows, darker than their median as skin shines through.

    Args:
        photo: RGB uint8 [S,S,3].
        labels: its classes, uint8 [S,S].
    """
    brows = np.isin(labels, (parts.LEFT_BROW, parts.RIGHT_BROW))
    known = ((labels == parts.HAT, LEAST, 0.5), (labels == parts.HAIR, LEAST, 0.5), (brows, LEAST / 10, BROWS_QUANTILE))
    for mask, least, quantile in known:
        if mask.mean() >= least:
            red, green, blue = (float(value) for value in np.quantile(photo[mask], quantile, axis=0) / 255)
            return red, green, blue
    return UNKNOWN


def note(path: Path, hairs: list[Colour]) -> None:
    """Write hair colours into a packed domain's .json (temporary file, then rename)."""
    known: dict[str, Any] = json.loads(path.with_suffix(".json").read_text())
    for row, hair in zip(known["pictures"], hairs, strict=True):
        row["hair"] = [round(value, 4) for value in hair]
    annotate(path, known)


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m twingan.palette", description="Note people's hair colours.")
    parser.add_argument("people", type=Path, help="a packed domain, without suffix")
    parser.add_argument("--extras", type=Path, default=extras.FOLDER, help="where the face parser is")
    options = parser.parse_args(arguments)
    try:
        pictures, _ = opened(options.people)
        labelled = parts.FaceParser(options.extras)
    except (OSError, extras.ExtraMissingError) as error:
        raise SystemExit(str(error)) from None
    hairs = []
    for picture in tqdm(pictures, unit="person"):
        photo = np.ascontiguousarray(picture[..., :3])
        hairs.append(person_hair(photo, labelled(photo[None])[0]))
    note(options.people, hairs)


if __name__ == "__main__":
    main()
