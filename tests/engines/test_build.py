"""Building: from the cache or fresh, mended, compared, cancelled; with a fake TensorRT and with the real RTX one."""

from __future__ import annotations

import _thread
import dataclasses
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import onnx
import pytest

from engines import EngineError
from engines.build import Built, build
from engines.cache import Cache, sidecar_path
from engines.fingerprint import Precision
from engines.parity import Parity
from engines.prepare import Contracted, contracted
from engines.request import Request
from engines.tensorrt_api import TensorRT, installed
from engines.wrap import Wishes
from tests.engines.fakes import H200, NONE, RTX4090, FakeTensorRT
from tests.graphs import make_graph


@pytest.fixture
def graph(tmp_path: Path) -> Contracted:
    return contracted(make_graph(tmp_path / "g.onnx", 64, "convolution"), Wishes())


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "engines")


def trt(version: str = "10.0.0") -> TensorRT:
    return TensorRT("tensorrt", FakeTensorRT(version))


def rtx() -> TensorRT:
    api = installed()["rtx"]
    if isinstance(api, EngineError):
        pytest.skip(str(api))
    return api


def test_a_second_build_finds_the_first(graph: Contracted, cache: Cache) -> None:
    first = build(graph, Request(), trt(), H200, cache)
    second = build(graph, Request(), trt(), H200, cache)
    assert (first.fresh, second.fresh) == (True, False)
    assert second.sidecar == first.sidecar
    assert first.sidecar.key.gpu == "NVIDIA H200"
    assert first.sidecar.parity
    assert first.sidecar.parity["rewritten graph on the CPU"]["psnr_db"] > 40


@pytest.mark.parametrize("what", ["graph", "version", "gpu", "plan", "sidecar", "precision"])
def test_whatever_changes_is_built_again(graph: Contracted, cache: Cache, what: str, tmp_path: Path) -> None:
    first = build(graph, Request(), trt(), H200, cache)
    request, api, gpus = Request(), trt(), H200
    if what == "graph":
        graph = contracted(make_graph(graph.path, 64, "invert"), Wishes())
    elif what == "version":
        api = trt("10.1.0")
    elif what == "gpu":
        gpus = RTX4090
    elif what == "precision":
        request = Request("fp32")
    elif what == "plan":
        first.plan.write_bytes(first.plan.read_bytes()[:10])
    else:
        path = sidecar_path(first.plan)
        path.write_text(path.read_text().replace("10.0.0", "9.9.9"))
    again = build(graph, request, api, gpus, cache)
    assert again.fresh
    assert cache.problem(again.plan, again.sidecar.key) is None
    assert not build(graph, request, api, gpus, cache).fresh


