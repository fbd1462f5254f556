"""The whole live path, for every runtime and for 1, 2 and 4 faces.

The real `live.session.Session` runs on pieces of the demo clip, held as JPEGs in memory as a webcam sends them: once
paced at 30 frames a second, which gives the delay and the dropped frames that a viewer has, and once as fast as it
goes, which gives the throughput. The runs take turns for several rounds, so that whatever else the machine does hits
all alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import mean, median

from engines.bench.timing import Contender, Figures, GiveUp, rotated, stop
from live.bench.run import Run, clip_jpegs, run_once
from live.settings import Settings
from live.sources.base import SourceError
from live.stats import STAGES

PACES = ("camera", "free")
FREE_SHARE = 0.5
"""A free run gathers more frames a second than one at the camera's pace, so it may be shorter."""
Key = tuple[str, int, str]
"""Name of the contender, faces, pace."""


@dataclass(frozen=True)
class LiveResult:
    """One contender with so many faces.

    Attributes:
        name: of the contender.
        runtime: what really executed.
        faces: people in the picture.
        faces_found: mean number found.
        fps: pictures a second as fast as it goes.
        fps_rounds: the same of each round.
        camera_fps: pictures a second from a camera of 30.
        captured, dropped: frames of that camera, and those that a newer one replaced before they were painted.
        cores: CPU seconds used per second, with that camera.
        delay: capture to encoded picture with that camera, milliseconds.
        delay_rounds_ms: its median in each round.
        stages: per name of `live.stats.STAGES`, with that camera, milliseconds.
    """

    name: str
    runtime: str
    faces: int
    faces_found: float
    fps: float
    fps_rounds: tuple[float, ...]
    camera_fps: float
    captured: int
    dropped: int
    cores: float
    delay: Figures
    delay_rounds_ms: tuple[float, ...]
    stages: dict[str, Figures]


def measure_live(
    contenders: Sequence[Contender],
    faces: Sequence[int],
    size: tuple[int, int],
    settings: Settings,
    *,
    rounds: int,
    seconds: float,
    watch: Callable[[str], None] = lambda done: None,
    give_up: GiveUp = stop,
) -> list[LiveResult]:
    """Every contender with every number of faces, in turn for some rounds; ordered by faces, then as they are.

    Args:
        contenders: loaded runtimes.
        faces: keys of `live.demo.SECONDS_WITH_FACES`.
        size: width and height of the camera's frames.
        settings: of the session; `style` is the graph.
        rounds: how often each has its turn.
        seconds: measured at the camera's pace in each turn.
        watch: told each run.
        give_up: told who failed; the others go on.

    Raises:
        live.sources.base.SourceError: what `give_up` raises: nothing was painted.
    """
    clips = {count: clip_jpegs(count, size) for count in faces}
    named = {contender.name: contender for contender in contenders}
    runs: dict[Key, list[Run]] = {(name, count, pace): [] for count in faces for pace in PACES for name in named}
    failed: set[str] = set()
    for turn in range(rounds):
        for name, count, pace in rotated([key for key in runs if key[0] not in failed], turn):
            if name in failed:
                continue
            lasting = seconds * (1 if pace == "camera" else FREE_SHARE)
            try:
                run = run_once(clips[count], count, pace, settings, named[name].generator, lasting)
                runs[name, count, pace].append(run)
            except SourceError as error:
                failed.add(name)
                give_up(name, error)
            watch(f"{name}, {count} faces")
    return [
        together(name, named[name].generator.runtime, runs[name, count, "camera"], runs[name, count, "free"])
        for count in faces
        for name in named
        if name not in failed
    ]


def together(name: str, runtime: str, camera: Sequence[Run], free: Sequence[Run]) -> LiveResult:
    """The rounds of one case, at the camera's pace and as fast as it goes, as one result."""
    latencies = [run.samples_ms["latency"] for run in camera]
    stages = {stage: list(chain.from_iterable(run.samples_ms.get(stage, []) for run in camera)) for stage in STAGES}
    rates = tuple(run.shown / run.seconds for run in free)
    dropped = sum(run.dropped for run in camera)
    return LiveResult(
        name=name,
        runtime=runtime,
        faces=camera[0].faces,
        faces_found=mean(run.found for run in camera),
        fps=mean(rates),
        fps_rounds=rates,
        camera_fps=mean(run.shown / run.seconds for run in camera),
        captured=sum(run.shown for run in camera) + dropped,
        dropped=dropped,
        cores=mean(run.cores for run in camera),
        delay=Figures.of(list(chain.from_iterable(latencies))),
        delay_rounds_ms=tuple(median(found) for found in latencies),
        stages={stage: Figures.of(taken) for stage, taken in stages.items() if taken},
    )
