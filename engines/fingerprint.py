"""What a plan was built from and for: the key of the cache and the JSON sidecar beside each plan."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engines.errors import EngineError

Precision = Literal["fp32", "fp16", "best"]
PRECISIONS: tuple[Precision, ...] = ("fp32", "fp16", "best")
REWRITE = 1
"""Raise it when the passes over the graph (surgery, precision) change their result: old plans are then rebuilt."""
ANY_GPU = "any"


@dataclass(frozen=True)
class Key:
    """Everything that makes one plan differ from another.

    Attributes:
        graph_sha256: of the ONNX file that was asked for.
        flavour: `tensorrt` or `rtx`.
        version: of TensorRT.
        gpu: name of the GPU; `any` for plans that are compiled on the GPU when they are loaded (RTX).
        capabilities: compute capabilities it runs on, such as ("8.6", "8.9"), sorted.
        system: operating system and processor, such as `linux-x86_64`.
        precision, max_batch, size: as asked for.
        rewrite: see `REWRITE`.
    """

    graph_sha256: str
    flavour: str
    version: str
    gpu: str
    capabilities: tuple[str, ...]
    system: str
    precision: Precision
    max_batch: int
    size: int
    rewrite: int = REWRITE

    def digest(self) -> str:
        """16 hexadecimal digits that stand for the key in file names."""
        text = json.dumps(dataclasses.asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def differences(self, wanted: Key) -> list[str]:
        """Where this key differs from the wanted one, one phrase each."""
        pairs = zip(dataclasses.asdict(self).items(), dataclasses.asdict(wanted).values(), strict=True)
        return [f"{name} is {_told(mine)}, not {_told(other)}" for (name, mine), other in pairs if mine != other]

    def serves(self, wanted: Key) -> bool:
        """Whether a plan of this key runs where the wanted one would; precision and largest batch may differ."""
        alike = dataclasses.replace(
            self, precision=wanted.precision, max_batch=wanted.max_batch, capabilities=wanted.capabilities
        )
        return alike == wanted and set(wanted.capabilities) <= set(self.capabilities)


@dataclass(frozen=True)
class Sidecar:
    """The JSON file beside a plan.

    Attributes:
        key: see `Key`.
        graph: name of the graph's file, for people.
        plan_sha256, plan_bytes: of the plan; a truncated or replaced plan does not match.
        built_at: UTC, ISO 8601.
        build_seconds: how long the build took.
        flags: settings of the builder, for people.
        parity: figures of the comparison with the CPU runtime (`engines.parity`), None where it could not be made.
    """

    key: Key
    graph: str
    plan_sha256: str
    plan_bytes: int
    built_at: str
    build_seconds: float
    flags: tuple[str, ...] = ()
    parity: dict[str, Any] | None = None

    def to_json(self) -> str:
        """Text of the file."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"


def read_sidecar(path: Path) -> Sidecar:
    """Read a sidecar back.

    Raises:
        EngineError: it is missing or not what `Sidecar.to_json` wrote.
    """
    try:
        values = json.loads(path.read_text("utf-8"))
        key = {**values.pop("key")}
        key["capabilities"] = tuple(key["capabilities"])
        return Sidecar(**{**values, "flags": tuple(values.get("flags", ()))}, key=Key(**key))
    except OSError as error:
        raise EngineError(f"the sidecar {path} cannot be read ({error.strerror})") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise EngineError(f"the sidecar {path} is damaged ({type(error).__name__})") from None


def system() -> str:
    """Operating system and processor of this machine, such as `linux-x86_64`."""
    return f"{platform.system()}-{platform.machine()}".lower()


def _told(value: object) -> str:
    return "+".join(value) if isinstance(value, list | tuple) else str(value)[:16]
