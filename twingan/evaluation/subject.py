"""Everything that is measured of one painter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from twingan.evaluation import acting, age, anime_face, face_parts, flicker, identity
from twingan.evaluation.age import AgeEstimator
from twingan.evaluation.cache import Cache
from twingan.evaluation.colour import Colouring, difference, drawing_colouring, person_colouring
from twingan.evaluation.face_parts import FaceParser
from twingan.evaluation.held_out import HeldOut
from twingan.evaluation.judge import Judge
from twingan.evaluation.kid import Estimate, kid_estimate
from twingan.evaluation.painters import Painter

Pictures = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]

COARSE = 128
"""Pixels. At 256 the judge minds softness more than anything else: real drawings shrunk to 128 and enlarged again then
lie as far from real drawings as an outlined photo does, so what is drawn is judged apart from how crisp it is."""


@contextmanager
def progress(text: str, total: int) -> Iterator[Callable[[], object]]:
    """A bar on standard error; the function it gives advances it by one."""
    from tqdm import tqdm

    with tqdm(total=total, desc=text, unit="picture", leave=False) as bar:
        yield bar.update


class Instruments:
    """The judge, the parser, the detector and the age estimator, each asked once for the same pictures."""

    def __init__(self, extras: Path, features: str, cache: Cache) -> None:
        self._extras = extras
        self._cache = cache
        self._parser = FaceParser(extras)
        self._age = AgeEstimator(extras)
        self.judge = Judge(extras, features)
        self._acting: tuple[Pictures, Pictures, Values] | None = None

    def features(self, name: str, pictures: Pictures) -> Looks:
        """See `Judge`: of the pictures at `COARSE` pixels, and as they are."""
        return Looks(self.coarse_features(name, pictures), self._features(name, pictures))

    def coarse_features(self, name: str, pictures: Pictures) -> Values:
        """See `Judge`: of the pictures at `COARSE` pixels."""
        return self._features(name, _coarse(pictures))

    def _features(self, name: str, pictures: Pictures) -> Values:
        def compute() -> Values:
            with progress(f"{name}: features", len(pictures)) as done:
                return self.judge(pictures, done)

        return self._cache.array(f"features 1 {self.judge.name}", pictures, compute)

    def labels(self, name: str, pictures: Pictures) -> Pictures:
        """See `FaceParser`."""

        def compute() -> Pictures:
            with progress(f"{name}: hair and skin", len(pictures)) as done:
                return self._parser(pictures, done)

        return self._cache.array(f"labels 2 {face_parts.ARCHIVE} {face_parts.INPUT_SIZE}", pictures, compute)

    def ages(self, name: str, pictures: Pictures) -> Values:
        """See `AgeEstimator`."""

        def compute() -> Values:
            with progress(f"{name}: ages", len(pictures)) as done:
                return self._age(pictures, done)

        return self._cache.array(f"ages 1 {age.NAME}", pictures, compute)

    def hits(self, name: str, pictures: Pictures) -> npt.NDArray[np.bool_]:
        """See `anime_face.hits`."""

        def compute() -> Values:
            with progress(f"{name}: anime faces", len(pictures)) as done:
                return anime_face.find(pictures, self._extras, done)

        return anime_face.hits(self._cache.array(f"faces 1 {anime_face.NAME}", pictures, compute), len(pictures))

    def portraits(self, painter: Painter, pictures: Pictures) -> Pictures:
        """What a painter makes of pictures."""

        def compute() -> Pictures:
            with progress(f"{painter.name}: portraits", len(pictures)) as done:
                drawn = []
                for picture in pictures:
                    drawn.append(painter.paint(picture[None]))
                    done()
                return np.concatenate(drawn)

        return self._cache.array(f"portraits 1 {painter.identity}", pictures, compute)

    def acting(self, painter: Painter, people: Pictures, portraits: Pictures) -> dict[str, Values]:
        """See `twingan.evaluation.acting`: whether portraits of people blink and speak with them; NaN: these cannot."""
        if self._acting is None:
            self._acting = acting.made(people, self._extras)
        shut, opened, able = self._acting
        blinking = acting.blinks(portraits, self.portraits(painter, shut))
        return {
            "blinks": blinking * able[0],
            "speaks": acting.speaks(portraits, self.portraits(painter, opened)) * able[1],
        }

    def flicker(self, painter: Painter, pictures: Pictures, seed: int) -> Values:
        """See `flicker.flicker`: of a clip of each picture, as drawn and as the live app shows it, [2,N,F-1].

        NaN for people whom the painter skips.
        """
        measured = np.arange(0, len(pictures), painter.clips_every)

        def compute() -> Values:
            ratios = np.full((2, len(pictures), flicker.FRAMES - 1), np.nan)
            with progress(f"{painter.name}: flicker", len(measured)) as done:
                for number in measured:
                    clip = flicker.clip(pictures[number], seed + int(number))
                    drawn = flicker.drawn(painter.paint, clip)
                    ratios[0, number] = flicker.flicker(drawn, clip)
                    ratios[1, number] = flicker.flicker(flicker.shown(drawn, clip), clip)
                    done()
            return ratios

        settings = f"{flicker.FRAMES} {flicker.NOISE} {flicker.SHIFT} {seed} {flicker.shown_by()}"
        return self._cache.array(f"flicker 2 {settings} {painter.identity}", pictures, compute)


Chosen = npt.NDArray[np.bool_] | npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Looks:
    """Features [N,D] of pictures at `COARSE` pixels (what is drawn) and at full size (how crisply, too)."""

    coarse: Values
    full: Values

    def __getitem__(self, chosen: Chosen) -> Looks:
        return Looks(self.coarse[chosen], self.full[chosen])


@dataclass(frozen=True, eq=False)
class Target:
    """Held-out drawings: features as they are, and at `COARSE` pixels with people's hair (None: not measured)."""

    looks: Looks
    haired: Values | None = None


