"""Runs the adapter against the real Python bindings of TensorRT 8.6, 10 or 11, without TensorRT itself.

`python tests/engines/bindings.py PRECISION ...`, with the bindings on PYTHONPATH and stubs of their libraries in
LD_LIBRARY_PATH (`tests.engines.stub_library`), builds and loads a plan through `engines.tensorrt_api` and prints what
it was told as JSON. Enumerations, loggers and monitors are the real classes; objects that only the library makes are
stand-ins that know the real class's members and check every call against its signature, as pybind11 does. What
is returned, and whether a GPU would be content, they cannot tell.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from engines.contract import INPUT, OUTPUT
from engines.errors import EngineError
from engines.progress import BuildProgress
from engines.tensorrt_api import Order, TensorRT
from engines.trt import TrtExecutor

FACTORIES = ("Builder", "Runtime", "OnnxParser")
SIMPLE: dict[str, type | tuple[type, ...]] = {
    "int": int,
    "typing.SupportsInt": int,
    "str": str,
    "bool": bool,
    "buffer": bytes,
    "typing_extensions.Buffer": bytes,
    "tuple": tuple,
    "list": list,
}
PICTURE = (64, 64, 3)


class Bindings:
    """The module, with stand-ins for what only the library makes; `calls` is what it was told, in order."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        return self.method(found, "__init__", lambda: StandIn(self, found)) if name in FACTORIES else found

    def method(self, owner: type, name: str, answer: Callable[[], Any] | None = None) -> Callable[..., Any]:
        """A function that takes what the real method takes, and gives something of the type that it gives."""
        signatures = _signatures(getattr(owner, name).__doc__, name)

        def call(*given: Any) -> Any:
            self.calls.append((f"{owner.__name__}.{name}", given))
            fitting = [result for kinds, result in signatures if self.fits(given, kinds)]
            if not fitting:
                raise TypeError(f"{owner.__name__}.{name}{given!r} fits none of {signatures}")
            return answer() if answer else self.answer(name, fitting[0], given)

        return call

    def fits(self, given: tuple[Any, ...], kinds: list[tuple[str, bool]]) -> bool:
        """Whether the arguments are as many as wanted, and each of its type."""
        needed = sum(not optional for _, optional in kinds)
        return needed <= len(given) <= len(kinds) and all(
            self.accepts(value, kind) for value, (kind, _) in zip(given, kinds, strict=False)
        )

    def accepts(self, value: Any, kind: str) -> bool:
        """Whether pybind11 takes this value for a parameter of this type."""
        if kind in SIMPLE:
            return isinstance(value, SIMPLE[kind]) and (kind == "bool" or not isinstance(value, bool))
        wanted = getattr(self.real, _last(kind))
        if wanted is self.real.Dims:
            return isinstance(value, tuple | list) and tuple(wanted(value)) == tuple(value)
        return isinstance(value, wanted) or (isinstance(value, StandIn) and issubclass(value.kind, wanted))

    def answer(self, name: str, kind: str, given: tuple[Any, ...]) -> Any:
        """Something of that type: a plan with our two tensors, no errors, success."""
        known: dict[str, Callable[[], Any]] = {
            "num_io_tensors": lambda: 2,
            "active_optimization_profile": lambda: -1,
            "get_tensor_name": lambda: (INPUT, OUTPUT)[given[0]],
            "get_tensor_mode": lambda: getattr(self.real.TensorIOMode, "INPUT" if given[0] == INPUT else "OUTPUT"),
            "get_tensor_profile_shape": lambda: [self.real.Dims((count, *PICTURE)) for count in (1, 1, 4)],
        }
        if name in known:
            return known[name]()
        simple: dict[str, Any] = {"int": 0, "bool": True, "str": "", "None": None}
        return simple[kind] if kind in simple else StandIn(self, getattr(self.real, _last(kind)))


class StandIn:
    """An object of a real class of the bindings."""

    def __init__(self, bindings: Bindings, kind: type) -> None:
        self.__dict__.update(kind=kind, bindings=bindings)

    kind: type
    bindings: Bindings

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.kind, name)
        if isinstance(member, property):
            return self.bindings.answer(name, str(member.fget.__doc__).split("->")[-1].strip(), ())
        return self.bindings.method(self.kind, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setter = getattr(self.kind, name).fset
        kind = str(setter.__doc__).split("arg1: ")[1].split(") ->")[0]
        if not self.bindings.accepts(value, kind):
            raise TypeError(f"{self.kind.__name__}.{name} = {value!r} is not {kind}")
        self.bindings.calls.append((f"{self.kind.__name__}.{name}", (value,)))

    def __bytes__(self) -> bytes:
        assert self.kind.__name__ == "IHostMemory"
        return b"plan"


def _signatures(text: str | None, name: str) -> list[tuple[list[tuple[str, bool]], str]]:
    """([(type of a parameter, whether it may be left away)] without self, type of the result) of each overload."""
    found = re.findall(rf"^(?:\d+\. )?{name}\(self: [^,)]+(?:, )?(.*)\) -> (.+)$", text or "", re.MULTILINE)
    assert found, f"{name} has no signature: {text}"
    return [([_parameter(part) for part in re.split(r", (?=\w+: )", told) if part], result) for told, result in found]


def _parameter(told: str) -> tuple[str, bool]:
    kind, _, default = told.split(": ", 1)[1].partition(" = ")
    return kind, bool(default)


def _last(kind: str) -> str:
    return re.split(r"\.|::", kind)[-1]


def report(precision: Any) -> dict[str, Any]:
    """Build and load through the adapter; what the bindings were told."""
    real = importlib.import_module("tensorrt_bindings")
    checked = Bindings(real)
    api = TensorRT("tensorrt", checked)
    plan = api.build(b"graph", Order(64, 4, precision, (), b"timing"), BuildProgress())
    executor = TrtExecutor(api, plan.data)
    executor.prepare(3, 0x7F00_0000_0000, 0x7F00_0010_0000, 0x5555_0000_0000)()
    told = dict(checked.calls)
    bits = told["Builder.create_network"][0]
    flags = real.NetworkDefinitionCreationFlag.__members__
    return {
        "version": real.__version__,
        "network": sorted(name for name, bit in flags.items() if bits & (1 << int(bit))),
        "flags": sorted(f"{call.split('.')[-1]} {given[0].name}" for call, given in checked.calls if "_flag" in call),
        "calls": sorted(told),
        "plan": [executor.size, executor.max_batch],
        "without a GPU": _refusal(real),
    }


def _refusal(real: Any) -> str:
    """What the adapter says where the real module's builder cannot be made."""
    try:
        TensorRT("tensorrt", real).build(b"graph", Order(64, 4, "fp16"), BuildProgress())
    except EngineError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    print(json.dumps({precision: report(precision) for precision in sys.argv[1:]}))
