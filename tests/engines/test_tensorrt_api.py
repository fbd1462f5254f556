"""One adapter, four TensorRTs: what each version is told, and the real TensorRT for RTX where it is installed.

The real bindings of 8.6, 10 and 11 are in test_bindings.py.
"""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from engines import EngineError
from engines.progress import BuildProgress
from engines.tensorrt_api import Flavour, Order, TensorRT, installed
from tests.engines.fakes import FakeTensorRT


def build(fake: FakeTensorRT, flavour: Flavour = "tensorrt", **changes: Any) -> dict[str, Any]:
    order = Order(**{"size": 64, "max_batch": 4, "precision": "fp16", **changes})
    TensorRT(flavour, fake).build(b"graph", order, BuildProgress())
    return fake.told


@pytest.mark.parametrize(
    ("version", "precision", "network", "flags"),
    [
        ("8.6.1", "fp32", {"EXPLICIT_BATCH"}, {"-TF32"}),
        ("8.6.1", "fp16", {"EXPLICIT_BATCH"}, {"+FP16"}),
        ("10.16.1.11", "fp32", {"STRONGLY_TYPED"}, {"-TF32"}),
        ("10.16.1.11", "fp16", {"STRONGLY_TYPED"}, set()),
        ("10.16.1.11", "best", set(), {"+FP16"}),
        ("11.4.0.106", "fp16", {"STRONGLY_TYPED"}, set()),
        ("11.4.0.106", "best", {"STRONGLY_TYPED"}, set()),
    ],
)
def test_precision_is_said_as_each_version_wants_it(
    version: str, precision: str, network: set[str], flags: set[str]
) -> None:
    fake = FakeTensorRT(version)
    told = build(fake, precision=precision)
    assert told["network"] == network
    members = fake.BuilderFlag.__members__
    assert told["flags"] == {(flag[0], int(members[flag[1:]])) for flag in flags}


def test_the_profile_runs_from_one_to_the_largest_batch() -> None:
    told = build(FakeTensorRT("10.0.0"), max_batch=8)
    assert told["profile"] == ("image", (1, 64, 64, 3), (1, 64, 64, 3), (8, 64, 64, 3))


@pytest.mark.parametrize(("version", "asked"), [("8.6.1", True), ("10.0.0", False), ("11.4.0", False)])
def test_contexts_share_the_profile_also_where_that_must_be_asked_for(version: str, asked: bool) -> None:
    fake = FakeTensorRT(version)
    told = build(fake)
    assert told.get("preview") == ((int(fake.PreviewFeature.PROFILE_SHARING_0806), True) if asked else None)


@pytest.mark.parametrize(("version", "monitored"), [("8.6.1", False), ("10.0.0", True), ("11.4.0", True)])
def test_progress_is_asked_for_where_there_is_any(version: str, monitored: bool) -> None:
    assert build(FakeTensorRT(version))["monitored"] is monitored


def test_a_timing_cache_is_used_again_unless_it_is_of_another_gpu() -> None:
    assert build(FakeTensorRT("10.0.0"), timing=b"old")["timing"] == [b"old"]
    assert build(FakeTensorRT("10.0.0", timing_matches=False), timing=b"old")["timing"] == [b"old", b""]
    assert build(FakeTensorRT("1.7.1", rtx=True), "rtx")["timing"] == []


def test_rtx_is_told_the_capabilities() -> None:
    fake = FakeTensorRT("1.7.1.116", rtx=True)
    told = build(fake, "rtx", capabilities=("8.6", "12.0"))
    members = fake.ComputeCapability.__members__
    assert told["capabilities"] == {0: int(members["SM86"]), 1: int(members["SM120"])}
    with pytest.raises(EngineError, match=r"9\.0.*--flavour tensorrt"):
        build(FakeTensorRT("1.7.1", rtx=True), "rtx", capabilities=("9.0",))


@pytest.mark.parametrize("version", ["8.6.1", "10.0.0"])  # 8.6 tells it in a warning.
def test_without_a_gpu_the_reason_and_the_way_out_are_told(version: str) -> None:
    with pytest.raises(EngineError, match=r"error: 35.*--flavour rtx") as caught:
        build(FakeTensorRT(version, gpu=False))
    assert "\n" not in str(caught.value)


def test_a_graph_that_cannot_be_read_is_one_line() -> None:
    api = TensorRT("tensorrt", FakeTensorRT("10.0.0"))
    with pytest.raises(EngineError, match="Invalid Node - /Transpose"):
        api.build(b"broken", Order(64, 4, "fp16"), BuildProgress())


def test_a_missing_flavour_names_the_command() -> None:
    missing = [error for error in installed().values() if isinstance(error, EngineError)]
    assert all("pip install" in str(error) for error in missing)


def test_a_library_that_does_not_load_is_told_apart_from_one_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(name: str) -> Any:
        raise ImportError("libnvinfer.so.10: cannot open shared object file")

    monkeypatch.setattr(importlib, "import_module", no_library)
    with pytest.raises(EngineError, match=r"libnvinfer\.so\.10.*pip install"):
        TensorRT("tensorrt")


@pytest.mark.rtx
def test_real_rtx_reads_its_own_errors() -> None:
    api = installed()["rtx"]
    if isinstance(api, EngineError):
        pytest.skip(str(api))
    with pytest.raises(EngineError, match="cannot read the graph"):
        api.build(b"no graph", Order(64, 4, "fp16", ("8.6",)), BuildProgress())
    with pytest.raises(EngineError, match="cannot load the plan"):
        api.load(b"no plan" * 100)
