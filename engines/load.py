"""From a path and a wish to a running generator."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from engines.base import Generator
from engines.cache import Cache
from engines.errors import EngineError
from engines.gpu import Gpus, find_gpus
from engines.onnx_cpu import OnnxCpuGenerator
from engines.openvino_cpu import OpenVinoGenerator
from engines.request import Request, key_for
from engines.tensorrt_api import TensorRT, installed
from engines.trt import TrtGenerator, load_plan

Device = Literal["auto", "cpu", "tensorrt"]
DEVICES: tuple[Device, ...] = ("auto", "cpu", "tensorrt")


def load_generator(path: str | Path, device: Device = "auto", *, crop_recipe: str | None = None) -> Generator:
    """Load an exported graph.

    With TensorRT the plan comes from the graph's folder or the engine cache; where none is valid for this machine it
    is built first, with a progress bar on standard error.

    Args:
        path: ONNX graph that keeps the contract (`engines.contract`).
        device: `cpu`; `tensorrt`, which fails with the remedy where it cannot be had; or `auto`: TensorRT where it
            can be had, else the CPU, whose generator then says why in `fallback_reason`.
        crop_recipe: the recipe of the crops that will come (`face_crop.align.RECIPE`), to refuse a graph that was
            trained with another one; None does not check, and a graph that names no recipe always passes.

    Raises:
        EngineError: the graph or the device cannot be used.
    """
    if device not in DEVICES:
        raise EngineError(f"no such device {device!r}: choose one of {', '.join(DEVICES)}")
    on_cpu = load_cpu(path)  # Always: it checks the graph, and costs a fraction of a second.
    _check_recipe(path, on_cpu.info.crop_recipe, crop_recipe)
    if device == "cpu":
        return on_cpu
    try:
        on_gpu = load_tensorrt(Path(path), on_cpu.size)
    except EngineError as error:
        if device == "tensorrt":
            on_cpu.close()
            raise
        on_cpu.fallback_reason = str(error)
        level = logging.WARNING if find_gpus().found else logging.INFO  # No GPU, nothing to be warned of.
        logging.getLogger(__name__).log(level, "%s runs the model, not TensorRT: %s", on_cpu.runtime, error)
        return on_cpu
    on_cpu.close()
    return on_gpu


def load_cpu(path: str | Path) -> OpenVinoGenerator | OnnxCpuGenerator:
    """The graph on the faster CPU runtime that is installed: OpenVINO, else ONNX Runtime."""
    if find_spec("openvino"):
        return OpenVinoGenerator(path)
    if find_spec("onnxruntime"):
        return OnnxCpuGenerator(path)
    raise EngineError("no CPU runtime is installed: run `pip install -r requirements.txt`")


def load_tensorrt(path: Path, size: int) -> TrtGenerator:
    """The graph on TensorRT, built first where no valid plan is found.

    Raises:
        EngineError: there is no GPU, no TensorRT, or the plan cannot be built or loaded.
    """
    gpus = find_gpus()
    if not gpus.found:
        raise EngineError(f"TensorRT needs an NVIDIA GPU: {gpus.problem}")
    api = _usable(gpus)
    wanted = key_for(path, size, api, gpus, Request())
    for folder in (path.parent, None):
        if found := Cache(folder).find(wanted):
            plan, sidecar = found
            return load_plan(api, plan.read_bytes(), sidecar.key.precision)
    return _build_and_load(path, api, gpus)


def _usable(gpus: Gpus) -> TensorRT:
    """TensorRT itself before TensorRT for RTX, which does not know every GPU."""
    found = installed()
    for api in found.values():
        if isinstance(api, TensorRT) and api.supports(gpus.found[0].capability):
            return api
    problems = [
        str(api) if isinstance(api, EngineError) else f"{api.name} does not know the {gpus.found[0].name}"
        for api in found.values()
    ]
    raise EngineError(f"TensorRT cannot be used: {'; '.join(problems)}")


def _build_and_load(path: Path, api: TensorRT, gpus: Gpus) -> TrtGenerator:
    if not find_spec("onnx"):
        raise EngineError(f"no plan of {path} for this machine: build it after `pip install -r requirements-gpu.txt`")
    from engines.build_cli import build_shown
    from engines.prepare import contracted
    from engines.wrap import Wishes

    built = build_shown(contracted(path, Wishes()), Request(), api, gpus, Cache())
    return load_plan(api, built.plan.read_bytes(), built.sidecar.key.precision)


def _check_recipe(path: str | Path, trained: str, given: str | None) -> None:
    if given and trained and trained != given:
        raise EngineError(
            f"{path} was trained on crops of the recipe {trained!r}, this version cuts {given!r}: "
            "take a model released with this version, or train it again"
        )
