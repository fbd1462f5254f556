from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from live.booth import keeper
from live.booth.browser import command
from live.booth.keeper import Kept
from tests.live.fakes import until


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_what_ends_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "PAUSES_S", (0.0,))
    lines: list[str] = []
    kept = Kept("It", lambda: python("print('started')"), lines.append)
    thread = threading.Thread(target=kept.run)
    thread.start()
    until(lambda: len(lines) >= 3, 30)
    kept.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert set(lines) == {"started"}


def test_pauses_grow_while_it_keeps_ending(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(keeper, "PAUSES_S", (0.01, 0.02, 0.03))
    starts: list[int] = []

    def make() -> list[str]:
        starts.append(1)
        return python(f"raise SystemExit({2 if len(starts) == 5 else 1})")

    pauses: list[float] = []
    kept = Kept("It", make)
    monkeypatch.setattr(kept._stopping, "wait", pauses.append)
    assert kept.run() == 2  # wrong flags: no further start would help
    assert pauses == [0.01, 0.02, 0.03, 0.03]


def test_stopping_ends_the_program() -> None:
    lines: list[str] = []
    kept = Kept("It", lambda: python("import time; print('up', flush=True); time.sleep(60)"), lines.append)
    thread = threading.Thread(target=kept.run)
    thread.start()
    until(lambda: bool(lines), 30)
    kept.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_what_does_not_end_when_asked_is_made_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "END_S", 0.2)
    lines: list[str] = []
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    kept = Kept("It", lambda: python(stubborn), lines.append)
    thread = threading.Thread(target=kept.run)
    thread.start()
    until(lambda: bool(lines), 30)
    began = time.monotonic()
    kept.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert time.monotonic() - began < 30


def test_the_browser_shows_the_address_full_screen(tmp_path: Path) -> None:
    line = command("/usr/bin/chromium", "http://127.0.0.1:8501/booth", tmp_path)
    assert line[0] == "/usr/bin/chromium"
    assert line[-1] == "http://127.0.0.1:8501/booth"
    assert "--kiosk" in line
    assert f"--user-data-dir={tmp_path}" in line
