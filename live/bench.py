"""How fast the live path is on this machine: `python -m live.bench`.

For 1, 2 and 4 faces the real `live.session.Session` runs on pieces of the demo clip, held as JPEGs in memory as a
webcam sends them: once paced at 30 frames a second, which gives the delay that a viewer has, and once as fast as it
goes, which gives the throughput. The runs take turns for several rounds, so that whatever else the machine does hits
all alike.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from statistics import mean
from typing import Any

from tqdm import tqdm

from engines.load import DEVICES
from live.bench_run import Run, clip_jpegs, run_once
from live.demo import SECONDS_WITH_FACES
from live.machine import machine
from live.settings import Settings
from live.sources.base import SourceError
from live.stats import STAGES, spread
from live.views import VIEWS

SIZES = {"640x480": (640, 480), "1280x720": (1280, 720)}


def summary(runs: Sequence[Run]) -> dict[str, object]:
    """Figures of the rounds of one case together; JSON-ready, milliseconds."""
    stages = {name: list(chain.from_iterable(run.samples_ms.get(name, []) for run in runs)) for name in STAGES}
    latencies = list(chain.from_iterable(run.samples_ms["latency"] for run in runs))
    rates = [run.shown / run.seconds for run in runs]
    return {
        "faces": runs[0].faces,
        "pace": runs[0].pace,
        "rounds": len(runs),
        "fps": round(mean(rates), 2),
        "fps_each_round": [round(rate, 2) for rate in rates],
        "dropped": sum(run.dropped for run in runs),
        "faces_found": round(mean(run.found for run in runs), 2),
        "cores_used": round(mean(run.cores for run in runs), 2),
        # A frame that is wanted only when the one before is done waits on purpose: no delay that anybody has.
        "capture_to_encoded_ms": _figures(latencies) if runs[0].pace == "camera" else None,
        "stage_ms": {name: _figures(durations) for name, durations in stages.items() if durations},
    }


def table(cases: Sequence[dict[str, Any]]) -> str:
    """The cases for people: one line each, medians and p95 in milliseconds."""
    head = ["faces", "pace", "fps", "dropped", "cores", "delay", *STAGES]
    lines = [head]
    for case in cases:
        delay, stages = case["capture_to_encoded_ms"], case["stage_ms"]
        figures = [delay, *(stages.get(name) for name in STAGES)]
        cells = [
            str(case["faces"]),
            case["pace"],
            f"{case['fps']:.1f}",
            str(case["dropped"]),
            f"{case['cores_used']:.2f}",
        ]
        lines.append(cells + [f"{each['median']:.1f}/{each['p95']:.1f}" if each else "-" for each in figures])
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module; returns the exit status."""
    flags = _flags(arguments)
    try:
        settings = Settings(source="demo", view=flags.view, style=flags.model, device=flags.device)
        report = measure(settings, flags.faces, flags.size, flags.rounds, flags.seconds)
        _write(flags.json, report)
    except (SourceError, ValueError, OSError) as error:
        print(f"live.bench: {error}", file=sys.stderr)
        return 1
    print(table(report["cases"]))
    print("delay: capture to encoded picture. All times are median/p95 in milliseconds.")
    print(f"{report['model']} on {report['runtime']}. Written to {flags.json}.")
    return 0


def measure(settings: Settings, faces: Sequence[int], size: str, rounds: int, seconds: float) -> dict[str, Any]:
    """Every case in turn for some rounds; the report is JSON-ready."""
    report: dict[str, Any] = {"machine": machine(), "size": size, "view": settings.view, "seconds_per_run": seconds}
    _announce(report["machine"], size, settings.view)
    clips = {count: clip_jpegs(count, SIZES[size]) for count in faces}
    cases: dict[tuple[int, str], list[Run]] = {(count, pace): [] for pace in ("camera", "free") for count in faces}
    progress = tqdm(total=rounds * len(cases), unit="run", disable=None)
    with progress:
        for _ in range(rounds):
            for (count, pace), runs in cases.items():
                runs.append(run_once(clips[count], count, pace, settings, seconds))
                progress.update()
    first = next(iter(cases.values()))[0]
    return report | {
        "runtime": first.runtime,
        "model": first.model,
        "cases": [summary(runs) for runs in cases.values()],
    }


def _announce(found: dict[str, Any], size: str, view: str) -> None:
    print(f"{found['cpu']}, {found['cores']} cores, {size}, view {view}, revision {found['revision'] or 'unknown'}")
    load = found["load_average_1min"]
    if load is not None and load > 0.3 * found["cores"]:
        print(f"Other programs keep this machine busy (load {load}): the figures will be too low.")


def _figures(durations: Sequence[float]) -> dict[str, float]:
    found = spread(durations)
    return {"median": round(found.median, 3), "p95": round(found.p95, 3)}


def _write(path: Path, report: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def _flags(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m live.bench", description="How fast the live path is on this machine."
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", default=Path("runs/bench.json"), help="all figures (default %(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="measured time of one run (default 4)")
    parser.add_argument("--rounds", type=int, default=3, help="how often every case is run (default 3)")
    parser.add_argument("--faces", type=int, nargs="+", default=[1, 2, 4], choices=sorted(SECONDS_WITH_FACES))
    parser.add_argument("--size", choices=sorted(SIZES), default="640x480", help="of the camera's frames")
    parser.add_argument("--view", choices=VIEWS, default="side-by-side")
    parser.add_argument("--model", type=Path, metavar="GRAPH", help="default: the first of models/")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    flags = parser.parse_args(arguments)
    if not 0 < flags.seconds <= 600 or not 1 <= flags.rounds <= 100:
        parser.error("--seconds must be above 0 and at most 600, --rounds 1 .. 100")
    return flags


if __name__ == "__main__":
    sys.exit(main())
