"""A report as a picture: bars with whiskers, as SVG, which every browser and GitHub shows and nothing has to be
installed for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from live.bench.machine import title

WIDTH, LEFT, RIGHT = 920, 240, 200  # Pixels; names stand left of the bars, figures right of them.
LINE, GAP, TOP = 24, 46, 64
COLOURS = {"tensorrt": "#0072b2", "openvino": "#009e73", "onnxruntime": "#e69f00", "torch": "#8c8c8c"}
"""By what a name starts with; told apart by colour-blind people, too (Okabe and Ito)."""
INK, PALE = "#1f2328", "#59636e"


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        label: left of it.
        name: of the contender; chooses the colour.
        value: its length.
        low, high: ends of its whisker: the slowest and the fastest round.
        told: right of it.
    """

    label: str
    name: str
    value: float
    low: float
    high: float
    told: str


@dataclass(frozen=True)
class Panel:
    """Bars of one kind on one scale, from 0."""

    heading: str
    bars: tuple[Bar, ...]


def svg(report: dict[str, Any]) -> str:
    """The picture of a report."""
    panels = [panel for panel in _panels(report) if panel.bars]
    height = TOP + sum(GAP + LINE * len(panel.bars) for panel in panels) + 34
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="system-ui, Segoe UI, Helvetica, Arial, sans-serif" font-size="14">',
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
        _text(20, 32, _headline(report), size=17, weight=600),
        _text(20, 52, f"{title(report['machine'])}; {report['date'][:10]}", colour=PALE),
    ]
    top = TOP
    for panel in panels:
        parts.extend(_drawn(panel, top))
        top += GAP + LINE * len(panel.bars)
    parts.append(_text(20, height - 14, "Whiskers: slowest and fastest round.", colour=PALE, size=12))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _headline(report: dict[str, Any]) -> str:
    graph = report["graph"]
    return f"{graph['name']} at {graph['size']}x{graph['size']}"


def _panels(report: dict[str, Any]) -> Iterator[Panel]:
    first = min((row["batch"] for row in report["generator"]), default=1)
    rows = [row for row in report["generator"] if row["batch"] == first]
    yield Panel(f"Generator alone, batch {first}: pictures a second", tuple(_alone(row) for row in rows))
    width, height = report["plan"]["frame"]
    for faces in sorted({row["faces"] for row in report["live"]}):
        people = "1 face" if faces == 1 else f"{faces} faces"
        live = tuple(_live(row) for row in report["live"] if row["faces"] == faces)
        yield Panel(f"Live path {width}x{height}, {people}: frames a second, as fast as it goes", live)


def _alone(row: dict[str, Any]) -> Bar:
    """By medians: a mean may lie outside the whisker, where single calls took much longer."""
    rates = [1000 * row["batch"] / middle for middle in row["rounds_ms"]]
    median = row["latency"]["median"]
    rate = 1000 * row["batch"] / median
    return Bar(row["name"], row["name"], rate, min(rates), max(rates), f"{rate:.0f}/s, {median:.2f} ms")


def _live(row: dict[str, Any]) -> Bar:
    told = f"{row['fps']:.0f} fps, delay {row['delay']['median']:.0f} ms"
    return Bar(row["name"], row["name"], row["fps"], min(row["fps_rounds"]), max(row["fps_rounds"]), told)


def _drawn(panel: Panel, top: float) -> Iterator[str]:
    yield _text(20, top + 30, panel.heading, weight=600)
    scale = (WIDTH - LEFT - RIGHT) / max(max(bar.value, bar.high) for bar in panel.bars)
    for index, bar in enumerate(panel.bars):
        yield from _bar(bar, top + GAP - 4 + LINE * index, scale)


def _bar(bar: Bar, top: float, scale: float) -> Iterator[str]:
    middle, low, high = top + 8, LEFT + bar.low * scale, LEFT + bar.high * scale
    yield _text(LEFT - 10, top + 13, bar.label, anchor="end")
    yield f'<rect x="{LEFT}" y="{top}" width="{bar.value * scale:.1f}" height="16" fill="{_colour(bar.name)}"/>'
    marks = [(low, middle, high, middle), (low, top + 4, low, top + 12), (high, top + 4, high, top + 12)]
    for x1, y1, x2, y2 in marks:
        yield f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{INK}" stroke-width="1.5"/>'
    yield _text(max(high, LEFT + bar.value * scale) + 10, top + 13, bar.told)


def _colour(name: str) -> str:
    return next((colour for start, colour in COLOURS.items() if name.startswith(start)), PALE)


def _text(
    x: float, y: float, text: str, *, colour: str = INK, size: int = 14, weight: int = 400, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )
