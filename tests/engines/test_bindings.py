"""The adapter against the real Python bindings of TensorRT 8.6, 10 and 11, loaded without their libraries."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.engines.bindings import Bindings, StandIn
from tests.engines.stub_library import write_stub

ROOT = Path(__file__).parents[2]
WHEELS = Path(sys.prefix) / "wheels"
"""Where `make test` puts them (requirements-wheels.txt)."""
LIBRARIES = ("libnvinfer", "libnvinfer_plugin", "libnvonnxparser", "libnvparsers")
FUNCTIONS = (
    "createInferBuilder_INTERNAL",
    "createInferRefitter_INTERNAL",
    "createInferRuntime_INTERNAL",
    "createNvOnnxParser_INTERNAL",
    "createNvOnnxParserRefitter_INTERNAL",
    "getNvOnnxParserVersion",
    "getBuilderPluginRegistry",
    "getPluginRegistry",
    "initLibNvInferPlugins",
    # Only 8.6's: the parsers of UFF and Caffe.
    "_ZN11nvuffparser15createUffParserEv",
    "_ZN11nvuffparser8FieldMapC1EPKcPKvNS_9FieldTypeEi",
    "_ZN14nvcaffeparser117createCaffeParserEv",
    "_ZN14nvcaffeparser123shutdownProtobufLibraryEv",
)
PRECISIONS = ("fp32", "fp16", "best")


def told(version: str, folder: Path) -> dict[str, dict[str, Any]]:
    """What these bindings are told by a build and a load, by precision; all are one package, so each has a process."""
    found = sorted(WHEELS.glob(f"tensorrt_*bindings-{version}.*.whl"))
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip("the stubs of TensorRT's libraries are for Linux on x86-64")
    if not found:
        pytest.skip(
            f"no bindings of TensorRT {version} in {WHEELS}: `make test` fetches them (requirements-wheels.txt)"
        )
    with zipfile.ZipFile(found[-1]) as wheel:
        wheel.extractall(folder)
    for library in LIBRARIES:
        write_stub(folder / f"{library}.so.{version.split('.')[0]}", FUNCTIONS)
    environment = {**os.environ, "PYTHONPATH": str(folder), "LD_LIBRARY_PATH": str(folder)}
    command = [sys.executable, "tests/engines/bindings.py", *PRECISIONS]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    values: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return values


Flags = tuple[list[str], list[str]]
WEAK: Flags = ([], ["set_flag FP16"])
STRONG: Flags = (["STRONGLY_TYPED"], [])
EXACT = (["STRONGLY_TYPED"], ["clear_flag TF32"])
EIGHT = (["EXPLICIT_BATCH"], ["set_flag FP16"])


@pytest.mark.parametrize(
    ("version", "flags"),
    [
        ("8.6", [(["EXPLICIT_BATCH"], ["clear_flag TF32"]), EIGHT, EIGHT]),
        ("10", [EXACT, STRONG, WEAK]),
        ("11", [EXACT, STRONG, STRONG]),
    ],
)
def test_every_call_fits_the_real_signatures(version: str, flags: list[Flags], tmp_path: Path) -> None:
    said = told(version, tmp_path)
    assert [(said[precision]["network"], said[precision]["flags"]) for precision in PRECISIONS] == flags
    for precision, one in said.items():
        assert one["version"].startswith(f"{version}.")
        assert one["plan"] == [64, 4]
        expected = {"OnnxParser.parse", "Builder.build_serialized_network", "IBuilderConfig.set_timing_cache"}
        run = {"IExecutionContext.set_optimization_profile_async", "IExecutionContext.execute_async_v3"}
        assert expected | run <= set(one["calls"])
        assert ("IBuilderConfig.set_preview_feature" in one["calls"]) is (version == "8.6")
        assert ("IBuilderConfig.progress_monitor" in one["calls"]) is (version != "8.6")
        assert ("IBuilderConfig.builder_optimization_level" in one["calls"]) is (precision == "best")
        assert "needs an NVIDIA GPU" in one["without a GPU"]


class Plug:
    """A class with documentation as pybind11 writes it."""

    def turn(self) -> None:
        """turn(self: bindings.Plug, times: typing.SupportsInt, name: str = None) -> bool"""


@pytest.mark.parametrize(
    ("given", "fits"), [((1,), True), ((1, "a"), True), ((), False), (("a",), False), ((True,), False), ((1, 2), False)]
)
def test_a_call_that_pybind11_would_refuse_is_refused(given: tuple[Any, ...], fits: bool) -> None:
    bindings = Bindings(SimpleNamespace(Plug=Plug))
    call = StandIn(bindings, Plug).turn
    if fits:
        assert call(*given) is True
    else:
        with pytest.raises(TypeError, match="fits none of"):
            call(*given)
    with pytest.raises(AttributeError):
        _ = StandIn(bindings, Plug).twist
