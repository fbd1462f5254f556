from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from live.health import judge
from live.histogram import BOUNDS_MS, Tally
from live.stats import STAGES, Stats, Timings
from tests.live.fake_house import Served, serving, wait_until
from tests.live.test_routes import Mjpeg
from tests.running_app import ROOT

DASHBOARD = ROOT / "docs" / "grafana" / "twingan-live.json"
FLOWING = Stats(state="live", fps_captured=30, fps_shown=30, shown=10, source="Webcam")


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as running:
        yield running


def scraped(served: Served) -> dict[tuple[str, ...], float]:
    """Value by (name, label values in the order of the labels' names ...)."""
    status, headers, body = served.get("/metrics")
    assert status == 200
    assert headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(body.decode())
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_counters_and_gauges_are_those_of_the_session(served: Served) -> None:
    served.session.now = replace(
        FLOWING, captured=100, shown=90, dropped=7, unpainted=3, faults=2, restarts=1, faces=2, idle=False
    )
    found = scraped(served)
    names = ("captured", "shown", "dropped", "unpainted")
    assert [found[(f"twingan_live_frames_{name}_total",)] for name in names] == [100, 90, 7, 3]
    assert found[("twingan_live_frame_faults_total",)] == 2
    assert found[("twingan_live_source_restarts_total",)] == 1
    assert found[("twingan_live_faces",)] == 2
    assert found[("twingan_live_idle",)] == 0
    assert found[("twingan_live_healthy",)] == 1
    assert found[("twingan_live_state", "live")] == 1
    assert found[("twingan_live_state", "failed")] == 0


def test_durations_are_cumulative_histograms_in_seconds(served: Served) -> None:
    timings = Timings()
    for duration in (0.5, 1.0, 20.0, 9999.0):
        timings.add({"generate": duration, "latency": 2 * duration})
    served.session.durations = timings.histograms()
    found = scraped(served)
    bucket = "twingan_live_stage_seconds_bucket"
    assert [found[(bucket, bound, "generate")] for bound in ("0.001", "0.016", "0.024", "2.5", "+Inf")] == [
        2,
        2,
        3,
        3,
        4,
    ]
    assert found[("twingan_live_stage_seconds_count", "generate")] == 4
    assert found[("twingan_live_stage_seconds_sum", "generate")] == pytest.approx(10.0205)
    assert found[("twingan_live_latency_seconds_bucket", "0.05")] == 3
    assert all(found[("twingan_live_stage_seconds_count", stage)] == 0 for stage in STAGES if stage != "generate")


def test_a_duration_on_a_bound_belongs_to_the_class_below() -> None:
    tally = Tally()
    for bound in BOUNDS_MS:
        tally.add(bound)
    tally.add(BOUNDS_MS[-1] + 0.001)
    assert tally.histogram().counts == (1,) * (len(BOUNDS_MS) + 1)


def test_the_model_and_the_fallback_are_told_but_no_folder(served: Served) -> None:
    served.session.now = replace(
        FLOWING, runtime="OpenVINO CPU", style="/home/me/models/anime.onnx", fallback="no GPU was found"
    )
    body = served.get("/metrics")[2].decode()
    info = next(line for line in body.splitlines() if line.startswith("twingan_live_info{"))
    assert 'model="anime"' in info and 'runtime="OpenVINO CPU"' in info and 'fallback="no GPU was found"' in info
    assert "/home/me" not in body


def test_viewers_are_counted_by_kind(served: Served) -> None:
    viewers = "twingan_live_viewers"
    assert scraped(served)[(viewers, "mjpeg")] == 0
    players = [Mjpeg(served) for _ in range(3)]
    wait_until(lambda: scraped(served)[(viewers, "mjpeg")] == 3)
    assert scraped(served)[(viewers, "websocket")] == 0
    assert scraped(served)[(viewers, "webrtc")] == 0
    for player in players:
        player.close()
    wait_until(lambda: scraped(served)[(viewers, "mjpeg")] == 0)


def test_the_process_is_measured_too(served: Served) -> None:
    found = scraped(served)
    if ("process_resident_memory_bytes",) not in found:
        pytest.skip("prometheus-client measures processes on Linux only")
    assert found[("process_resident_memory_bytes",)] > 10e6


def queries(node: Any) -> Iterator[str]:
    """Every PromQL expression in the dashboard."""
    if isinstance(node, dict):
        yield from (node[key] for key in ("expr",) if isinstance(node.get(key), str))
        if isinstance(node.get("query"), str) and "(" in node["query"]:
            yield node["query"]
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from queries(child)


def test_the_dashboard_asks_for_metrics_that_exist(served: Served) -> None:
    text = "\n".join(queries(json.loads(DASHBOARD.read_text())))
    asked = set(re.findall(r"\b(?:twingan_live|process)_\w+", text)) - {"twingan_live_state"}
    assert len(asked) >= 15
    assert asked <= {key[0] for key in scraped(served)}
    assert asked >= {"twingan_live_latency_seconds_bucket", "twingan_live_stage_seconds_bucket", "twingan_live_viewers"}


def test_the_dashboards_panels_do_not_lie_over_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize(
    ("now", "well", "reason"),
    [
        (FLOWING, True, ""),
        (replace(FLOWING, state="no-face"), True, ""),
        (replace(FLOWING, state="starting", shown=0), False, "Starting: no picture is painted yet."),
        (replace(FLOWING, idle=True, fps_shown=0), True, "Nobody is watching, so nothing is painted."),
        (replace(FLOWING, state="starting", idle=True), True, "Nobody is watching, so nothing is painted."),
        (replace(FLOWING, fps_captured=0), False, "No frames come from Webcam."),
        (replace(FLOWING, idle=True, fps_captured=0), False, "No frames come from Webcam."),
        (replace(FLOWING, state="reconnecting", message="camera gone"), False, "camera gone"),
        (replace(FLOWING, state="failed", message="graph broken", idle=True), False, "graph broken"),
    ],
)
def test_health_is_that_pictures_flow_or_rest_on_purpose(now: Stats, well: bool, reason: str) -> None:
    verdict = judge(now)
    assert (verdict.well, verdict.reason) == (well, reason)


def test_health_over_http(served: Served) -> None:
    served.session.now = FLOWING
    assert served.get("/healthz")[0] == 200
    served.session.now = replace(FLOWING, state="reconnecting", message="camera gone")
    status, _, body = served.get("/healthz")
    assert (status, json.loads(body)) == (503, {"state": "reconnecting", "idle": False, "message": "camera gone"})
