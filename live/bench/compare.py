"""Two reports side by side: what changed, and whether that is more than the rounds differ among themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from live.bench.machine import title

SAME = ("cpu", "cores", "gpus", "driver", "system")
"""Entries of the machine that have to be alike for a fair comparison."""


@dataclass(frozen=True)
class Change:
    """One figure in both reports.

    Attributes:
        what: for people.
        before, after: medians of the rounds.
        unit: of both.
        change: after / before - 1.
        clear: the ranges of the rounds do not overlap, so the change exceeds the spread of both runs.
    """

    what: str
    before: float
    after: float
    unit: str
    change: float
    clear: bool

    def __str__(self) -> str:
        sign = "*" if self.clear else " "
        return (
            f"{sign} {self.what:<44}{self.before:>10.2f}{self.after:>10.2f} {self.unit:<4}{100 * self.change:>+8.1f} %"
        )


def warnings(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Why the two cannot be compared fairly, one line each."""
    found = [
        f"different {name}: {one['machine'][name]} and {other['machine'][name]}"
        for name in SAME
        if one["machine"].get(name) != other["machine"].get(name)
    ]
    if one["graph"]["sha256"] != other["graph"]["sha256"]:
        found.append(f"different graphs: {_graph(one)} and {_graph(other)}")
    if one["plan"] != other["plan"]:
        found.append(f"measured differently: {one['command']!r} and {other['command']!r}")
    return found


def changes(one: dict[str, Any], other: dict[str, Any]) -> list[Change]:
    """Every figure that both have: milliseconds of the generator, delay and frames a second of the live path."""
    found = []
    for (what, unit), before in _figures(one).items():
        after = _figures(other).get((what, unit))
        if after is not None:
            found.append(_change(what, unit, before, after))
    return found


def told(one: dict[str, Any], other: dict[str, Any]) -> str:
    """The comparison for a terminal."""
    found = changes(one, other)
    lines = [f"warning: {line}" for line in warnings(one, other)]
    lines += [f"before: {one['date']}, {title(one['machine'])}, revision {one['machine']['revision'] or 'unknown'}"]
    lines += [
        f"after:  {other['date']}, {title(other['machine'])}, revision {other['machine']['revision'] or 'unknown'}"
    ]
    lines += [str(change) for change in found] or ["nothing was measured in both"]
    lines.append("* more than the rounds of either run differ among themselves")
    return "\n".join(lines)


def _figures(report: dict[str, Any]) -> dict[tuple[str, str], Sequence[float]]:
    """The rounds of each figure, by what it is and its unit."""
    alone = {(f"{row['name']}, batch {row['batch']}", "ms"): row["rounds_ms"] for row in report["generator"]}
    live = {(f"{row['name']}, live, {_people(row)}", "fps"): row["fps_rounds"] for row in report["live"]}
    delay = {(f"{row['name']}, live delay, {_people(row)}", "ms"): row["delay_rounds_ms"] for row in report["live"]}
    return alone | live | delay


def _change(what: str, unit: str, before: Sequence[float], after: Sequence[float]) -> Change:
    first, second = median(before), median(after)
    several = len(before) > 1 and len(after) > 1  # One round says nothing of the spread.
    clear = several and (max(before) < min(after) or max(after) < min(before))
    return Change(what, first, second, unit, second / first - 1 if first else 0.0, clear)


def _people(row: dict[str, Any]) -> str:
    return "1 face" if row["faces"] == 1 else f"{row['faces']} faces"


def _graph(report: dict[str, Any]) -> str:
    return f"{report['graph']['name']} ({report['graph']['sha256'][:12]})"
