"""`python -m live.booth` as a whole: the app comes back after a crash, and nothing is left at the end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

from tests.graphs import make_graph
from tests.live.fakes import until
from tests.running_app import ROOT

START_S = 90.0


def children_of(parent: int) -> list[int]:
    run = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return [int(number) for number in run.stdout.split()]


def logs_in(address: str, pin: str) -> bool:
    """Whether the operator's PIN opens the controls."""
    body = json.dumps({"pin": pin}).encode()
    with urllib.request.urlopen(f"{address}/operator/login", body, timeout=20) as answer:
        return bool(answer.status == 200)


def test_the_app_is_there_again_after_a_crash_at_the_same_address_with_the_same_pin(tmp_path: Path) -> None:
    make_graph(tmp_path / "negative.onnx", size=64, kind="invert")
    flags = ["--no-browser", "--port", "0", "--source", "pattern", "--models", str(tmp_path)]
    booth = subprocess.Popen(
        [sys.executable, "-u", "-m", "live.booth", *flags],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "TWINGAN_BOOTH_PIN"},
    )
    lines: list[str] = []
    stdout = booth.stdout
    assert stdout is not None
    reader = threading.Thread(target=lambda: lines.extend(iter(stdout.readline, "")), daemon=True)
    reader.start()

    def addresses() -> list[str]:
        return re.findall(r"Booth:\s+(\S+)", "".join(list(lines)))

    try:
        until(lambda: "PIN of" in "".join(list(lines)), START_S)
        pin = re.findall(r"PIN of.*: (\d+)", "".join(lines))[0]
        assert logs_in(addresses()[0], pin)
        (app,) = children_of(booth.pid)
        os.kill(app, signal.SIGKILL)
        until(lambda: len(addresses()) == 2, START_S)
        assert addresses()[0] == addresses()[1]
        until(lambda: children_of(booth.pid) not in ([], [app]))
        assert logs_in(addresses()[1], pin)
        (app,) = children_of(booth.pid)
    finally:
        booth.send_signal(signal.SIGTERM)
        booth.wait(30)
    reader.join(5)
    assert "starts again in 1 s" in "".join(lines)
    assert not Path(f"/proc/{app}").exists()
