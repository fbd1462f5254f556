"""Who the held-out people are, so that a good mean cannot hide a group that is served badly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twingan.evaluation import face_parts as parts
from twingan.evaluation.colour import Colouring, typology_angle
from twingan.evaluation.kid import Estimate

SKIN_TONES = ((41.0, "light"), (10.0, "medium"), (-90.0, "dark"))
"""Least typology angle in degrees of each, after Chardon et al. (1991)."""
AGE_BANDS = ((50.0, "50 and over"), (30.0, "30 to 49"), (0.0, "under 30"))
"""Least estimated years of each; two networks differ by four years on average, hence no finer ones."""
LEAST_GLASSES = 0.004
LEAST_HAT = 0.02
"""Least share of a picture's pixels."""

Values = npt.NDArray[np.float64]

Table = dict[str, dict[str, dict[str, Estimate]]]
"""dimension -> group -> measure -> estimate."""

DIMENSIONS = ("sex", "age", "skin", "glasses", "headwear")


@dataclass(frozen=True)
class Person:
    """What is known of one held-out person, a word each: sex from the file's name, age estimated, the rest measured."""

    sex: str
    age: str
    skin: str
    glasses: str
    headwear: str


def person(group: str, years: float, labels: npt.NDArray[np.uint8], colours: Colouring) -> Person:
    """Describe a person.

    Args:
        group: `man`, `woman` or `any`, as packed.
        years: estimated age.
        labels: classes of the photo's pixels, uint8 [S,S].
        colours: of the photo.
    """
    return Person(
        sex=group if group in {"man", "woman"} else "not stated",
        age=_named(AGE_BANDS, years),
        skin=_tone(colours),
        glasses="glasses" if (labels == parts.GLASSES).mean() >= LEAST_GLASSES else "no glasses",
        headwear="headwear" if (labels == parts.HAT).mean() >= LEAST_HAT else "no headwear",
    )


def table(people: list[Person], measures: dict[str, Values]) -> Table:
    """Means by group; the groups of a dimension together are everybody."""
    rows: Table = {}
    for dimension in DIMENSIONS:
        words = np.array([getattr(someone, dimension) for someone in people])
        rows[dimension] = {
            str(word): {name: mean_estimate(values[words == word]) for name, values in measures.items()}
            for word in sorted(set(words))
        }
    return rows


def mean_estimate(values: Values, rounds: int = 1000, seed: int = 0) -> Estimate:
    """Mean of the known (not NaN) values with a 95 % bootstrap interval; NaN without any."""
    known = values[~np.isnan(values)]
    if not len(known):
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    drawn = np.random.default_rng(seed).choice(known, (rounds, len(known)))
    low, high = np.percentile(drawn.mean(1), [2.5, 97.5])
    return Estimate(float(known.mean()), float(low), float(high), len(known))


def _tone(colours: Colouring) -> str:
    if np.isnan(colours.skin).any():
        return "not measured"
    return _named(SKIN_TONES, typology_angle(colours.skin))


def _named(bands: tuple[tuple[float, str], ...], value: float) -> str:
    """The name of the first band whose least value is reached."""
    return next(name for least, name in bands if value >= least)
