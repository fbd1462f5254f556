"""The contract of an exported graph: one uint8 NHWC picture batch in, one out, and metadata that says what it is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engines.errors import EngineError

CONTRACT = "uint8-nhwc-v1"
"""Value of the metadata entry `contract` of every graph that this package runs."""
RANGES = "int8"
"""Name of the metadata entry that holds `GraphInfo.ranges` as JSON."""
INPUT = "image"
OUTPUT = "portrait"
CHANNELS = 3

Dimension = int | str | None
"""A size, the name of a dynamic size, or None where the graph tells neither."""


@dataclass(frozen=True)
class Tensor:
    """An input or output of a graph: dtype in NumPy's words (`uint8`), shape as the graph declares it."""

    name: str
    dtype: str
    shape: tuple[Dimension, ...]

    def __str__(self) -> str:
        dims = ",".join("?" if dim is None else str(dim) for dim in self.shape)
        return f"{self.name!r} {self.dtype} [{dims}]"


@dataclass(frozen=True)
class GraphInfo:
    """What a graph that keeps the contract says about itself.

    Attributes:
        size: side S of the square pictures in pixels.
        source_domain, target_domain: what goes in and what comes out, for example `human` and `anime`; "" if unsaid.
        crop_recipe: name of the crop recipe it was trained with (`face_crop.align.RECIPE`); "" if unsaid.
        ranges: of tensors between its layers, by name: what they hold when it draws (`twingan.int8`), so that a
            runtime may compute in 8 bits what follows them; empty if unsaid.
        metadata: every metadata entry of the file.
    """

    size: int
    source_domain: str
    target_domain: str
    crop_recipe: str
    ranges: Mapping[str, tuple[float, float]]
    metadata: Mapping[str, str]


def graph_info(
    graph: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor], metadata: Mapping[str, str]
) -> GraphInfo:
    """Check a graph's outside against the contract.

    Args:
        graph: what to call the graph in an error.
        inputs, outputs: its declared tensors.
        metadata: its metadata_props.

    Raises:
        EngineError: the graph does not keep the contract; the message says where and what to do.
    """
    _check_declared(graph, metadata)
    size = _check_tensor(graph, "input", INPUT, inputs)
    if _check_tensor(graph, "output", OUTPUT, outputs) != size:
        raise EngineError(f"{graph} turns {inputs[0]} into {outputs[0]}: both must have the same size; {REMEDY}")
    if metadata.get("size", str(size)) != str(size):
        raise EngineError(f"{graph} says size={metadata['size']} but takes {inputs[0]}; {REMEDY}")
    return GraphInfo(
        size=size,
        source_domain=metadata.get("source_domain", ""),
        target_domain=metadata.get("target_domain", ""),
        crop_recipe=metadata.get("crop_recipe", ""),
        ranges=_ranges(graph, metadata.get(RANGES, "{}")),
        metadata=dict(metadata),
    )


REMEDY = "export it again with `python -m twingan.export`, or wrap it with `python build_engine.py GRAPH`"


def _check_declared(graph: str, metadata: Mapping[str, str]) -> None:
    declared = metadata.get("contract")
    if declared is None:
        raise EngineError(f"{graph} has no metadata entry 'contract' (expected {CONTRACT}); {REMEDY}")
    if declared != CONTRACT:
        raise EngineError(f"{graph} keeps the contract {declared!r}, this version knows {CONTRACT!r}; {REMEDY}")


def _ranges(graph: str, told: str) -> dict[str, tuple[float, float]]:
    try:
        ranges = {str(name): (float(low), float(high)) for name, (low, high) in json.loads(told).items()}
    except (AttributeError, TypeError, ValueError):
        ranges = {"": (0.0, 0.0)}
    if not all(-math.inf < low <= 0 < high < math.inf for low, high in ranges.values()):
        expected = 'expected {"TENSOR": [LOW, HIGH]} with LOW <= 0 < HIGH'
        raise EngineError(f"{graph} says {RANGES}={told[:60]!r}: {expected}; make them with `python -m twingan.int8`")
    return ranges


def _check_tensor(graph: str, kind: str, name: str, tensors: Sequence[Tensor]) -> int:
    """The side S of the one tensor that is expected: `name` uint8 [N,S,S,3] with N dynamic."""
    got = ", ".join(str(tensor) for tensor in tensors) or "none"
    expected = f"expected one {kind} {name!r} uint8 [N,S,S,{CHANNELS}] with N dynamic, got {got}"
    if [tensor.name for tensor in tensors] != [name] or tensors[0].dtype != "uint8":
        raise EngineError(f"{graph}: {expected}; {REMEDY}")
    shape = tensors[0].shape
    if len(shape) != 4 or isinstance(shape[0], int) or shape[3] != CHANNELS:
        raise EngineError(f"{graph}: {expected}; {REMEDY}")
    height, width = shape[1:3]
    if not isinstance(height, int) or height != width or height < 1:
        raise EngineError(f"{graph}: {expected}; {REMEDY}")
    return height
