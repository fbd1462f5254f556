"""Every runtime that may take part, and which of them this machine has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from engines.bench import runtimes as make
from engines.bench.timing import Contender
from engines.errors import EngineError
from engines.parity import LEAST_PSNR_DB, Parity, compare, portraits

REFERENCE = "onnxruntime-cpu"
"""The others have to draw what this one draws: plain fp32."""


@dataclass(frozen=True)
class Kind:
    """One way to run a graph.

    Attributes:
        name, precision, device: see `Contender`.
        make: see `engines.bench.runtimes.Make`.
        usual: takes part unless others are asked for by name.
    """

    name: str
    precision: str
    device: str
    make: make.Make
    usual: bool = True


def kinds() -> tuple[Kind, ...]:
    """All that are known, fastest expected first."""
    return (
        Kind("tensorrt-fp16", "fp16", "cuda", make.tensorrt("fp16", graphs=True)),
        Kind("tensorrt-fp16-no-graphs", "fp16", "cuda", make.tensorrt("fp16", graphs=False)),
        Kind("tensorrt-fp32", "fp32", "cuda", make.tensorrt("fp32", graphs=True)),
        Kind("tensorrt-fp32-no-graphs", "fp32", "cuda", make.tensorrt("fp32", graphs=False)),
        Kind("onnxruntime-cuda", "fp32", "cuda", make.onnxruntime_cuda),
        Kind("torch-cuda-compile", "fp16", "cuda", make.torch("cuda", "fp16", compiled=True)),
        Kind("torch-cuda-eager", "fp16", "cuda", make.torch("cuda", "fp16", compiled=False)),
        Kind("openvino-bf16", "bf16", "cpu", make.openvino("bf16")),
        Kind("openvino-fp16", "fp16", "cpu", make.openvino("f16")),
        Kind("openvino-int8", "int8", "cpu", make.openvino("int8")),
        Kind("openvino-fp32", "fp32", "cpu", make.openvino("f32")),
        Kind(REFERENCE, "fp32", "cpu", make.onnxruntime_cpu),
        Kind("torch-cpu-compile", "fp32", "cpu", make.torch("cpu", "fp32", compiled=True)),
        Kind("torch-cpu-eager", "fp32", "cpu", make.torch("cpu", "fp32", compiled=False)),
        Kind("torch-cpu-compile-bf16", "bf16", "cpu", make.torch("cpu", "bf16", compiled=True), usual=False),
        Kind("torch-cpu-eager-bf16", "bf16", "cpu", make.torch("cpu", "bf16", compiled=False), usual=False),
    )


def choose(names: Sequence[str], known: Sequence[Kind]) -> list[Kind]:
    """The kinds of these names, the usual ones for none.

    Raises:
        EngineError: a name is unknown.
    """
    if unknown := set(names) - {kind.name for kind in known}:
        told = ", ".join(kind.name for kind in known)
        raise EngineError(f"no such runtime {', '.join(sorted(unknown))}: choose from {told}")
    return [kind for kind in known if kind.name in names or (not names and kind.usual)]


@dataclass(frozen=True)
class Field:
    """Who takes part.

    Attributes:
        contenders: loaded runtimes.
        parity: of each contender but the reference, by name.
        without: why the others do not take part, one sentence by name.
    """

    contenders: tuple[Contender, ...]
    parity: dict[str, Parity]
    without: dict[str, str]

    def close(self) -> None:
        """Release every runtime."""
        for contender in self.contenders:
            contender.generator.close()


def load(
    graph: Path,
    chosen: Sequence[Kind],
    batches: Sequence[int],
    *,
    required: bool = False,
    watch: Callable[[str], None] = lambda name: None,
) -> Field:
    """Load what this machine has, let each run once per batch size, and see that all draw the same portraits.

    Args:
        graph: ONNX graph that keeps the contract.
        chosen: see `choose`.
        batches: sizes that will come.
        required: they were asked for by name: one that is missing is an error instead of a note.
        watch: told the name of each that is loaded next.

    Raises:
        EngineError: the graph cannot be used, none of the runtimes can, or a required one cannot.
    """
    judge = _Judge(graph)
    loaded: list[Contender] = []
    parity: dict[str, Parity] = {}
    without: dict[str, str] = {}
    for kind in chosen:
        watch(kind.name)
        try:
            contender = _loaded(kind, graph, batches)
            parity |= judge(contender)
            loaded.append(contender)
        except (EngineError, ImportError) as error:
            if required:
                Field(tuple(loaded), {}, {}).close()
                raise EngineError(f"{kind.name} cannot be used here: {_line(error)}") from None
            without[kind.name] = _line(error)
    judge.close()
    if not loaded:
        raise EngineError(f"nothing on this machine runs {graph}: see `python -m engines.doctor`")
    return Field(tuple(loaded), parity, without)


class _Judge:
    """Compares portraits with those of ONNX Runtime on the CPU in fp32; lets all pass where that is not installed.

    Raises:
        EngineError: the graph itself cannot be used.
    """

    def __init__(self, graph: Path) -> None:
        from engines.load import load_cpu

        load_cpu(graph).close()
        self._reference = make.onnxruntime_cpu(graph, 1) if find_spec("onnxruntime") else None

    def __call__(self, contender: Contender) -> dict[str, Parity]:
        """Parity by the contender's name; raises EngineError, and closes it, where it draws something else."""
        if self._reference is None or contender.name == REFERENCE:
            return {}
        pictures, source = portraits(contender.generator.size, most=4)
        found = compare(contender.generator, self._reference, pictures, source)
        if found.psnr_db < LEAST_PSNR_DB:
            contender.generator.close()
            raise EngineError(f"it draws something else than {self._reference.runtime}: {found}")
        return {contender.name: found}

    def close(self) -> None:
        """Release the reference."""
        if self._reference is not None:
            self._reference.close()


def _loaded(kind: Kind, graph: Path, batches: Sequence[int]) -> Contender:
    """A contender that has run each batch size once: compilers and caches do their work then."""
    generator = kind.make(graph, max(batches))
    try:
        for count in batches:
            if count <= (generator.max_batch or count):
                generator(np.zeros((count, generator.size, generator.size, 3), np.uint8))
    except EngineError:
        generator.close()
        raise
    return Contender(kind.name, kind.precision, kind.device, generator)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
