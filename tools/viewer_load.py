"""Generator calls a second of the real app on the demo clip, watched by 1, 4 and 16 viewers in turns.

`.venv/bin/python -m tools.viewer_load [ROUNDS]` takes about 40 s a round. Let nothing else run beside it.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time

from tests.running_app import ROOT, RunningApp, running_app

CROWDS = (1, 4, 16)
WINDOW_S = 4.0
CALLS = re.compile(r'^twingan_live_stage_seconds_count\{stage="generate"\} (\S+)', re.MULTILINE)


def calls_a_second(app: RunningApp, mjpegs: int, websockets: int) -> float:
    """While so many watch."""
    command = [sys.executable, "tests/live/watchers.py", app.url.rpartition(":")[2], str(mjpegs), str(websockets)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=ROOT) as watchers:
        while app.stats()["viewers"] < mjpegs + websockets:
            time.sleep(0.1)
        began, before = time.perf_counter(), calls(app)
        time.sleep(WINDOW_S)
        rate = (calls(app) - before) / (time.perf_counter() - began)
        watchers.communicate(b"")
    return rate


def calls(app: RunningApp) -> float:
    """Generator calls since the start."""
    found = CALLS.search(app.get("/metrics")[1].decode())
    assert found is not None
    return float(found[1])


def main() -> None:
    """Print medians as JSON."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    rates: dict[str, list[float]] = {}
    with running_app("--source", "demo") as app:
        for _ in range(rounds):
            for count in CROWDS:
                rates.setdefault(f"mjpeg {count}", []).append(calls_a_second(app, count, 0))
                rates.setdefault(f"websocket {count}", []).append(calls_a_second(app, 0, count))
    medians = {name: round(statistics.median(found), 1) for name, found in rates.items()}
    print(json.dumps({"generator_calls_per_second": medians, "all": rates}, indent=2))


if __name__ == "__main__":
    main()