@pytest.mark.parametrize(("version", "opset"), [("8.6.1", 17), ("10.0.0", 18)])
def test_the_parser_gets_an_opset_that_it_reads(
    version: str, opset: int, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = onnx.load(str(make_graph(tmp_path / "g.onnx", 64, "convolution")))
    newer = onnx.version_converter.convert_version(model, 18)
    onnx.save(newer, str(tmp_path / "newer.onnx"))
    told: list[bytes] = []
    api = trt(version)
    monkeypatch.setattr(api, "_parse", lambda network, graph: told.append(graph))
    fake: FakeTensorRT = api._trt
    fake.told["graph"] = ""
    build(contracted(tmp_path / "newer.onnx", Wishes()), Request(), api, H200, cache)
    assert onnx.load_from_string(told[0]).opset_import[0].version == opset


def test_the_timing_cache_is_kept_for_the_next_build(graph: Contracted, cache: Cache) -> None:
    fake = FakeTensorRT("10.0.0")
    build(graph, Request(), TensorRT("tensorrt", fake), H200, cache)
    build(graph, Request(rebuild=True), TensorRT("tensorrt", fake), H200, cache)
    assert fake.told["timing"] == [b"", b"timing"]


def test_progress_reaches_the_watcher(graph: Contracted, cache: Cache) -> None:
    seen: list[tuple[float, str, float]] = []
    build(graph, Request(), trt(), H200, cache, lambda *told: seen.append(told))
    shares = [share for share, _, _ in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(seconds >= 0 for _, _, seconds in seen)


def test_an_engine_that_draws_something_else_is_refused_unless_forced(graph: Contracted, cache: Cache) -> None:
    bad = Parity(20.0, 200, 4, "portraits")
    with pytest.raises(EngineError, match=r"20\.0 dB.*--force"):
        build(graph, Request(), trt(), H200, cache, measure=lambda api, plan: bad)
    assert not list(cache.folder.glob("*.plan"))
    built = build(graph, Request(force=True), trt(), H200, cache, measure=lambda api, plan: bad)
    assert built.sidecar.parity
    assert built.sidecar.parity["engine on the GPU"]["psnr_db"] == 20.0


def test_ctrl_c_stops_the_builder_and_leaves_nothing(graph: Contracted, cache: Cache) -> None:
    fake = FakeTensorRT("10.0.0")
    steps: list[int] = []
    pressed = threading.Event()

    def step(index: int) -> None:
        steps.append(index)
        if index == 3:
            _thread.interrupt_main()
            pressed.wait(0.5)

    fake.step = step
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore Ctrl-C
    try:
        with pytest.raises(KeyboardInterrupt):
            build(graph, Request(), TensorRT("tensorrt", fake), H200, cache)
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(steps) < 20
    assert not [entry for entry in cache.folder.iterdir() if not entry.name.endswith(".lock")]
    assert build(graph, Request(), trt(), H200, cache).fresh


def test_tensorrt_without_a_gpu_names_the_way_out(graph: Contracted, cache: Cache) -> None:
    with pytest.raises(EngineError, match=r"no NVIDIA driver.*--flavour rtx"):
        build(graph, Request(), trt(), NONE, cache)


def test_tensorrt_builds_for_its_own_gpu_only(graph: Contracted, cache: Cache) -> None:
    with pytest.raises(EngineError, match=r"9\.0 only"):
        build(graph, Request(capabilities=("8.6",)), trt(), H200, cache)


@pytest.mark.parametrize("count", [0, 65])
def test_silly_batches_are_refused(count: int) -> None:
    with pytest.raises(EngineError, match="1 to 64"):
        Request(max_batch=count)


@pytest.mark.rtx
def test_rtx_refuses_hopper_by_name(graph: Contracted, cache: Cache) -> None:
    with pytest.raises(EngineError, match=r"9\.0.*--flavour tensorrt"):
        build(graph, Request(capabilities=("9.0",)), rtx(), NONE, cache)


def checked(built: Built, capabilities: tuple[str, ...], cache: Cache) -> None:
    """What must be true of a plan that was really built."""
    values = json.loads(sidecar_path(built.plan).read_text())
    assert tuple(values["key"]["capabilities"]) == capabilities
    assert values["plan_bytes"] == built.plan.stat().st_size
    assert built.plan.read_bytes()[4:].startswith(b"trt") or b"trt" in built.plan.read_bytes()[:64]
    assert cache.problem(built.plan, built.sidecar.key) is None


@pytest.mark.rtx
@pytest.mark.parametrize("precision", ["fp16", "fp32", "best"])
def test_rtx_really_builds_without_a_gpu(graph: Contracted, cache: Cache, precision: Precision) -> None:
    api = rtx()
    request = dataclasses.replace(Request(capabilities=("8.6", "8.9", "12.0")), precision=precision)
    shares: list[float] = []
    built = build(graph, request, api, NONE, cache, lambda share, label, seconds: shares.append(share))
    checked(built, ("8.6", "8.9", "12.0"), cache)
    assert any(share > 0 for share in shares)
    assert not build(graph, request, api, NONE, cache).fresh


RELEASED = sorted((Path(__file__).parents[2] / "models").glob("*.onnx"))


@pytest.mark.rtx
@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.name)
def test_rtx_builds_every_released_graph_for_ampere_ada_and_blackwell(path: Path, cache: Cache) -> None:
    capabilities = ("8.6", "8.9", "12.0")
    built = build(contracted(path, Wishes()), Request(capabilities=capabilities), rtx(), NONE, cache)
    checked(built, capabilities, cache)
    assert built.sidecar.parity
    assert built.sidecar.parity["rewritten graph on the CPU"]["psnr_db"] > 45


@pytest.mark.rtx
def test_half_a_plan_is_no_plan(graph: Contracted, cache: Cache) -> None:
    """fp16 weights make a smaller plan: the precision really went in."""
    api = rtx()
    sizes = {}
    for precision in ("fp32", "fp16"):
        request = dataclasses.replace(Request(capabilities=("8.9",)), precision=precision)
        sizes[precision] = build(graph, request, api, NONE, cache).sidecar.plan_bytes
    assert sizes["fp16"] < sizes["fp32"]


RACE = """
import sys
from pathlib import Path
from engines.build import build
from engines.cache import Cache
from engines.gpu import Gpus
from engines.prepare import contracted
from engines.request import Request
from engines.tensorrt_api import TensorRT
from engines.wrap import Wishes
graph = contracted(Path(sys.argv[1]), Wishes())
built = build(graph, Request(capabilities=("8.6",)), TensorRT("rtx"), Gpus(), Cache(sys.argv[2]))
print("fresh" if built.fresh else "found")
"""


@pytest.mark.rtx
def test_two_processes_build_once(graph: Contracted, cache: Cache) -> None:
    rtx()
    command = [sys.executable, "-c", RACE, str(graph.path), str(cache.folder)]
    root = Path(__file__).parents[2]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) for _ in range(2)]
    said = sorted(racer.communicate(timeout=120)[0].strip() for racer in racers)
    assert said == ["found", "fresh"]
    assert len(list(cache.folder.glob("*.plan"))) == 1
