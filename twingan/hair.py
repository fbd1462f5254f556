"""Learn to see from a photo what colour somebody's hair has, so that their portrait gets it.

    python -m twingan.hair data/packed/varied/human --held-out data/packed/human -o runs/hair.pt

What is hair on the packed photos says the face parser of `twingan.evaluation.face_parts`. `twingan.mime` puts what was
learnt behind a graph's network, which knows the colours of most people's hair, but not all.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from twingan import augment
from twingan.data import Domain
from twingan.drawn_colours import colour_within
from twingan.evaluation import extras
from twingan.evaluation import face_parts as parts
from twingan.hair_reader import TOLD, HairReader, shrunk
from twingan.lab import far, to_lab
from twingan.learning import Learning, add_arguments
from twingan.parsed import labels_of
from twingan.skin import browned

SIZE = 128
"""Side of the photos that are learnt from."""
OFF = 0.02
"""Weight of how far colours are off, in the loss."""
NONE, ENOUGH = 0.012, 0.04
"""Share of a photo's pixels below which there is no hair to speak of, and from which on its colour is learnt."""
KINDS = (0.0, 1 / 16), (0.02, 1 / 4), (0.1, 11 / 16)
"""Least shares of hair in a photo of the bald, of people with thin or short hair and of others, and how many of those
who are learnt from are such: the bald must not get the colour of a background, and thin hair is the hardest to see."""
ROUNDS = 3
"""How often the bald are looked at, each time in other light and before another background."""
DYED, BROWNED = (0.2, 0.4), 0.25
"""Shares of people whose hair becomes any grey, and any colour or grey, and of light-skinned ones who become brown:
photos show hardly anybody with pink hair, or with grey hair over brown skin."""


