"""The folder of plans heals itself, and is never left half written."""

from __future__ import annotations

import dataclasses
import json
import resource
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engines import EngineError
from engines.cache import Cache, digest, sidecar_path, write_whole
from engines.fingerprint import Key, Sidecar, read_sidecar

KEY = Key("ab" * 32, "rtx", "1.7.1.116", "any", ("8.6", "8.9"), "linux-x86_64", "fp16", 4, 64)
DATA = b"plan" * 1000


def sidecar(key: Key = KEY, data: bytes = DATA, built_at: str = "2026-11-22T10:00:00+00:00") -> Sidecar:
    return Sidecar(key, "g.onnx", digest(data), len(data), built_at, 1.5, ("FP16",), {"psnr_db": 60.0})


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "engines")


@pytest.fixture
def plan(cache: Cache) -> Path:
    path = cache.plan_path("g.onnx", KEY)
    cache.store(path, DATA, sidecar())
    return path


def test_what_was_stored_is_valid(cache: Cache, plan: Path) -> None:
    assert cache.problem(plan, KEY) is None
    assert read_sidecar(sidecar_path(plan)) == sidecar()


Damage = Callable[[Path], object]
DAMAGES: dict[str, tuple[Damage, str]] = {
    "truncated": (lambda plan: plan.write_bytes(DATA[:-1]), "cut off or replaced"),
    "one byte": (lambda plan: plan.write_bytes(b"x" + DATA[1:]), "cut off or replaced"),
    "empty": (lambda plan: plan.write_bytes(b""), "cut off or replaced"),
    "gone": (lambda plan: plan.unlink(), "no plan yet"),
    "no sidecar": (lambda plan: sidecar_path(plan).unlink(), "cannot be read"),
    "half a sidecar": (lambda plan: sidecar_path(plan).write_text('{"key": {'), "damaged"),
    "an old sidecar": (lambda plan: sidecar_path(plan).write_text('{"key": {"version": 1}}'), "damaged"),
    "a list": (lambda plan: sidecar_path(plan).write_text("[]"), "damaged"),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_damage_is_found_out(cache: Cache, plan: Path, case: str) -> None:
    damage, words = DAMAGES[case]
    damage(plan)
    assert words in (cache.problem(plan, KEY) or "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("graph_sha256", "cd" * 32),
        ("version", "1.8.0"),
        ("gpu", "NVIDIA H200"),
        ("capabilities", ["9.0"]),
        ("system", "windows-amd64"),
        ("precision", "fp32"),
        ("max_batch", 8),
        ("size", 256),
        ("rewrite", 0),
    ],
)
def test_another_machines_plan_put_there_is_named(cache: Cache, plan: Path, field: str, value: object) -> None:
    path = sidecar_path(plan)
    values = json.loads(path.read_text())
    values["key"][field] = value
    path.write_text(json.dumps(values))
    problem = cache.problem(plan, KEY) or ""
    assert problem.startswith(f"it was built for something else: {field} is ")


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Key)])
def test_every_part_of_the_key_changes_the_file(cache: Cache, field: str) -> None:
    value = getattr(KEY, field)
    changed: Any = ("7.5",) if field == "capabilities" else value + 1 if isinstance(value, int) else value + "x"
    other = dataclasses.replace(KEY, **{field: changed})
    assert cache.plan_path("g.onnx", other) != cache.plan_path("g.onnx", KEY)


def test_the_newest_valid_plan_that_serves_is_found(cache: Cache, plan: Path) -> None:
    wanted = dataclasses.replace(KEY, capabilities=("8.9",), precision="fp16", max_batch=4)
    assert cache.find(wanted) == (plan, sidecar())
    newer = dataclasses.replace(KEY, precision="best", max_batch=8)
    newest = cache.plan_path("g.onnx", newer)
    cache.store(newest, DATA, sidecar(newer, built_at="2026-11-23T10:00:00+00:00"))
    found = cache.find(wanted)
    assert found
    assert found[0] == newest
    newest.write_bytes(b"damaged")
    assert cache.find(wanted) == (plan, sidecar())
    assert cache.find(dataclasses.replace(wanted, capabilities=("12.0",))) is None
    assert cache.find(dataclasses.replace(wanted, graph_sha256="cd" * 32)) is None


def test_a_full_disk_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    """A real limit of the system on file sizes stands for the full disk: the write fails halfway."""
    path = tmp_path / "a.plan"
    path.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        with pytest.raises(EngineError, match="free some space"):
            write_whole(path, bytes(8 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.plan"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="--output"):
        write_whole(tmp_path / "file" / "engines" / "a.plan", b"x")


def test_an_interrupted_write_leaves_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "a.plan", b"x")
    assert list(tmp_path.iterdir()) == []


def test_two_at_once_wait_for_each_other(cache: Cache) -> None:
    plan = cache.plan_path("g.onnx", KEY)
    inside: list[str] = []
    started = threading.Event()

    def second() -> None:
        started.set()
        with cache.lock(plan):
            inside.append("second")

    with cache.lock(plan):
        worker = threading.Thread(target=second)
        worker.start()
        started.wait()
        worker.join(0.2)
        inside.append("first")
    worker.join()
    assert inside == ["first", "second"]


def test_a_build_that_never_ends_is_told(cache: Cache) -> None:
    plan = cache.plan_path("g.onnx", KEY)
    with cache.lock(plan), pytest.raises(EngineError, match="another process"), cache.lock(plan, timeout_s=0.05):
        pass
