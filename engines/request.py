"""What to build, and the key of the plan that answers it on this machine. Needs no `onnx`: loading asks it, too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engines.errors import EngineError
from engines.fingerprint import ANY_GPU, Key, Precision, system
from engines.gpu import Gpus
from engines.graph_file import sha256
from engines.parity import LEAST_PSNR_DB
from engines.tensorrt_api import RTX_CAPABILITIES, TensorRT


@dataclass(frozen=True)
class Request:
    """What to build.

    Attributes:
        precision: `fp32`; `fp16` where that keeps the picture; `best` lets the builder search longer as well.
        max_batch: most faces at once.
        capabilities: compute capabilities to build for, RTX only; () for this machine's GPU, all where there is none.
        rebuild: build even if a valid plan is there.
        force: keep a plan that draws something else than the CPU.
        least_psnr_db: what counts as something else.
    """

    precision: Precision = "fp16"
    max_batch: int = 4
    capabilities: tuple[str, ...] = ()
    rebuild: bool = False
    force: bool = False
    least_psnr_db: float = LEAST_PSNR_DB

    def __post_init__(self) -> None:
        if not 1 <= self.max_batch <= 64:
            raise EngineError(f"the largest batch must be 1 to 64, got {self.max_batch}")


def key_for(path: Path, size: int, api: TensorRT, gpus: Gpus, request: Request) -> Key:
    """The key of the plan that this request asks for on this machine.

    Raises:
        EngineError: the request cannot be met here.
    """
    return Key(
        graph_sha256=sha256(path),
        flavour=api.flavour,
        version=api.version,
        gpu=ANY_GPU if api.flavour == "rtx" or not gpus.found else gpus.found[0].name,
        capabilities=_capabilities(api, gpus, request),
        system=system(),
        precision=request.precision,
        max_batch=request.max_batch,
        size=size,
    )


def _capabilities(api: TensorRT, gpus: Gpus, request: Request) -> tuple[str, ...]:
    own = gpus.found[0].capability if gpus.found else None
    if api.flavour == "rtx":
        wanted = request.capabilities or ((own,) if own else RTX_CAPABILITIES)
        if unknown := [capability for capability in wanted if capability not in RTX_CAPABILITIES]:
            raise EngineError(
                f"{api.name} does not build for compute capability {', '.join(unknown)}: it knows "
                f"{', '.join(RTX_CAPABILITIES)}; use --flavour tensorrt on a machine with that GPU"
            )
        return tuple(sorted(set(wanted), key=float))
    if own is None:
        raise EngineError(
            f"{api.name} builds on the GPU that will run the plan, and there is none ({gpus.problem}): "
            "--flavour rtx builds without one"
        )
    if request.capabilities not in ((), (own,)):
        raise EngineError(
            f"{api.name} builds for this machine's compute capability {own} only, not for "
            f"{', '.join(request.capabilities)}: use --flavour rtx, or build there"
        )
    return (own,)
