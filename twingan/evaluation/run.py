"""From a command line to a report: loads, measures, writes."""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from engines.contract import GraphInfo
from engines.errors import EngineError
from twingan.evaluation import groups, held_out, painters, report
from twingan.evaluation.cache import Cache
from twingan.evaluation.groups import Person, Table
from twingan.evaluation.haired import with_people_s_hair
from twingan.evaluation.held_out import HeldOut
from twingan.evaluation.kid import Estimate, kid_estimate
from twingan.evaluation.result import Result, Scale, Sets
from twingan.evaluation.subject import Instruments, Looks, People, Target, kids, measure, stranger_colours, study

LEAST_FOR_KID = 10
"""People in a group."""


def evaluate(options: argparse.Namespace) -> Path:
    """Judge a graph and write its report.

    Args:
        options: as `twingan.evaluate` parses them.

    Returns:
        The folder with report.md, report.json and the pictures.

    Raises:
        EngineError, ValueError, OSError: the graph, the data or an extra cannot be used; one line with the remedy.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    ours, info = painters.graph(options.graph)
    source, target = held_out.load(options.source, info.size), held_out.load(options.target, info.size)
    _check_recipe(options.graph, info, source)
    peers = _peers(options)
    instruments = Instruments(options.extras, options.features, Cache(options.extras / "cache"))
    people = study(source, instruments)
    likeness = not options.not_people
    # People need no drawn hair to be compared with.
    drawings = _target(target, people, instruments, haired=likeness and options.source != options.target)
    subjects = [
        measure(painter, people, drawings, instruments, options.seed, likeness=likeness)
        for painter in [ours, painters.untouched(), painters.photo_filter(), *peers]
    ]
    scale = _kid_references(target, drawings, instruments, options.seed)
    references: dict[str, Estimate] = {}
    if likeness:
        hits = instruments.hits("drawings", target.pictures).astype(float)
        references["anime_face_of_drawings"] = groups.mean_estimate(hits)
        references |= {f"stranger_{name}": groups.mean_estimate(v) for name, v in stranger_colours(people).items()}
    known = zip(source.groups, people.ages, people.labels, people.colours, strict=True)
    described = [groups.person(*who) for who in known]
    table = groups.table(described, subjects[0].faces)
    _add_kid(table, described, subjects[0].looks, drawings, options.seed)
    sets = Sets(source, target, described)
    result = Result(options.graph, info, instruments.judge.name, options.seed, sets, subjects, scale, references, table)
    return report.write(result, options.output or Path("build/evaluations") / options.graph.stem, options.show)


def _target(target: HeldOut, people: People, instruments: Instruments, *, haired: bool) -> Target:
    dyed = with_people_s_hair(target.pictures, people.colours) if haired else None
    return Target(
        instruments.features("drawings", target.pictures),
        None if dyed is None else instruments.coarse_features("drawings with people's hair", dyed),
    )


def _add_kid(table: Table, people: list[Person], looks: Looks, drawings: Target, seed: int) -> None:
    """KID of each group's portraits against all drawings, where a group is large enough to say anything."""
    for dimension, rows in table.items():
        words = np.array([getattr(someone, dimension) for someone in people])
        for word, estimates in rows.items():
            if (words == word).sum() >= LEAST_FOR_KID:
                estimates.update(kids(looks[words == word], drawings, seed))


def _peers(options: argparse.Namespace) -> list[painters.Painter]:
    installed = [] if options.no_peers else painters.installed_peers(options.extras)
    return [painters.peer(path) for path in [*installed, *options.peer]]


def _check_recipe(graph: Path, info: GraphInfo, source: HeldOut) -> None:
    if info.crop_recipe and source.crop_recipe and info.crop_recipe != source.crop_recipe:
        raise EngineError(
            f"{graph} was trained on crops of the recipe {info.crop_recipe!r}, {source.name} is packed with "
            f"{source.crop_recipe!r}: pack the domain again with this version"
        )


def _kid_references(target: HeldOut, drawings: Target, instruments: Instruments, seed: int) -> Scale:
    """KID between two halves of the held-out drawings, as they are and with one half at half resolution.

    The first is what two samples of the real thing give, the second what a perfect graph that draws at half the size
    and enlarges would give. The third is all of them with people's hair: what a perfect graph that keeps hair colours
    would give.
    """
    real = drawings.looks
    order = np.random.default_rng(seed).permutation(len(target.pictures))
    soft = instruments.features("soft drawings", np.stack([_softened(picture) for picture in target.pictures]))
    scale = {
        "target": kids(real[order[::2]], Target(real[order[1::2]]), seed),
        "target at half resolution": kids(soft[order[::2]], Target(real[order[1::2]]), seed),
    }
    if drawings.haired is not None:
        scale["target with people's hair"] = {"kid": kid_estimate(drawings.haired, real.coarse, seed=seed)}
    return scale


def _softened(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    size = picture.shape[0]
    small = cv2.resize(picture, (size // 2, size // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC), np.uint8)
