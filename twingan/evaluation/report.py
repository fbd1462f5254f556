"""The report of one graph: report.json, report.md and its pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from twingan.evaluation import pictures
from twingan.evaluation.files import write_bytes
from twingan.evaluation.painters import INPUT, PHOTO_FILTER
from twingan.evaluation.result import LEAST_WORST, Result, as_json
from twingan.evaluation.subject import COARSE

MEASURES: dict[str, str] = {
    "hair_error": "hair colour error",
    "skin_error": "skin tone error",
    "skin_lightening": "skin lightening, L*",
    "anime_face": "anime face found",
    "identity_first": "right input nearest of 100",
    "identity_first_five": "among the five nearest",
    "blinks": "shuts its eyes with the person",
    "speaks": "opens its mouth with the person",
    "flicker": "flicker",
    "flicker_live": "flicker in the live app",
}
KIDS = {
    "kid": f"at {COARSE} px: what is drawn",
    "kid_full_size": "at full size: how crisply, too",
    "kid_hair": f"at {COARSE} px against drawings with people's hair",
}
BARS = {"hair_error", "skin_error", "anime_face", "flicker", "flicker_live"}
FLICKERS = ("flicker", "flicker_live")
SHARES = {"anime_face", "blinks", "speaks", "identity_first", "identity_first_five"}


def write(result: Result, folder: Path, show: str = "") -> Path:
    """Write the report.

    Args:
        result: what was found.
        folder: where to; made if need be, files of an earlier report are replaced.
        show: for pictures that are published: only faces from this folder, and no peers' portraits; "" shows all.

    Returns:
        The folder.
    """
    facts = as_json(result)
    _draw(result, facts, folder, show)
    write_bytes(folder / "report.json", (json.dumps(facts, indent=1) + "\n").encode())
    write_bytes(folder / "report.md", markdown(facts, show).encode())
    return folder


def markdown(facts: dict[str, Any], show: str = "") -> str:
    """The report for people, from the report's JSON."""
    return "\n".join(
        [
            *_head(facts),
            *_kid_table(facts),
            *_subject_table(facts),
            *_group_tables(facts),
            *_worst_table(facts),
            "## Pictures",
            "",
            f"Faces{f' of {show}' if show else ''} ordered by their colour error, least first; below each input its "
            f"portraits by {', '.join(_painted(facts, show))}.",
            "",
            "![Faces and portraits](sheet.webp)",
            "",
            "![By group](groups.webp)",
            "",
            "## Not measured",
            "",
            *[f"- {reason}" for reason in facts["not_measured"].values()],
            "",
        ]
    )


def _draw(result: Result, facts: dict[str, Any], folder: Path, show: str) -> None:
    files, ours = result.sets.source.files, result.ours
    candidates = [i for i, file in enumerate(files) if file.startswith(show)]
    errors = ours.faces.get("hair_error", ours.faces["flicker"])
    errors = errors + ours.faces["skin_error"] if "skin_error" in ours.faces else errors
    shown = _painted(facts, show)
    painted = [subject.portraits for subject in result.subjects if subject.painter.name in shown]
    pictures.contact_sheet(
        folder / "sheet.webp", result.sets.source.pictures, painted, pictures.order_by_error(errors, candidates)
    )
    names = {name: title for name, title in MEASURES.items() if name in BARS and name in ours.faces}
    pictures.group_bars(folder / "groups.webp", facts["groups"], names)


def _head(facts: dict[str, Any]) -> list[str]:
    graph, people, drawings = facts["graph"], facts["data"]["source"], facts["data"]["target"]
    runtime = facts["subjects"][graph["name"]]["runtime"]
    return [
        f"# {graph['file']}: evaluation",
        "",
        f"Revision {graph['revision'] or 'unsaid'}, {graph['steps'] or '?'} steps, {graph['size']} px, SHA-256 "
        f"`{graph['sha256'][:16]}`, run by {runtime}. What each figure means, and does not: docs/evaluation.md.",
        "",
        f"{people['count']} held-out people ({_folders(people)}), {drawings['count']} held-out pictures of the target "
        f"({_folders(drawings)}). Brackets hold 95 % intervals over the pictures.",
        "",
    ]


