"""What `python -m live check` found: traffic lights, and their table for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TextIO

Light = Literal["green", "yellow", "red"]
WORDS: dict[Light, str] = {"green": "OK", "yellow": "LOOK", "red": "FAILS"}
COLOURS: dict[Light, str] = {"green": "\033[30;42m", "yellow": "\033[30;43m", "red": "\033[97;41m"}
PLAIN = "\033[0m"
NAME_WIDTH = 15  # columns


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    Attributes:
        name: what was tried.
        light: "green" works, "yellow" works with a limit worth knowing, "red" will not work.
        said: one sentence; the remedy where there is one.
    """

    name: str
    light: Light
    said: str


def show(findings: Iterable[Finding], out: TextIO, coloured: bool, width: int = 120) -> int:
    """Print the table line by line, as the findings come.

    Args:
        findings: what was found.
        out: where to.
        coloured: whether `out` shows ANSI colours.
        width: columns of the terminal.

    Returns:
        the exit code: 1 where something is red, else 0.
    """
    counts: dict[Light, int] = {"green": 0, "yellow": 0, "red": 0}
    for finding in findings:
        counts[finding.light] += 1
        print(row(finding, coloured, width), file=out, flush=True)
    print(f"\n{summary(counts)}", file=out, flush=True)
    return 1 if counts["red"] else 0


def row(finding: Finding, coloured: bool, width: int = 120) -> str:
    """The light as a word (and a colour), what was tried, and what came out, wrapped within its column."""
    word = f"{WORDS[finding.light]:^7}"
    light = f"{COLOURS[finding.light]}{word}{PLAIN}" if coloured else f"[{word}]"
    indent = len(word) + (0 if coloured else 2) + 2 + NAME_WIDTH + 1
    lines = textwrap.wrap(finding.said, max(30, width - indent), break_long_words=False, break_on_hyphens=False)
    return f"{light}  {finding.name:<{NAME_WIDTH}} " + f"\n{' ' * indent}".join(lines)


def summary(counts: dict[Light, int]) -> str:
    """One sentence about the whole table."""
    if counts["red"]:
        return f"{counts['red']} of {sum(counts.values())} will not work: see the lines marked {WORDS['red']}."
    if counts["yellow"]:
        return f"The app will run; {counts['yellow']} of {sum(counts.values())} have a limit: see {WORDS['yellow']}."
    return "Everything works."
