"""The folder of plans. Whatever does not fit is found out and never loaded; nothing half written stays."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engines.errors import EngineError
from engines.fingerprint import Key, Sidecar, read_sidecar
from engines.graph_file import sha256


def default_folder() -> Path:
    """Where plans are kept: $TWINGAN_ENGINES, else the user's cache folder."""
    if chosen := os.environ.get("TWINGAN_ENGINES"):
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "twingan-live" / "engines"


class Cache:
    """Plans with their sidecars, one pair per `Key`.

    Args:
        folder: created when something is stored.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder) if folder else default_folder()

    def plan_path(self, graph: str, key: Key) -> Path:
        """Where the plan of this key belongs; its sidecar is the same path with `.json` added."""
        where = "+".join(capability.replace(".", "") for capability in key.capabilities)
        return self.folder / f"{Path(graph).stem}-{key.flavour}-sm{where}-{key.precision}-{key.digest()}.plan"

    def problem(self, plan: Path, wanted: Key) -> str | None:
        """Why the plan at this path cannot be used for the wanted key; None if it can."""
        if not plan.is_file():
            return "there is no plan yet"
        try:
            sidecar = read_sidecar(sidecar_path(plan))
        except EngineError as error:
            return str(error)
        if differences := sidecar.key.differences(wanted):
            return f"it was built for something else: {'; '.join(differences)}"
        if plan.stat().st_size != sidecar.plan_bytes or sha256(plan) != sidecar.plan_sha256:
            return "the plan was cut off or replaced"
        return None

    def find(self, wanted: Key) -> tuple[Path, Sidecar] | None:
        """The newest valid plan that serves this key, whatever its precision and largest batch."""
        known = [(plan, sidecar) for plan, sidecar in self.sidecars() if isinstance(sidecar, Sidecar)]
        for plan, sidecar in sorted(known, key=lambda pair: pair[1].built_at, reverse=True):
            if sidecar.key.serves(wanted) and self.problem(plan, sidecar.key) is None:
                return plan, sidecar
        return None

    def store(self, plan: Path, data: bytes, sidecar: Sidecar) -> None:
        """Write plan and sidecar, each at once or not at all.

        The sidecar comes last and names the plan's SHA-256, so a pair that was interrupted between is no valid pair.

        Raises:
            EngineError: the disk is full or the folder cannot be written.
        """
        write_whole(plan, data)
        write_whole(sidecar_path(plan), sidecar.to_json().encode())

    @contextlib.contextmanager
    def lock(self, plan: Path, timeout_s: float = 1800) -> Iterator[None]:
        """Let one process at a time build a plan; the others wait and then find it.

        Raises:
            EngineError: the other one took longer than `timeout_s`, or the folder cannot be written.
        """
        from filelock import FileLock, Timeout

        make_folder(self.folder)
        path = plan.with_name(f".{plan.name}.lock")
        try:
            with FileLock(path, timeout=timeout_s):
                yield
        except Timeout:
            raise EngineError(
                f"another process has been building {plan.name} for {timeout_s:.0f} s: stop it, or wait for it"
            ) from None

    def sidecars(self) -> list[tuple[Path, Sidecar | EngineError]]:
        """Every plan of the folder with its sidecar, or with what is wrong with that."""
        found: list[tuple[Path, Sidecar | EngineError]] = []
        for plan in sorted(self.folder.glob("*.plan")):
            try:
                found.append((plan, read_sidecar(sidecar_path(plan))))
            except EngineError as error:
                found.append((plan, error))
        return found


def sidecar_path(plan: Path) -> Path:
    """The JSON file beside a plan."""
    return plan.with_name(plan.name + ".json")


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def make_folder(folder: Path) -> None:
    """Create a folder with its parents; raises EngineError where that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(
            f"cannot create the folder {folder} ({error.strerror}): choose another with --output or TWINGAN_ENGINES"
        ) from None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file at once or not at all: a temporary one beside it, then a rename.

    Raises:
        EngineError: it cannot be written, for example because the disk is full.
    """
    make_folder(path.parent)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            if hasattr(os, "fchmod"):
                os.fchmod(handle, 0o644)  # mkstemp's 0600 would hide a shared cache from others.
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        raise EngineError(
            f"cannot write {path} of {len(data) / 1e6:.1f} MB ({error.strerror}): free some space there, "
            "or choose another folder with --output or TWINGAN_ENGINES"
        ) from None
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)  # After the rename there is nothing left to remove.
