"""`python -m engines.doctor`: what this machine can run the model on, and what to install for more."""

from __future__ import annotations

import importlib
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from engines.cache import Cache
from engines.errors import EngineError
from engines.fingerprint import Sidecar, system
from engines.gpu import Gpus, find_gpus
from engines.tensorrt_api import TensorRT, installed

GPU_INSTALL = "pip install -r requirements-gpu.txt"


@dataclass(frozen=True)
class Finding:
    """One line of the report: what, whether it is well (None: not needed here), what was found, and the remedy."""

    what: str
    well: bool | None
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        sign = {True: "ok", False: "!!", None: "--"}[self.well]
        return f"{sign}  {self.what:<18}{self.found}" + (f"\n    {'':<18}-> {self.remedy}" if self.remedy else "")


def examine(cache: Cache, gpus: Gpus | None = None) -> list[Finding]:
    """Look at everything; never raises.

    Args:
        cache: the engine cache to look into.
        gpus: what `find_gpus` says, asked when None.
    """
    gpus = find_gpus() if gpus is None else gpus
    return [
        Finding("system", True, f"{platform.platform()}, Python {platform.python_version()}"),
        *_cpu(),
        *_gpus(gpus),
        *_flavours(gpus),
        _package("PyCUDA", "pycuda", "pycuda.driver", bool(gpus.found), "runs engines"),
        _package("cuda-bindings", "cuda-bindings", "cuda.bindings.driver", bool(gpus.found), "CUDA graphs"),
        _package("onnx", "onnx", "onnx", None, "builds engines"),
        _toolkit(gpus),
        *_plans(cache, gpus),
    ]


def _cpu() -> list[Finding]:
    names = [("OpenVINO", "openvino"), ("ONNX Runtime", "onnxruntime")]
    versions = [(label, _version(name)) for label, name in names]
    remedy = "" if any(version for _, version in versions) else "pip install -r requirements.txt"
    return [
        Finding(label, True if version else (False if remedy else None), version or "not installed", remedy)
        for label, version in versions
    ]


def _gpus(gpus: Gpus) -> list[Finding]:
    if not gpus.found:
        return [
            Finding("GPU", None, gpus.problem, "without one the CPU runs the model; plans for others: --flavour rtx")
        ]
    driver = Finding("driver", True, f"{_driver_version()}, serves CUDA up to {gpus.cuda}")
    told = [f"{gpu.name}, compute capability {gpu.capability}, {gpu.memory_mib} MiB" for gpu in gpus.found]
    return [driver, *(Finding(f"GPU {index}", True, text) for index, text in enumerate(told))]


def _flavours(gpus: Gpus) -> list[Finding]:
    found = installed()
    usable = [api for api in found.values() if isinstance(api, TensorRT)]
    lines = []
    for flavour, api in found.items():
        label = "TensorRT" if flavour == "tensorrt" else "TensorRT for RTX"
        if isinstance(api, TensorRT):
            lines.append(Finding(label, True, api.version))
            continue
        reason, _, remedy = str(api).partition("): ")
        needed = False if gpus.found and not usable else None
        lines.append(Finding(label, needed, reason.partition("(")[2] or reason, remedy))
    return lines


def _package(label: str, distribution: str, module: str, needed: bool | None, purpose: str) -> Finding:
    version = _version(distribution)
    if version is None:
        return Finding(label, False if needed else None, f"not installed ({purpose})", GPU_INSTALL if needed else "")
    try:
        importlib.import_module(module)
    except (ImportError, OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:120]
        remedy = f"pip install --force-reinstall --no-cache-dir {distribution}=={version}" if needed else ""
        return Finding(label, False if needed else None, f"{version}, but cannot be imported ({reason})", remedy)
    return Finding(label, True, version)


def _toolkit(gpus: Gpus) -> Finding:
    nvcc = shutil.which("nvcc")
    if nvcc:
        return Finding("CUDA toolkit", True, nvcc)
    needed = bool(gpus.found) and _version("pycuda") is None
    remedy = "sudo apt install nvidia-cuda-toolkit (or NVIDIA's own), then " + GPU_INSTALL
    return Finding("CUDA toolkit", False if needed else None, "not found (compiles PyCUDA)", remedy if needed else "")


def _plans(cache: Cache, gpus: Gpus) -> list[Finding]:
    found = cache.sidecars()
    if not found:
        return [Finding("engines", None, f"none in {cache.folder}")]
    return [Finding("engine", *_plan(cache, plan, sidecar, gpus)) for plan, sidecar in found]


def _plan(cache: Cache, plan: Path, sidecar: Sidecar | EngineError, gpus: Gpus) -> tuple[bool | None, str, str]:
    if isinstance(sidecar, EngineError):
        return False, f"{plan.name}: {sidecar}", f"rm '{plan}', then build it again with build_engine.py"
    if problem := cache.problem(plan, sidecar.key):
        return False, f"{plan.name}: {problem}", "it is built again when it is needed"
    key = sidecar.key
    told = f"{plan.name} ({sidecar.graph}, {key.flavour} {key.version}, {key.precision}, 1..{key.max_batch})"
    here = [gpu for gpu in gpus.found if gpu.capability in key.capabilities and key.gpu in ("any", gpu.name)]
    if key.system != system() or not here:
        return None, f"{told}: valid, for {'+'.join(key.capabilities)} on {key.system}, not this machine", ""
    return True, told, ""


def _driver_version() -> str:
    """As nvidia-smi tells; "" where that is missing."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return "version unknown (no nvidia-smi)"
    return told.splitlines()[0].strip() if told.strip() else "version unknown"


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def main() -> int:
    """Print the report; 1 if something needs the user."""
    findings = examine(Cache())
    print("\n".join(str(finding) for finding in findings))
    return int(any(finding.well is False for finding in findings))


if __name__ == "__main__":
    sys.exit(main())
