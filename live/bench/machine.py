"""What a figure was measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from engines.errors import EngineError
from engines.gpu import find_gpus
from engines.tensorrt_api import installed

PACKAGES = (
    "numpy",
    "opencv-contrib-python",
    "mediapipe",
    "onnx",
    "onnxruntime",
    "onnxruntime-gpu",
    "openvino",
    "av",
    "streamlit",
    "torch",
    "triton",
    "pycuda",
    "cuda-bindings",
    "tensorrt",
)
BUSY = 0.3
"""Load per core above which the figures say more about other programs than about this one."""


def machine() -> dict[str, Any]:
    """CPU, GPU, driver, system, versions, git revision and present load of this machine; JSON-ready."""
    gpus = find_gpus()
    return {
        "cpu": _cpu(),
        "cores": usable_cores(),
        "memory_gib": _memory_gib(),
        "gpus": [f"{gpu.name}, compute capability {gpu.capability}, {gpu.memory_mib} MiB" for gpu in gpus.found],
        "driver": _driver() if gpus.found else "",
        "cuda": gpus.cuda,
        "tensorrt": [api.name for api in installed().values() if not isinstance(api, EngineError)],
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "revision": _revision(),
        "load_average_1min": _load(),
    }


def title(found: dict[str, Any]) -> str:
    """The machine in a few words: its GPUs, its processor, its cores."""
    return ", ".join([*(gpu.split(",")[0] for gpu in found["gpus"]), found["cpu"], f"{found['cores']} cores"])


def busy(found: dict[str, Any]) -> str:
    """A warning where other programs keep the machine busy, else ""."""
    load = found["load_average_1min"]
    if load is None or load <= BUSY * found["cores"]:
        return ""
    return f"Other programs keep this machine busy (load {load}): the figures will be too low."


def usable_cores() -> int:
    """Logical cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory_gib() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf.
        return None


def _driver() -> str:
    """Driver version, power limit and clocks as nvidia-smi tells them: what a GPU's figures depend on."""
    asked = "driver_version,power.limit,clocks.max.sm,clocks.max.mem,persistence_mode"
    return _told(["nvidia-smi", f"--query-gpu={asked}", "--format=csv,noheader"]).partition("\n")[0]


def _told(command: list[str]) -> str:
    """What a program prints; empty where it cannot be run."""
    try:
        run = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout.strip()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _revision() -> str:
    """Like `1b2d35d`, with `-dirty` where tracked files differ from it; empty outside a checkout."""
    return _told(["git", "describe", "--always", "--dirty", "--abbrev=10"])


def _load() -> float | None:
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