def _painted(facts: dict[str, Any], show: str) -> list[str]:
    """Whose portraits are shown: a peer's may not be published."""
    shown = {facts["graph"]["name"], PHOTO_FILTER}
    return [name for name in facts["subjects"] if name != INPUT and (name in shown or not show)]


def _kid_table(facts: dict[str, Any]) -> list[str]:
    remarks = {"target": " (floor)", INPUT: " (ceiling)"}
    known = {**facts["scale"], **facts["subjects"]}
    kinds = [kind for kind in KIDS if any(kind in row for row in known.values())]
    rows = [
        [name + remarks.get(name, ""), *(_cell(kind, row.get(kind)) for kind in kinds), str(row["kid"]["count"])]
        for name, row in known.items()
    ]
    return [
        "## KID against the held-out target, times 1000",
        "",
        f"Features: {facts['judge']}. Lower is better; comparable only with figures made with the same features and "
        "the same held-out pictures.",
        "",
        *map(_line, [["", *(KIDS[kind] for kind in kinds), "pictures"], ["---"] * (len(kinds) + 2), *rows]),
        "",
    ]


def _subject_table(facts: dict[str, Any]) -> list[str]:
    subjects, references = facts["subjects"], facts["references"]
    names = [name for name in MEASURES if name in next(iter(subjects.values()))]
    rows = [
        [
            subject,
            *[_cell(name, facts["subjects"][subject].get(name)) for name in names],
            *[f"{subjects[subject][f'{kind}_p50']:.2f} / {subjects[subject][f'{kind}_p95']:.2f}" for kind in FLICKERS],
        ]
        for subject in subjects
    ]
    if "anime_face_of_drawings" in references:
        rows.append(
            [
                "real drawings",
                *[_cell(n, references["anime_face_of_drawings"]) if n == "anime_face" else "" for n in names],
                *[""] * len(FLICKERS),
            ]
        )
        rows.append(
            [
                "colours of another person",
                *[_cell(n, references.get(f"stranger_{n}")) for n in names],
                *[""] * len(FLICKERS),
            ]
        )
    return [
        "## Likeness and calm",
        "",
        _line(["", *[MEASURES[name] for name in names], *[f"{MEASURES[kind]} p50 / p95" for kind in FLICKERS]]),
        _line(["---"] * (len(names) + 1 + len(FLICKERS))),
        *map(_line, rows),
        "",
    ]


def _group_tables(facts: dict[str, Any]) -> list[str]:
    lines = ["## By group", ""]
    whole = next(iter(facts["subjects"].values()))
    for dimension, rows in facts["groups"].items():
        names = [name for name in (*KIDS, *MEASURES) if any(name in row for row in rows.values())]
        lines += [_line([dimension, "people", *[_title(name) for name in names]])]
        lines += [_line(["---"] * (len(names) + 2))]
        for group, row in {**rows, "all": whole}.items():
            lines.append(_line([group, str(row["flicker"]["count"]), *[_cell(name, row.get(name)) for name in names]]))
        lines.append("")
    return lines


def _worst_table(facts: dict[str, Any]) -> list[str]:
    rows = [
        [
            _title(name),
            f"{worst['dimension']}: {worst['group']}",
            f"{worst['ratio']:.2f}",
        ]
        for name, worst in facts["worst_groups"].items()
    ]
    head = ["", "worst group", "times the mean of all"]
    return [f"Groups of at least {LEAST_WORST} people:", "", *map(_line, [head, ["---"] * 3, *rows]), ""]


def _cell(name: str, estimate: dict[str, Any] | None) -> str:
    if estimate is None or estimate["value"] is None:
        return ""
    scale, digits = (1000, 0) if name in KIDS else (100, 0) if name in SHARES else (1, 2 if "flicker" in name else 1)
    value, low, high = (f"{scale * estimate[key]:.{digits}f}" for key in ("value", "low", "high"))
    return f"{value}{' %' if name in SHARES else ''} ({low} to {high})"


def _title(name: str) -> str:
    return MEASURES.get(name) or f"KID x 1000 {KIDS[name].split(':')[0]}"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _folders(held_out: dict[str, Any]) -> str:
    return ", ".join(f"{count} {folder}" for folder, count in held_out["folders"].items())
