"""From a path and a wish to a running generator."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from engines.base import Generator
from engines.errors import EngineError
from engines.onnx_cpu import OnnxCpuGenerator
from engines.openvino_cpu import OpenVinoGenerator

Device = Literal["auto", "cpu", "tensorrt"]
DEVICES: tuple[Device, ...] = ("auto", "cpu", "tensorrt")


def load_generator(path: str | Path, device: Device = "auto", *, crop_recipe: str | None = None) -> Generator:
    """Load an exported graph.

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
    generator = load_cpu(path)
    _check_recipe(path, generator.info.crop_recipe, crop_recipe)
    return generator


def load_cpu(path: str | Path, *, fallback_reason: str | None = None) -> OpenVinoGenerator | OnnxCpuGenerator:
    """The graph on the faster CPU runtime that is installed: OpenVINO, else ONNX Runtime."""
    if find_spec("openvino"):
        return OpenVinoGenerator(path, fallback_reason=fallback_reason)
    if find_spec("onnxruntime"):
        return OnnxCpuGenerator(path, fallback_reason=fallback_reason)
    raise EngineError("no CPU runtime is installed: run `pip install -r requirements.txt`")


def _check_recipe(path: str | Path, trained: str, given: str | None) -> None:
    if given and trained and trained != given:
        raise EngineError(
            f"{path} was trained on crops of the recipe {trained!r}, this version cuts {given!r}: "
            "take a model released with this version, or train it again"
        )