@dataclass(frozen=True, eq=False)
class Haired:
    """People, and where they have hair.

    Attributes:
        people: packed.
        hair: uint8 [N,SIZE,SIZE], 255 where there is some.
    """

    people: Domain
    hair: Tensor

    @classmethod
    def of(cls, path: str, parser: parts.FaceParser, *, held_out: bool = False) -> Haired:
        """Look for the hair of all people of a packed domain, or of those whom training never sees.

        Hats are hair, too: the parser often takes dyed hair for one, and networks draw hair in a hat's colour.
        """
        hair = np.isin(labels_of(path, parser, SIZE, held_out=held_out), (parts.HAIR, parts.HAT))
        return cls(Domain(path, SIZE, validation=held_out), torch.from_numpy(hair.astype(np.uint8) * 255))

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """Some by chance (torch's global generator), moved a little, many of them dyed or browned: see `take`."""
        person, hair = self._whole(self.people.choose(count, self.rarity))
        both = torch.cat([dyed(browned(person, BROWNED), (hair + 1) / 2), hair], 1)
        both = augment.warp(both, turn=0.07, zoom=0.06, move=0.03)
        return both[:, :4], _where(both[:, 4:])

    def keep_back(self) -> Tensor:
        """Draw every fifth of the bald no longer, and tell their numbers: held-out people have hair."""
        bald = torch.nonzero(self.share < NONE)[::5, 0]
        self.people.weights[bald] = 0
        return bald

    @cached_property
    def share(self) -> Tensor:
        """Of their photos that is hair [N]."""
        return self.hair.float().mean((1, 2)) / 255

    @cached_property
    def rarity(self) -> Tensor:
        """How often people are drawn beside what their weights say, so that `KINDS` are as many as they should: [N]."""
        share, oftener = self.share, torch.zeros(len(self.hair))
        for (least, count), (most, _) in itertools.pairwise((*KINDS, (1.1, 0.0))):
            kind = (share >= least) & (share < most)
            oftener += kind * count / (self.people.weights * kind).sum().clamp_min(1e-6)
        return oftener

    def take(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """RGBA [N,4,SIZE,SIZE] in -1 .. 1, and where it is hair, [N,1,64,64] in 0 .. 1."""
        person, hair = self._whole(numbers)
        return person, _where(hair)

    def _whole(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        return self.people.take(numbers), self.hair[numbers, None].float() / 127.5 - 1


def dyed(person: Tensor, hair: Tensor) -> Tensor:
    """People RGBA [N,4,S,S] in -1 .. 1, of whom many get other colours where there is hair [N,1,S,S]."""
    chance, colour = torch.rand(len(person), 1, 1, 1), torch.rand(len(person), 3, 1, 1) * 1.8 - 0.9
    colour = torch.where(chance < DYED[0], colour[:, :1], colour)
    mean = (person[:, :3] * hair).sum((2, 3), keepdim=True) / hair.sum((2, 3), keepdim=True).clamp_min(1)
    shift = (chance < DYED[1]).float() * (colour - mean) * hair
    return torch.cat([(person[:, :3] + shift).clamp(-1, 1), person[:, 3:]], 1)


def _where(hair: Tensor) -> Tensor:
    return (shrunk(hair, TOLD) + 1) / 2


def colour_of(photo: Tensor, hair: Tensor) -> Tensor:
    """The colour of hair that is known, L*a*b* [N,3,1,1]: what a reader would say that finds all of it."""
    return colour_within(to_lab(shrunk(photo, TOLD)), hair)


class Learner(Learning[HairReader]):
    """A `HairReader` that learns."""

    def __init__(self, rate: float) -> None:
        super().__init__(HairReader(), rate)

    def step(self, person: Tensor, hair: Tensor, progress: float) -> float:
        """One update; `progress` is 0 .. 1. Returns the loss."""
        photo = augment.in_place(person)
        where, lab = self.reader.logits(photo), to_lab(shrunk(photo, TOLD))
        off = far(colour_within(lab, torch.sigmoid(where)) - colour_within(lab, hair))[:, 0, 0, 0]
        loss = functional.binary_cross_entropy_with_logits(where, hair) + OFF * (off * _enough(hair)).mean()
        return self.update(loss, progress)


def _enough(hair: Tensor) -> Tensor:
    return (hair.mean((1, 2, 3)) >= ENOUGH).float()


@torch.no_grad()
def measured(reader: HairReader, people: Haired) -> dict[str, float]:
    """Of others, in other light: how far colours are off (CIE 1976) on average and at the 95th percentile, and the
    share of those of whom it is sure."""
    torch.manual_seed(0)
    rows = list(_told(reader, people, torch.arange(len(people.people))))
    off, sure, enough = (torch.cat(values) for values in zip(*rows, strict=True))
    off = off[enough > 0.5]
    told = {"off": off.mean(), "off at worst": off.quantile(0.95), "sure": (sure[enough > 0.5] > 0.5).float().mean()}
    return {name: round(value.item(), 3) for name, value in told.items()}


@torch.no_grad()
def mistaken(reader: HairReader, people: Haired, bald: Tensor) -> float:
    """The share of bald people, in other light, of whose hair it is sure."""
    torch.manual_seed(0)
    sure = torch.cat([values[1] for _ in range(ROUNDS) for values in _told(reader, people, bald)])
    return round((sure > 0.5).float().mean().item(), 3)


def _told(reader: HairReader, people: Haired, numbers: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """How far colours are off, how sure it is, and whether there is enough hair, of 32 people at a time."""
    for chunk in numbers.chunk(-(-len(numbers) // 32)):
        person, hair = people.take(chunk)
        photo = augment.in_place(person)
        read = reader(photo)
        off = far(read[:, :3, None, None] - colour_of(photo, hair))[:, 0, 0, 0]
        yield off, read[:, 3], _enough(hair)


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    try:
        parser = parts.FaceParser(options.extras)
        people = Haired.of(str(options.people), parser)
        others = Haired.of(str(options.held_out), parser, held_out=True)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    if not people.hair.any() or not others.hair.any():
        raise SystemExit("nobody among these people has hair that the face parser sees: are they portraits?")
    bald = people.keep_back()
    torch.manual_seed(options.seed)
    learner = Learner(options.rate)
    reader = learner.taught("hair", lambda progress: learner.step(*people.draw(options.batch), progress), options)
    told = measured(reader, others)
    print(json.dumps(told | ({"mistaken": mistaken(reader, people, bald)} if len(bald) else {})))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.hair", description="See what colour people's hair has.")
    add_arguments(parser, people="packed", steps=2500, batch=32)
    parser.add_argument("--extras", type=Path, default=extras.FOLDER, help="where the face parser is")
    return parser


if __name__ == "__main__":
    main()
