"""How far a runtime is from what its device can do: the roofline of the graph (Williams et al., 2009).

A call cannot be faster than its multiply-accumulates at the highest rate at which the device multiplies matrices, nor
than its weights and pictures at the rate at which it copies memory. Both rates are measured here, on this device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engines.bench.probe import Rates
from engines.bench.timing import Result

if TYPE_CHECKING:
    from engines.bench.count import Work

BYTES = {"fp32": 4, "fp16": 2, "bf16": 2}


@dataclass(frozen=True)
class Limit:
    """One result beside the limit of its device; times in milliseconds per call.

    Attributes:
        name, precision, device, batch: of the result.
        gmac: 10^9 multiply-accumulates per call.
        arithmetic_ms: them at the measured matrix rate.
        memory_ms: weights and pictures at the measured bandwidth.
        layers_ms: the same with every layer's input and output: what a runtime takes whose caches keep nothing. No
            bound, since caches do keep something.
        bound_ms: the larger of arithmetic_ms and memory_ms.
        reached_ms: the measured median: on the device alone where the runtime tells that apart, else of whole calls.
        share: bound_ms / reached_ms.
    """

    name: str
    precision: str
    device: str
    batch: int
    gmac: float
    arithmetic_ms: float
    memory_ms: float
    layers_ms: float
    bound_ms: float
    reached_ms: float
    share: float


def limits(results: Sequence[Result], work: dict[int, Work], rates: Rates) -> list[Limit]:
    """The results whose device was measured, beside its limit.

    Args:
        results: see `engines.bench.timing.measure`.
        work: by batch.
        rates: see `engines.bench.probe.probe`.
    """
    known = [result for result in results if (result.device, result.precision) in rates.macs and result.batch in work]
    return [_limit(result, work[result.batch], rates) for result in known]


def _limit(result: Result, work: Work, rates: Rates) -> Limit:
    width, bandwidth = BYTES[result.precision], rates.copied[result.device].per_second
    arithmetic_ms = 1000 * work.macs / rates.macs[result.device, result.precision].per_second
    memory_ms = 1000 * work.least_bytes(width) / bandwidth
    bound_ms = max(arithmetic_ms, memory_ms)
    reached_ms = (result.stages["compute"] if result.stages else result.latency).median
    return Limit(
        name=result.name,
        precision=result.precision,
        device=result.device,
        batch=result.batch,
        gmac=work.macs / 1e9,
        arithmetic_ms=arithmetic_ms,
        memory_ms=memory_ms,
        layers_ms=1000 * work.layer_bytes(width) / bandwidth,
        bound_ms=bound_ms,
        reached_ms=reached_ms,
        share=bound_ms / reached_ms,
    )
