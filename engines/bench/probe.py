"""What a device can do: how fast it multiplies large matrices and copies large arrays, measured."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol, TypeVar

import numpy as np

Clock = Callable[[], float]
K = TypeVar("K")


@dataclass(frozen=True)
class Rate:
    """Something per second, and how it was measured."""

    per_second: float
    how: str


class Probe(Protocol):
    """Measures a device."""

    def macs(self, precision: str) -> Rate | None:
        """Multiply-accumulates per second of a large matrix product; None where it cannot be measured."""

    def copied(self) -> Rate:
        """Bytes per second, read and written, of a large copy within the device's memory."""


@dataclass(frozen=True)
class Rates:
    """What was measured of the devices: matrix products by (device, precision), copies by device."""

    macs: dict[tuple[str, str], Rate]
    copied: dict[str, Rate]

    def best(self, other: Rates) -> Rates:
        """The higher of each: a limit is what a device can do, not what it does while others use it."""
        return Rates(_higher(self.macs, other.macs), _higher(self.copied, other.copied))


def _higher(one: dict[K, Rate], other: dict[K, Rate]) -> dict[K, Rate]:
    pairs = ((key, [rates[key] for rates in (one, other) if key in rates]) for key in one | other)
    return {key: max(found, key=lambda rate: rate.per_second) for key, found in pairs}


def probe(devices: Iterable[tuple[str, str]], probes: dict[str, Probe]) -> Rates:
    """Measure the devices and precisions that are asked for, each once, as far as there are probes."""
    wanted = sorted(pair for pair in set(devices) if pair[0] in probes)
    rates = {pair: probes[pair[0]].macs(pair[1]) for pair in wanted}
    copied = {device: probes[device].copied() for device in sorted({device for device, _ in wanted})}
    return Rates({pair: rate for pair, rate in rates.items() if rate}, copied)


class CpuProbe:
    """A `Probe` of the processor: the best of NumPy's BLAS and OpenVINO, at several sizes.

    Args:
        seconds: for each size.
        sizes: sides of the square matrices.
        copy_bytes: size of the copied array; larger than any cache.
    """

    def __init__(
        self, seconds: float = 0.3, sizes: Sequence[int] = (512, 1024, 2048), copy_bytes: int = 1 << 28
    ) -> None:
        self._seconds, self._sizes, self._copy_bytes = seconds, sizes, copy_bytes

    def macs(self, precision: str) -> Rate | None:
        """See `Probe`."""
        makers = [("NumPy", _numpy_product)] if precision == "fp32" else []
        if find_spec("openvino") and precision in OPENVINO:
            makers.append(("OpenVINO", _openvino_product))
        found = [
            Rate(size**3 / least_s(make(size, precision), self._seconds), f"{label} {size}x{size} {precision}")
            for label, make in makers
            for size in self._sizes
        ]
        return max(found, key=lambda rate: rate.per_second, default=None)

    def copied(self) -> Rate:
        """See `Probe`: one thread per core, each copying its part."""
        threads = os.cpu_count() or 1
        source = np.ones(self._copy_bytes, np.uint8)
        target = np.zeros_like(source)
        parts = list(zip(np.array_split(target, threads), np.array_split(source, threads), strict=True))
        with ThreadPoolExecutor(threads) as pool:
            taken = least_s(lambda: list(pool.map(lambda pair: np.copyto(*pair), parts)), self._seconds)
        how = f"copy of {self._copy_bytes >> 20} MiB by {threads} threads, read and written"
        return Rate(2 * self._copy_bytes / taken, how)


class CudaProbe:
    """A `Probe` of an NVIDIA GPU through PyTorch, which must be built for CUDA.

    Args:
        size: side of the square matrices.
        copy_bytes: size of the copied array; larger than the GPU's cache.
        repeats: the best of so many.
    """

    def __init__(self, size: int = 8192, copy_bytes: int = 1 << 30, repeats: int = 20) -> None:
        self._size, self._copy_bytes, self._repeats = size, copy_bytes, repeats

    def macs(self, precision: str) -> Rate | None:
        """See `Probe`; fp32 without TF32."""
        import torch

        from engines.bench.torch_run import DTYPES

        torch.backends.cuda.matmul.allow_tf32 = False
        one = torch.randn((self._size, self._size), device="cuda").to(DTYPES[precision])
        out = torch.empty_like(one)
        taken = self._best_s(lambda: torch.matmul(one, one, out=out))
        return Rate(self._size**3 / taken, f"PyTorch {self._size}x{self._size} {precision}")

    def copied(self) -> Rate:
        """See `Probe`."""
        import torch

        source = torch.zeros(self._copy_bytes, dtype=torch.uint8, device="cuda")
        target = torch.empty_like(source)
        taken = self._best_s(lambda: target.copy_(source))
        return Rate(2 * self._copy_bytes / taken, f"PyTorch copy of {self._copy_bytes >> 20} MiB, read and written")

    def _best_s(self, work: Callable[[], object]) -> float:
        from engines.bench.torch_run import elapsed_ms

        return min(elapsed_ms(work) for _ in range(self._repeats)) / 1000


def probes(*, quick: bool = False) -> dict[str, Probe]:
    """The probes of this machine, by device."""
    found: dict[str, Probe] = {"cpu": CpuProbe(0.02, (256,), 1 << 22) if quick else CpuProbe()}
    if find_spec("torch"):
        import torch

        if torch.cuda.is_available():
            found["cuda"] = CudaProbe()
    return found


def least_s(work: Callable[[], object], seconds: float, clock: Clock = time.perf_counter) -> float:
    """The shortest of the times that `work` takes, called for some seconds and at least three times."""
    work()
    times: list[float] = []
    start = clock()
    while len(times) < 3 or clock() - start < seconds:
        begin = clock()
        work()
        times.append(clock() - begin)
    return min(times)


OPENVINO = {"fp32": "f32", "bf16": "bf16", "fp16": "f16"}


def _numpy_product(size: int, precision: str) -> Callable[[], object]:
    one = np.random.default_rng(0).random((size, size), np.float32)
    out = np.empty_like(one)
    return lambda: np.matmul(one, one, out=out)


def _openvino_product(size: int, precision: str) -> Callable[[], object]:
    """x @ w with constant w, as a network's layer is."""
    import openvino
    from openvino import opset13 as ops

    matrix = np.random.default_rng(0).random((size, size), np.float32)
    x = ops.parameter([size, size], openvino.Type.f32)
    model = openvino.Model([ops.matmul(x, ops.constant(matrix), False, False)], [x])
    settings = {"INFERENCE_PRECISION_HINT": OPENVINO[precision], "PERFORMANCE_HINT": "LATENCY"}
    request: Any = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
    return lambda: request.infer({0: matrix}, share_inputs=True, share_outputs=True)
