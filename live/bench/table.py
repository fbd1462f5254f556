"""A report as tables: for a terminal, and as Markdown for the README."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from engines.bench.timing import STAGES as DEVICE_STAGES
from live.bench.goals import Goal
from live.bench.machine import busy, title
from live.stats import STAGES


@dataclass(frozen=True)
class Table:
    """A heading, a line about what is in it, the names of the columns, and the cells; the first column is text."""

    heading: str
    note: str
    head: list[str]
    rows: list[list[str]]

    def text(self) -> str:
        """For a terminal."""
        lines = [self.head, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.head))]
        body = "\n".join(
            "  ".join(cell.rjust(width) if index else cell.ljust(width) for index, (cell, width) in enumerate(pairs))
            for pairs in (list(zip(line, widths, strict=True)) for line in lines)
        )
        return f"{self.heading}: {self.note}\n{body}"

    def markdown(self) -> str:
        """For the README."""
        ruler = ["---", *["---:"] * (len(self.head) - 1)]
        lines = ["| " + " | ".join(line) + " |" for line in [self.head, ruler, *self.rows]]
        return "\n".join([f"**{self.heading}** ({self.note}):", "", *lines])


def spread(rounds: Sequence[float]) -> float:
    """How far apart the rounds are: (largest - smallest) / median of them."""
    middle = median(rounds)
    return (max(rounds) - min(rounds)) / middle if middle else 0.0


def terminal(report: dict[str, Any]) -> str:
    """Everything, for the person who waits."""
    machine, graph = report["machine"], report["graph"]
    lines = [
        f"{title(machine)}; {machine['system']}; revision {machine['revision'] or 'unknown'}; {report['date']}",
        f"{graph['name']} {graph['size']}x{graph['size']}, SHA-256 {graph['sha256'][:16]}",
    ]
    tables = [_generator(report), *([_live(report)] if report["live"] else []), _limits(report)]
    parts = ["\n".join(lines), *(table.text() for table in tables if table.rows), _parity(report)]
    if unknown := report["work"].get("unknown"):
        parts.append(f"limit of the device not computed: {unknown}")
    parts.append(_absent(report["without"]))
    parts.append(_goals([Goal(**goal) for goal in report["goals"]]))
    return "\n\n".join(part for part in parts if part)


def markdown(report: dict[str, Any]) -> str:
    """What the README shows."""
    graph, machine = report["graph"], report["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["packages"].items() if name in _NAMED)
    about = (
        f"{title(machine)}, {machine['system'].split('-with')[0]}, {versions}; `{graph['name']}` at "
        f"{graph['size']}x{graph['size']}, revision {machine['revision'] or 'unknown'}, {report['date'][:10]}."
    )
    tables = [_batches(report), *([_short_live(report)] if report["live"] else []), _short_limits(report)]
    judged = [f"- {Goal(**goal)}" for goal in report["goals"] if goal["reached"] is not None]
    parts = [
        f"{about} {busy(machine)}".strip(),
        *(table.markdown() for table in tables if table.rows),
        "\n".join(judged),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_NAMED = ("onnxruntime", "onnxruntime-gpu", "openvino", "torch", "tensorrt")


def _generator(report: dict[str, Any]) -> Table:
    head = ["runtime", "batch", "pictures/s", "min", "mean", "median", "p90", "p95", "p99", "spread", "calls"]
    staged = any(row["stages"] for row in report["generator"])
    rows = [_generator_row(row, staged) for row in report["generator"]]
    note = "milliseconds per call, transfers included; spread: of the rounds' medians"
    return Table("Generator alone", note, [*head, *(["H2D/compute/D2H"] if staged else [])], rows)


def _generator_row(row: dict[str, Any], staged: bool) -> list[str]:
    latency = row["latency"]
    figures = [f"{latency[name]:.2f}" for name in ("min", "mean", "median", "p90", "p95", "p99")]
    stages = row["stages"]
    told = "/".join(f"{stages[name]['median']:.3f}" for name in DEVICE_STAGES) if stages else "-"
    cells = [row["name"], str(row["batch"]), f"{row['pictures_per_second']:.1f}", *figures]
    return [*cells, _percent(spread(row["rounds_ms"])), str(latency["calls"]), *([told] if staged else [])]


def _live(report: dict[str, Any]) -> Table:
    head = ["runtime", "faces", "fps", "spread", "at 30", "dropped", "cores", "delay", *STAGES]
    rows = [
        [
            row["name"],
            str(row["faces"]),
            f"{row['fps']:.1f}",
            _percent(spread(row["fps_rounds"])),
            f"{row['camera_fps']:.1f}",
            f"{row['dropped']}/{row['captured']}",
            f"{row['cores']:.2f}",
            "/".join(f"{row['delay'][name]:.0f}" for name in ("median", "p95", "p99")),
            *(_pair(row["stages"].get(stage)) for stage in STAGES),
        ]
        for row in report["live"]
    ]
    note = (
        f"{_frame(report)}; fps as fast as it goes, the rest with a camera of 30 frames a second; delay: capture to "
        "encoded picture, median/p95/p99 ms; stages: median/p95 ms"
    )
    return Table("Live path", note, head, rows)


def _limits(report: dict[str, Any]) -> Table:
    head = ["runtime", "batch", "GMAC", "arithmetic", "memory", "bound", "reached", "share", "(by layers)"]
    rows = [
        [row["name"], str(row["batch"]), f"{row['gmac']:.2f}"]
        + [f"{row[name]:.3f}" for name in ("arithmetic_ms", "memory_ms", "bound_ms", "reached_ms")]
        + [_percent(row["share"]), f"{row['layers_ms']:.3f}"]
        for row in report["limits"]
    ]
    rates = "; ".join(f"{name} {_rate(name, rate)} ({rate['how']})" for name, rate in report["rates"].items())
    return Table("Share of the device's limit", f"milliseconds per call; measured {rates}", head, rows)


def _batches(report: dict[str, Any]) -> Table:
    """One line per runtime, one column per batch size."""
    batches = sorted({row["batch"] for row in report["generator"]})
    cells = {(row["name"], row["batch"]): row for row in report["generator"]}
    names = list(dict.fromkeys(row["name"] for row in report["generator"]))
    rows = [[_label(name, report), *(_cell(cells.get((name, batch))) for batch in batches)] for name in names]
    note = "pictures a second, median milliseconds per call, ± half the spread between rounds"
    return Table("Generator alone", note, ["runtime", *(f"batch {batch}" for batch in batches)], rows)


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return "-"
    half = spread(row["rounds_ms"]) / 2
    return f"{row['pictures_per_second']:.0f}/s, {row['latency']['median']:.1f} ms ± {100 * half:.0f} %"


def _short_live(report: dict[str, Any]) -> Table:
    head = ["runtime", "faces", "frames a second", "delay median / p95 / p99", "dropped at 30 fps"]
    rows = [
        [
            _label(row["name"], report),
            str(row["faces"]),
            f"{row['fps']:.0f} ± {100 * spread(row['fps_rounds']) / 2:.0f} %",
            " / ".join(f"{row['delay'][name]:.0f}" for name in ("median", "p95", "p99")) + " ms",
            f"{row['dropped']} of {row['captured']}",
        ]
        for row in report["live"]
    ]
    return Table("Live path, capture to encoded picture", _frame(report), head, rows)


def _short_limits(report: dict[str, Any]) -> Table:
    """At batch 1 only."""
    rows = [
        [
            _label(row["name"], report),
            f"{row['bound_ms']:.2f} ms",
            f"{row['reached_ms']:.2f} ms",
            _percent(row["share"]),
        ]
        for row in report["limits"]
        if row["batch"] == 1
    ]
    gmac = next((row["gmac"] for row in report["limits"] if row["batch"] == 1), 0.0)
    note = f"batch 1, {gmac:.2f} GMAC; bound: at the measured matrix rate and bandwidth of this device"
    return Table("Share of the physical limit", note, ["runtime", "bound", "reached", "share"], rows)


def _parity(report: dict[str, Any]) -> str:
    told = ", ".join(f"{name} {each['psnr_db']:.0f} dB" for name, each in report["parity"].items())
    return f"Same portraits as ONNX Runtime in fp32 (PSNR): {told}" if told else ""


def _absent(without: dict[str, str]) -> str:
    """One line per reason."""
    lines = []
    for why in dict.fromkeys(without.values()):
        names = ", ".join(name for name, other in without.items() if other == why)
        lines.append(f"without {names}: {why}")
    return "\n".join(lines)


def _goals(found: list[Goal]) -> str:
    if all(goal.reached is None for goal in found):
        return "Goals of the TensorRT engine: not measured, it did not run here"
    return "\n".join(["Goals of the TensorRT engine", *map(str, found)])


def _label(name: str, report: dict[str, Any]) -> str:
    found = next((row["runtime"] for row in report["generator"] if row["name"] == name), name)
    return str(found)


def _frame(report: dict[str, Any]) -> str:
    width, height = report["plan"]["frame"]
    upscaled = f", portraits upscaled {report['plan']['upscale']}x" if "upscale" in report["plan"] else ""
    return f"{width}x{height}, view {report['plan']['view']}{upscaled}"


def _pair(figures: dict[str, float] | None) -> str:
    return f"{figures['median']:.1f}/{figures['p95']:.1f}" if figures else "-"


def _rate(name: str, rate: dict[str, Any]) -> str:
    unit = "GB/s" if name.endswith("copy") else "GMAC/s"
    return f"{rate['per_second'] / 1e9:.0f} {unit}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
