"""What an evaluation found, and the same as JSON."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engines.contract import GraphInfo
from twingan.evaluation import anime_face, flicker
from twingan.evaluation.groups import Person, Table, mean_estimate
from twingan.evaluation.held_out import HeldOut
from twingan.evaluation.kid import Estimate
from twingan.evaluation.subject import Subject

SCHEMA = "twingan-evaluation-v1"
Scale = dict[str, dict[str, Estimate]]
"""name -> a KID of `twingan.evaluation.subject.kids` -> estimate."""

ERRORS = {"hair_error", "skin_error", "flicker", "flicker_live"}
LEAST_WORST = 10
"""People that a group needs to be called the worst."""
NOT_MEASURED = {
    "beard": "the face parser has no class for beards",
}


@dataclass(frozen=True, eq=False)
class Sets:
    """The held-out pictures of both domains, and who the people are."""

    source: HeldOut
    target: HeldOut
    people: list[Person]


@dataclass(frozen=True, eq=False)
class Result:
    """Everything that a report says.

    `subjects` holds the graph first; `scale` has the KIDs of real drawings; `groups` is about the graph.
    """

    graph: Path
    info: GraphInfo
    judge: str
    seed: int
    sets: Sets
    subjects: list[Subject]
    scale: Scale
    references: dict[str, Estimate]
    groups: Table

    @property
    def ours(self) -> Subject:
        """Measures of the graph itself."""
        return self.subjects[0]


def as_json(result: Result) -> dict[str, Any]:
    """The whole result in plain types; unknown numbers are null."""
    return dict(
        _plain(
            {
                "schema": SCHEMA,
                "graph": _graph(result),
                "data": {"source": _set(result.sets.source), "target": _set(result.sets.target)},
                "judge": result.judge,
                "detector": anime_face.NAME,
                "clip": {"frames": flicker.FRAMES, "noise": flicker.NOISE, "shift": flicker.SHIFT},
                "seed": result.seed,
                "scale": result.scale,
                "references": result.references,
                "subjects": {subject.painter.name: _subject(subject) for subject in result.subjects},
                "groups": result.groups,
                "worst_groups": worst_groups(result),
                "faces": _faces(result),
                "not_measured": NOT_MEASURED,
            }
        )
    )


def worst_groups(result: Result) -> dict[str, dict[str, Any]]:
    """For each error, the group that is served worst, and its mean as a multiple of everybody's."""
    means = {name: mean_estimate(values).value for name, values in result.ours.faces.items() if name in ERRORS}
    means |= {name: estimate.value for name, estimate in result.ours.kids.items()}
    worst = {}
    for name, mean in means.items():
        ratios = [
            (row[name].value / mean, dimension, group)
            for dimension, rows in result.groups.items()
            for group, row in rows.items()
            if name in row and row[name].count >= LEAST_WORST and mean > 0
        ]
        if ratios:
            ratio, dimension, group = max(ratios)
            worst[name] = {"dimension": dimension, "group": group, "ratio": ratio}
    return worst


def _graph(result: Result) -> dict[str, Any]:
    kept = ("revision", "steps", "source_domain", "target_domain", "crop_recipe")
    return {
        "name": result.ours.painter.name,
        "file": result.graph.name,
        "sha256": hashlib.sha256(result.graph.read_bytes()).hexdigest(),
        "size": result.info.size,
        **{name: result.info.metadata.get(name, "") for name in kept},
    }


def _set(held_out: HeldOut) -> dict[str, Any]:
    folders = Counter(file.split("/")[0] for file in held_out.files)
    digest = hashlib.sha256(held_out.pictures.tobytes()).hexdigest()
    return {"name": held_out.name, "count": len(held_out.files), "folders": dict(folders), "sha256": digest}


def _subject(subject: Subject) -> dict[str, Any]:
    pairs = {"flicker": subject.flicker, "flicker_live": subject.flicker_live}
    spreads = {f"{name}_p{q}": float(np.nanpercentile(ratios, q)) for name, ratios in pairs.items() for q in (50, 95)}
    means = {name: mean_estimate(values) for name, values in subject.faces.items()}
    return {
        "runtime": subject.painter.runtime,
        **subject.kids,
        **spreads,
        **means,
    }


def _faces(result: Result) -> list[dict[str, Any]]:
    """The graph's measures, person by person."""
    rows = zip(result.sets.source.files, result.sets.people, strict=True)
    return [
        {"file": file, **asdict(person), **{name: float(v[i]) for name, v in result.ours.faces.items()}}
        for i, (file, person) in enumerate(rows)
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, Estimate):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 6)
    return value
