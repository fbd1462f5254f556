"""The report's pictures: a contact sheet, and bars by group."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from twingan.evaluation.files import write_bytes

Pictures = npt.NDArray[np.uint8]

CELL = 128
COLUMNS = 8


def order_by_error(errors: npt.NDArray[np.float64], candidates: list[int], each: int = COLUMNS) -> list[list[int]]:
    """Indices of the best, the middle and the worst candidates, `each` of them, least error first; NaN is left out."""
    known = sorted((i for i in candidates if not np.isnan(errors[i])), key=lambda i: errors[i])
    if len(known) <= each:
        return [known]
    middle = max((len(known) - each) // 2, 0)
    if len(known) < 3 * each:
        return [known[start : start + each] for start in range(0, len(known), each)]
    return [known[:each], known[middle : middle + each], known[-each:]]


def contact_sheet(path: Path, inputs: Pictures, rows_of: list[Pictures], chosen: list[list[int]]) -> None:
    """Write, for each row of indices, the inputs and below them what each painter made of them."""
    rows = []
    for indices in chosen:
        for pictures in (inputs, *rows_of):
            cells = [_cell(pictures[i]) for i in indices]
            cells += [np.full((CELL, CELL, 3), 255, np.uint8)] * (COLUMNS - len(cells))
            rows.append(np.hstack(cells))
    if rows:
        _save(path, np.vstack(rows))


def group_bars(path: Path, groups: dict[str, Any], measures: dict[str, str]) -> None:
    """Write one panel a measure: a bar a group with its 95 % interval and the number of people.

    Args:
        path: of the picture (.webp).
        groups: the report's `groups`.
        measures: name -> title, only those that are there.
    """
    from matplotlib.figure import Figure

    labels = [(dimension, group) for dimension, rows in groups.items() for group in rows]
    figure = Figure(figsize=(3.2 * len(measures) + 1.5, 0.34 * len(labels) + 1.2), layout="constrained", dpi=80)
    for axis, (name, title) in zip(
        np.atleast_1d(figure.subplots(1, len(measures), sharey=True)), measures.items(), strict=True
    ):
        for row, (dimension, group) in enumerate(labels):
            estimate = groups[dimension][group].get(name)
            if estimate is None or estimate["value"] is None:
                continue
            value = estimate["value"]
            reach = [[max(value - estimate["low"], 0)], [max(estimate["high"] - value, 0)]]
            axis.barh(row, value, xerr=reach, color="#6b8fb5", ecolor="#333", capsize=2)
            axis.text(0, row, f" n={estimate['count']}", va="center", fontsize=7, color="white")
        axis.set_title(title, fontsize=9)
        axis.tick_params(labelsize=8)
        axis.set_yticks(range(len(labels)), [f"{dimension}: {group}" for dimension, group in labels])
        axis.invert_yaxis() if axis is figure.axes[0] else None
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    _save(path, np.asarray(Image.open(buffer).convert("RGB")))


def _cell(picture: Pictures) -> Pictures:
    return np.asarray(Image.fromarray(picture).resize((CELL, CELL), Image.Resampling.LANCZOS))


def _save(path: Path, picture: Pictures) -> None:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="WEBP", quality=82)
    write_bytes(path, buffer.getvalue())
