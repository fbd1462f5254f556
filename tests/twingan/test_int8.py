"""A graph gets a note of what may compute in 8 bits, and draws as before."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from engines.contract import RANGES
from engines.openvino_cpu import OpenVinoGenerator
from engines.parity import psnr_db
from twingan import int8
from twingan.config import SIZES
from twingan.data import Domain
from twingan.export import PortraitGraph, write
from twingan.int8 import Trial, best_range, choose, main
from twingan.networks import TwinGAN


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "tiny.onnx"
    portrait = PortraitGraph(TwinGAN(SIZES["tiny"]), "human", "anime", 64, 64)
    write(portrait, path, {"contract": "uint8-nhwc-v1", "steps": "3"})
    return path


def crops(domains: tuple[str, str], count: int = 4) -> np.ndarray:
    people = Domain(domains[0], 64).pictures[:count, :3]
    return np.ascontiguousarray(people.permute(0, 2, 3, 1).numpy())


def note(path: Path) -> dict[str, str]:
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


def test_the_command_notes_ranges_and_changes_nothing_else(graph: Path, domains: tuple[str, str]) -> None:
    before = onnx.load(graph)
    main([str(graph), "--faces", domains[0]])
    after = onnx.load(graph)
    assert after.graph == before.graph
    ranges = json.loads(note(graph).pop(RANGES))
    assert note(graph)["steps"] == "3" and len(ranges) > 3
    assert all(low <= 0 < high for low, high in ranges.values())


def test_what_is_noted_is_run_and_draws_nearly_the_same(graph: Path, domains: tuple[str, str]) -> None:
    main([str(graph), "--faces", domains[0]])
    eight, whole = OpenVinoGenerator(graph, precision="int8"), OpenVinoGenerator(graph, precision="fp32")
    assert "(int8)" in eight.runtime
    assert psnr_db(eight(crops(domains)), whole(crops(domains))) > int8.NOISE_DB - 4


def test_the_command_can_be_repeated(graph: Path, domains: tuple[str, str]) -> None:
    main([str(graph), "--faces", domains[0]])
    once = graph.read_bytes()
    main([str(graph), "--faces", domains[0]])
    assert graph.read_bytes() == once


def test_less_noise_is_fewer_layers_and_the_last_is_never_one(graph: Path, domains: tuple[str, str]) -> None:
    trial = Trial(graph, crops(domains))
    few, many = choose(trial, 48.0), choose(trial, 20.0)
    assert set(few) < set(many)
    assert list(trial.costs)[-1] not in many
    assert trial.noise_db(few) > trial.noise_db(many)


def test_a_few_large_values_are_cut_off_for_finer_steps() -> None:
    values = np.random.default_rng(0).standard_t(3, 100_000).astype(np.float32)  # a few are far from all others
    low, high = best_range(values)
    assert values.min() < low < np.percentile(values, 0.1) and np.percentile(values, 99.9) < high < values.max()
    assert best_range(np.abs(values))[0] == 0


def test_what_is_missing_is_named(graph: Path, tmp_path: Path, domains: tuple[str, str]) -> None:
    with pytest.raises(SystemExit, match=r"twingan\.pack"):
        main([str(graph), "--faces", str(tmp_path / "nobody")])
    with pytest.raises(SystemExit, match="does not exist"):
        main([str(tmp_path / "none.onnx"), "--faces", domains[0]])
