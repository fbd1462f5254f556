"""Learn to see from a photo whether somebody wears glasses, so that their portrait can wear some, too.

    python -m twingan.glasses data/packed/varied/human --held-out data/packed/human -o runs/glasses.pt

What are glasses on the packed photos says the face parser of `twingan.evaluation.face_parts`; many a pair is made into
dark ones. `twingan.mime` puts what was learnt behind a graph's network.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from twingan import augment, skin
from twingan.data import Domain
from twingan.evaluation import extras
from twingan.evaluation import face_parts as parts
from twingan.evaluation.groups import LEAST_GLASSES
from twingan.glasses_reader import GlassesReader
from twingan.learning import Learning, add_arguments
from twingan.parsed import labels_of

SIZE = 128
"""Side of the photos that are learnt from."""
WEARERS = 3
"""One in so many photos of a batch shows glasses: fewer people wear them, and who does not must not get them."""
DARKENED, DARKEST = 0.3, (0.15, 0.6)
"""Share of glasses that become dark ones, and what is left of their light."""
CLEAR, BLACK = 0.6, 0.25
"""Light of what is behind lenses, as a share of the cheeks', at which they are clear, and all dark."""
WEIGHT = 0.5
"""Of lenses, in the loss."""

Masks = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Wearers:
    """People, and where they have glasses.

    Attributes:
        people: packed.
        masks: bool [N,S,S], what of them is glasses.
    """

    people: Domain
    masks: Masks

    @classmethod
    def of(cls, path: str, parser: parts.FaceParser, *, held_out: bool = False) -> Wearers:
        """Look for the glasses of all people of a packed domain, or of those whom training never sees."""
        masks = labels_of(path, parser, SIZE, held_out=held_out) == parts.GLASSES
        return cls(Domain(path, SIZE, validation=held_out), masks)

    @cached_property
    def worn(self) -> Tensor:
        """Who wears some, as for the groups of an evaluation: bool [N]."""
        return torch.from_numpy(self.masks.mean((1, 2)) >= LEAST_GLASSES)

    def draw(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """Some by chance (torch's global generator): see `take`."""
        some = max(count // WEARERS, 1)
        chosen = [self.people.choose(some, self.worn), self.people.choose(count - some, ~self.worn)]
        return self.take(torch.cat(chosen), moved=True, darkened=DARKENED)

    def take(self, numbers: Tensor, *, moved: bool = False, darkened: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
        """People, whether they wear glasses, and how dark these are.

        Args:
            numbers: of people.
            moved: turned, scaled and shifted a little, and mirrored by chance.
            darkened: share of glasses that are made dark.

        Returns:
            RGBA [N,4,S,S] in -1 .. 1; 0 or 1 [N]; 0 .. 1 [N].
        """
        mask = torch.from_numpy(self.masks[numbers.numpy()])[:, None].float()
        person = self.people.take(numbers)
        light = torch.where(torch.rand(len(numbers)) < darkened, _between(*DARKEST, len(numbers)), 1.0)
        light = 1 - mask * (1 - light[:, None, None, None])
        person = torch.cat([(person[:, :3] + 1) * light - 1, person[:, 3:]], 1)
        worn = self.worn[numbers].float()
        dark = darkness(person[:, :3], mask) * worn
        if moved:
            person = augment.warp(person, turn=0.07, zoom=0.06, move=0.03)
        return person, worn, dark


def darkness(photo: Tensor, mask: Tensor) -> Tensor:
    """How dark lenses are, 0 .. 1 [N], of photos [N,3,S,S] and where they have glasses [N,1,S,S]."""
    brightness = skin.luma((photo + 1) / 2)
    behind = (brightness * mask).sum((1, 2, 3)) / mask.sum((1, 2, 3)).clamp_min(1)
    cheeks = skin.luma(skin.tone(photo))[:, 0, 0, 0]
    return ((CLEAR - behind / cheeks.clamp_min(0.02)) / (CLEAR - BLACK)).clamp(0, 1)


class Learner(Learning[GlassesReader]):
    """A `GlassesReader` that learns."""

    def __init__(self, rate: float) -> None:
        super().__init__(GlassesReader(), rate)

    def step(self, person: Tensor, worn: Tensor, dark: Tensor, progress: float) -> float:
        """One update; `progress` is 0 .. 1. Returns the loss."""
        sure, lenses = self.reader.logits(augment.in_place(person)).unbind(1)
        off = functional.binary_cross_entropy_with_logits(lenses, dark, reduction="none")
        loss = functional.binary_cross_entropy_with_logits(sure, worn) + WEIGHT * (off * worn).mean()
        return self.update(loss, progress)


@torch.no_grad()
def measured(reader: GlassesReader, wearers: Wearers) -> dict[str, float]:
    """Of others, in other light: shares of those with and without glasses of whom that is seen, and how far lenses are
    off."""
    torch.manual_seed(0)
    rows = []
    for chunk in torch.arange(len(wearers.people)).chunk(-(-len(wearers.people) // 32)):
        person, worn, dark = wearers.take(chunk)
        rows.append(torch.cat([reader(augment.in_place(person)), worn[:, None], dark[:, None]], 1))
    sure, lenses, worn, dark = torch.cat(rows).unbind(1)
    seen, wears = sure > 0.5, worn > 0.5
    off = (lenses - dark).abs()[wears]
    shares = {"with": seen[wears], "without": ~seen[~wears]}
    return {name: round(share.float().mean().item(), 3) for name, share in shares.items()} | {
        "off lenses": round(off.mean().item(), 3)
    }


def _between(low: float, high: float, count: int) -> Tensor:
    return low + (high - low) * torch.rand(count)


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    try:
        parser = parts.FaceParser(options.extras)
        wearers = Wearers.of(str(options.people), parser)
        others = Wearers.of(str(options.held_out), parser, held_out=True)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    if not wearers.worn.any() or not others.worn.any():
        raise SystemExit("nobody among these people wears glasses that the face parser sees: add some who do")
    torch.manual_seed(options.seed)
    learner = Learner(options.rate)
    reader = learner.taught("glasses", lambda progress: learner.step(*wearers.draw(options.batch), progress), options)
    print(json.dumps(measured(reader, others)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.glasses", description="See who wears glasses.")
    add_arguments(parser, people="packed", steps=1500, batch=48)
    parser.add_argument("--extras", type=Path, default=extras.FOLDER, help="where the face parser is")
    return parser


if __name__ == "__main__":
    main()