def kids(looks: Looks, target: Target, seed: int) -> dict[str, Estimate]:
    """`kid` at `COARSE` pixels, `kid_full_size`, and `kid_hair` against the drawings with people's hair."""
    found = {
        "kid": kid_estimate(looks.coarse, target.looks.coarse, seed=seed),
        "kid_full_size": kid_estimate(looks.full, target.looks.full, seed=seed),
    }
    if target.haired is not None:
        found["kid_hair"] = kid_estimate(looks.coarse, target.haired, seed=seed)
    return found


@dataclass(frozen=True, eq=False)
class Subject:
    """Measures of one painter over the N held-out people.

    Attributes:
        painter: who painted.
        portraits: uint8 [N,S,S,3].
        looks: features of the portraits.
        kids: against the held-out drawings, see `kids`.
        faces: by name of the measure, one value a person [N]; NaN where it cannot be told.
        flicker: change ratios of the portraits as they are drawn, [N,F-1].
        flicker_live: the same as the live app shows them.
    """

    painter: Painter
    portraits: Pictures
    looks: Looks
    kids: dict[str, Estimate]
    flicker: Values
    flicker_live: Values
    faces: dict[str, Values] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class People:
    """The held-out people as the measures see them; `ages` are estimated years [N]."""

    held_out: HeldOut
    ages: Values
    labels: Pictures
    colours: list[Colouring]
    traits: Values


def study(held_out: HeldOut, instruments: Instruments) -> People:
    """Estimate ages, parse the photos and measure their colours."""
    labels = instruments.labels("people", held_out.pictures)
    colours = [person_colouring(*pair) for pair in zip(held_out.pictures, labels, strict=True)]
    ages = instruments.ages("people", held_out.pictures)
    return People(held_out, ages, labels, colours, _traits(labels, colours))


def measure(
    painter: Painter, people: People, target: Target, instruments: Instruments, seed: int, *, likeness: bool
) -> Subject:
    """All measures of a painter.

    Args:
        painter: to be judged.
        people: the held-out people.
        target: the held-out drawings.
        instruments: what to look through.
        seed: of clips and intervals.
        likeness: whether the portraits have human hair, skin and faces (not for cats).
    """
    pictures = people.held_out.pictures
    portraits = instruments.portraits(painter, pictures)
    looks = instruments.features(painter.name, portraits)
    raw, live = instruments.flicker(painter, pictures, seed)
    faces = {"flicker": raw.mean(1), "flicker_live": live.mean(1)}
    if likeness:
        faces |= _likeness(painter.name, portraits, people, instruments)
        faces |= instruments.acting(painter, pictures, portraits)
    return Subject(painter, portraits, looks, kids(looks, target, seed), raw, live, faces)


def stranger_colours(people: People) -> dict[str, Values]:
    """Colour errors if everybody were given the next person's colours: what a painter without eyes would score."""
    return _colour_errors(people.colours, people.colours[1:] + people.colours[:1])


def _coarse(pictures: Pictures) -> Pictures:
    if pictures.shape[1] <= COARSE:
        return pictures
    shrunk = [cv2.resize(picture, (COARSE, COARSE), interpolation=cv2.INTER_AREA) for picture in pictures]
    return np.stack([np.asarray(picture, np.uint8) for picture in shrunk])


def _likeness(name: str, portraits: Pictures, people: People, instruments: Instruments) -> dict[str, Values]:
    labels = instruments.labels(name, portraits)
    colours = [drawing_colouring(*pair) for pair in zip(portraits, labels, strict=True)]
    rank = identity.ranks(people.traits, _traits(labels, colours))
    return {
        "anime_face": instruments.hits(name, portraits).astype(float),
        **_colour_errors(people.colours, colours),
        "identity_first": identity.found_share(rank),
        "identity_first_five": identity.found_share(rank, within=5),
    }


def _colour_errors(real: list[Colouring], drawn: list[Colouring]) -> dict[str, Values]:
    pairs = list(zip(real, drawn, strict=True))
    return {
        "hair_error": np.array([difference(a.hair, b.hair) for a, b in pairs]),
        "skin_error": np.array([difference(a.skin, b.skin) for a, b in pairs]),
        "skin_lightening": np.array([b.skin[0] - a.skin[0] for a, b in pairs]),
    }


def _traits(labels: Pictures, colours: list[Colouring]) -> Values:
    return np.stack([identity.traits(*pair) for pair in zip(labels, colours, strict=True)])
