"""`/metrics` for Prometheus, read off the session at the moment of the scrape: counting costs a frame microseconds."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
    StateSetMetricFamily,
)
from prometheus_client.registry import Collector

from live.health import judge
from live.histogram import BOUNDS_MS, Histogram
from live.stats import STAGES, Stats

if TYPE_CHECKING:
    from live.shared import House

PREFIX = "twingan_live"
STATES = ("starting", "live", "no-face", "reconnecting", "failed")
COUNTERS: Mapping[str, tuple[str, Callable[[Stats], int]]] = {
    "frames_captured": ("Frames that the source delivered.", lambda now: now.captured),
    "frames_dropped": ("Frames that a newer one replaced before they were painted.", lambda now: now.dropped),
    "frames_unpainted": ("Frames passed over on purpose since nobody was watching.", lambda now: now.unpainted),
    "frames_shown": ("Pictures that were painted and encoded.", lambda now: now.shown),
    "frame_faults": ("Frames whose painting failed; the plain camera frame was shown.", lambda now: now.faults),
    "source_restarts": ("How often a source was opened anew after it failed.", lambda now: now.restarts),
}
GAUGES: Mapping[str, tuple[str, Callable[[Stats], float]]] = {
    "faces": ("Faces in the newest frame.", lambda now: now.faces),
    "fps_captured": ("Frames a second from the source over the last seconds.", lambda now: now.fps_captured),
    "fps_shown": ("Painted pictures a second over the last seconds.", lambda now: now.fps_shown),
    "idle": ("1 while nothing is painted since nobody is watching.", lambda now: now.idle),
    "healthy": ("1 while /healthz answers 200.", lambda now: judge(now).well),
}


def exposition(house: House) -> bytes:
    """All metrics in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(HouseCollector(house))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return generate_latest(registry)


class HouseCollector(Collector):
    """The figures of one house at one moment."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Metric]:
        """See `prometheus_client.registry.Collector`."""
        now = self._house.session.stats()
        for name, (said, count) in COUNTERS.items():
            yield CounterMetricFamily(f"{PREFIX}_{name}", said, value=count(now))
        for name, (said, read) in GAUGES.items():
            yield GaugeMetricFamily(f"{PREFIX}_{name}", said, value=float(read(now)))
        yield _viewers(viewers_by_kind(self._house))
        yield from _durations(self._house.session.histograms())
        yield StateSetMetricFamily(
            f"{PREFIX}_state", "State of the session.", {name: name == now.state for name in STATES}
        )
        yield _info(now)


def viewers_by_kind(house: House) -> dict[str, int]:
    """Open connections by what they are."""
    elsewhere = {"overlay": house.outputs.overlays.viewers, "webrtc": house.visitors.active}
    return {"mjpeg": 0, "websocket": 0, **house.broadcast.kinds(), **elsewhere}


def _viewers(kinds: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_viewers", "Open connections of viewers.", labels=["kind"])
    for kind, count in kinds.items():
        family.add_metric([kind], count)
    return family


def _durations(histograms: Mapping[str, Histogram]) -> Iterable[Metric]:
    stages = HistogramMetricFamily(f"{PREFIX}_stage_seconds", "Duration of each stage of a frame.", labels=["stage"])
    for stage in STAGES:
        buckets, total_s = _buckets(histograms.get(stage, Histogram()))
        stages.add_metric([stage], buckets, total_s)
    latency = HistogramMetricFamily(f"{PREFIX}_latency_seconds", "From a frame's capture to its encoded picture.")
    buckets, total_s = _buckets(histograms.get("latency", Histogram()))
    latency.add_metric([], buckets, total_s)
    return stages, latency


def _buckets(histogram: Histogram) -> tuple[list[tuple[str, float]], float]:
    """Prometheus counts each class together with all below it."""
    bounds = [*(f"{bound / 1000:g}" for bound in BOUNDS_MS), "+Inf"]
    below = 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip(bounds, histogram.counts, strict=True):
        below += count
        buckets.append((bound, float(below)))
    return buckets, histogram.sum_ms / 1000


def _info(now: Stats) -> Metric:
    # No path and no address of a camera: whoever reads the metrics need not know them.
    facts = {
        "runtime": now.runtime,
        "model": Path(now.style).stem if now.style else "",
        "fallback": now.fallback,
        "streamlit": importlib.metadata.version("streamlit"),
    }
    return InfoMetricFamily(PREFIX, "What paints the pictures.", value=facts)
