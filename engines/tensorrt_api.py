"""One adapter over the versions of TensorRT: 8.6, 10, 11 and TensorRT for RTX.

What differs: 8.6 knows no strong typing and no progress monitor and wants EXPLICIT_BATCH; 10 has both ways; 11 and RTX
are strongly typed, so every precision comes from the graph; RTX builds for compute capabilities without having the
GPU. The bits behind flag names differ between versions: nothing here writes a number for one.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Literal

from engines.contract import INPUT
from engines.errors import EngineError
from engines.fingerprint import Precision
from engines.listeners import error_log, monitor
from engines.progress import BuildProgress

Flavour = Literal["tensorrt", "rtx"]
MODULES: dict[Flavour, tuple[str, ...]] = {
    "tensorrt": ("tensorrt", "tensorrt_bindings"),
    "rtx": ("tensorrt_rtx", "tensorrt_rtx_bindings"),
}
INSTALL: dict[Flavour, str] = {
    "tensorrt": "pip install tensorrt-cu13 (or tensorrt-cu12 for drivers of CUDA 12)",
    "rtx": "pip install tensorrt-rtx-cu13-libs==1.7.1.116 tensorrt-rtx-cu13-bindings==1.7.1.116",
}
RTX_CAPABILITIES = ("7.5", "8.0", "8.6", "8.9", "12.0", "12.1")
"""What TensorRT for RTX 1.7 builds for: Turing to Blackwell, not Hopper (9.0)."""


@dataclass(frozen=True)
class Order:
    """What to build from a graph that keeps the contract.

    Attributes:
        size: side of the pictures in pixels.
        max_batch: the plan takes 1 .. max_batch pictures and is tuned for 1, the usual number of faces.
        precision: already written into the graph; here it only sets what the builder may add.
        capabilities: compute capabilities, RTX only; () for the GPU of this machine.
        timing: timing cache of an earlier build.
    """

    size: int
    max_batch: int
    precision: Precision
    capabilities: tuple[str, ...] = ()
    timing: bytes = b""


@dataclass(frozen=True)
class Plan:
    """A serialized engine, the timing cache to keep for the next build, and the settings, for people."""

    data: bytes
    timing: bytes
    flags: tuple[str, ...]


class TensorRT:
    """One installed flavour of TensorRT.

    Args:
        flavour: which one.
        module: its Python module; imported by name when None.

    Raises:
        EngineError: it is not installed or cannot be loaded; the message names the command that installs it.
    """

    def __init__(self, flavour: Flavour, module: Any = None) -> None:
        self.flavour = flavour
        self._trt: Any = module or _import(flavour)
        self.version = str(self._trt.__version__)
        self.major = int(self.version.split(".")[0])
        self._log = error_log(self._trt)

    @property
    def name(self) -> str:
        """For people: `TensorRT 10.16.1` or `TensorRT for RTX 1.7.1`."""
        label = "TensorRT for RTX" if self.flavour == "rtx" else "TensorRT"
        return f"{label} {'.'.join(self.version.split('.')[:3])}"

    @property
    def opset(self) -> int | None:
        """Newest ONNX opset that its parser reads; None where that is newer than what exporters write."""
        return 17 if self.major == 8 else None

    def supports(self, capability: str) -> bool:
        """Whether this flavour knows GPUs of that compute capability; the full TensorRT is asked when it builds."""
        return self.flavour == "tensorrt" or capability in RTX_CAPABILITIES

    def build(self, graph: bytes, order: Order, progress: BuildProgress) -> Plan:
        """Build a plan; blocks until done, or until `progress.cancelled` is set.

        Args:
            graph: serialized ONNX that keeps the contract, prepared by `engines.prepare`.
            order: see `Order`.
            progress: told how far it is, from this thread, where this version reports progress.

        Raises:
            EngineError: the graph cannot be parsed or built, there is no GPU, or the build was cancelled.
        """
        builder = self._builder()
        network = builder.create_network(self._network_flags(order.precision))
        self._parse(network, graph)
        config = builder.create_builder_config()
        flags = self._set_flags(config, order)
        self._add_profile(builder, network, config, order)
        timing = self._set_timing(config, order.timing)
        if hasattr(self._trt, "IProgressMonitor"):
            config.progress_monitor = monitor(self._trt, progress)
        plan = builder.build_serialized_network(network, config)
        if progress.cancelled.is_set():
            raise EngineError("the build was cancelled")
        if plan is None:
            raise EngineError(f"{self.name} could not build the graph: {self._reason()}")
        return Plan(bytes(plan), bytes(timing.serialize()) if timing is not None else b"", flags)

    def load(self, plan: bytes) -> tuple[Any, Any]:
        """(runtime, engine) of a plan; the runtime must outlive the engine.

        Raises:
            EngineError: the plan is damaged or was built for another GPU or version.
        """
        self._log.clear()
        runtime = self._trt.Runtime(self._log)
        engine = runtime.deserialize_cuda_engine(plan)
        if engine is None:
            raise EngineError(f"{self.name} cannot load the plan: {self._reason()}; build it again")
        return runtime, engine

    def io(self, engine: Any) -> list[tuple[str, bool]]:
        """(name, is an input) of each tensor that goes in or out."""
        names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
        return [(name, engine.get_tensor_mode(name) == self._trt.TensorIOMode.INPUT) for name in names]

    def _builder(self) -> Any:
        self._log.clear()
        try:
            return self._trt.Builder(self._log)
        except (TypeError, RuntimeError):  # pybind11: "factory function returned nullptr".
            raise EngineError(
                f"{self.name} cannot build on this machine ({self._reason()}): it needs an NVIDIA GPU with its "
                "driver; without one, --flavour rtx builds ahead of time"
            ) from None

    def _network_flags(self, precision: Precision) -> int:
        flags = self._trt.NetworkDefinitionCreationFlag.__members__
        wanted = ["EXPLICIT_BATCH"] if self.major == 8 else ["STRONGLY_TYPED"]
        if self.major == 10 and self.flavour == "tensorrt" and precision == "best":
            wanted = []  # Weak typing: the builder times float16 against float32 layer by layer.
        return sum(1 << int(flags[name]) for name in wanted)

    def _parse(self, network: Any, graph: bytes) -> None:
        parser = self._trt.OnnxParser(network, self._log)
        if not parser.parse(graph):
            told = [parser.get_error(index).desc() for index in range(parser.num_errors)] or [self._reason()]
            raise EngineError(f"{self.name} cannot read the graph: {' '.join(told[0].split())[:300]}")

    def _set_flags(self, config: Any, order: Order) -> tuple[str, ...]:
        members = self._trt.BuilderFlag.__members__
        chosen: list[str] = []
        if self.major == 8:  # Several contexts of one plan, see `TrtExecutor`; from version 10 on that is always so.
            config.set_preview_feature(self._trt.PreviewFeature.PROFILE_SHARING_0806, True)
        weak = self.major == 8 or (self.major == 10 and self.flavour == "tensorrt" and order.precision == "best")
        if weak and order.precision != "fp32":
            config.set_flag(members["FP16"])
            chosen.append("FP16")
        if order.precision == "fp32" and "TF32" in members:
            config.clear_flag(members["TF32"])
            chosen.append("-TF32")
        if order.precision == "best" and self.flavour == "tensorrt":
            config.builder_optimization_level = 5
            chosen.append("optimization level 5")
        if self.flavour == "rtx" and order.capabilities:
            self._set_capabilities(config, order.capabilities)
        return tuple(chosen)

    def _set_capabilities(self, config: Any, capabilities: tuple[str, ...]) -> None:
        known = self._trt.ComputeCapability.__members__
        config.num_compute_capabilities = len(capabilities)
        for index, capability in enumerate(capabilities):
            name = f"SM{capability.replace('.', '')}"
            if name not in known:
                raise EngineError(
                    f"{self.name} does not build for compute capability {capability}: "
                    f"it knows {', '.join(RTX_CAPABILITIES)}; use --flavour tensorrt on a machine with that GPU"
                )
            config.set_compute_capability(known[name], index)

    def _add_profile(self, builder: Any, network: Any, config: Any, order: Order) -> None:
        profile = builder.create_optimization_profile()
        picture = (order.size, order.size, 3)
        profile.set_shape(INPUT, (1, *picture), (1, *picture), (order.max_batch, *picture))
        if config.add_optimization_profile(profile) < 0:
            raise EngineError(f"{self.name} refuses batches of 1 to {order.max_batch}: {self._reason()}")

    def _set_timing(self, config: Any, stored: bytes) -> Any:
        """The timing cache in use; None for RTX, which times on the user's GPU instead."""
        if self.flavour == "rtx":
            return None
        timing = config.create_timing_cache(stored)
        if not config.set_timing_cache(timing, False):  # Of another GPU or version: start afresh.
            timing = config.create_timing_cache(b"")
            config.set_timing_cache(timing, False)
        return timing

    def _reason(self) -> str:
        return self._log.first or self._log.warning or "no reason given"


def installed() -> dict[Flavour, TensorRT | EngineError]:
    """Each flavour, or why it cannot be used."""
    found: dict[Flavour, TensorRT | EngineError] = {}
    for flavour in MODULES:
        try:
            found[flavour] = TensorRT(flavour)
        except EngineError as error:
            found[flavour] = error
    return found


def _import(flavour: Flavour) -> Any:
    problems: list[str] = []
    for name in MODULES[flavour]:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                problems.append(str(error))
        except (ImportError, OSError, RuntimeError) as error:  # A library is missing, or is a stub.
            problems.append(" ".join(str(error).split())[:200])
    reason = problems[0] if problems else "not installed"
    raise EngineError(f"{flavour} cannot be used ({reason}): {INSTALL[flavour]}")
