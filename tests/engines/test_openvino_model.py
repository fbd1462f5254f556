"""Graphs rewritten for OpenVINO draw what they drew, and what a graph notes in 8 bits nearly that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import pytest

from engines import EngineError
from engines.openvino_cpu import OpenVinoGenerator
from engines.openvino_model import join_upsampling, to_int8, with_zero
from engines.parity import psnr_db
from tests.graphs import make_graph


def pictures(count: int, size: int = 64) -> np.ndarray:
    """Smooth ones, as photos are: of noise alone 8 bits keep less."""
    random = np.random.default_rng(count)
    small = random.integers(0, 256, (count, size // 8, size // 8, 3), np.uint8)
    return small.repeat(8, 1).repeat(8, 2)


def model_of(path: Path) -> Any:
    model = openvino.Core().read_model(str(path))
    model.reshape([1, 64, 64, 3])
    return model


def drawn(model: Any, batch: np.ndarray) -> np.ndarray:
    request = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
    return np.concatenate([request.infer({0: picture[None]})[0].copy() for picture in batch])


@pytest.fixture
def doubling(tmp_path: Path) -> Path:
    """A graph that convolves what it has doubled."""
    return make_graph(tmp_path / "g.onnx", 64, "doubling")


def test_a_doubled_picture_is_convolved_in_one_step_to_the_same_effect(doubling: Path) -> None:
    model = model_of(doubling)
    assert join_upsampling(model) == 1
    kinds = [node.get_type_name() for node in model.get_ordered_ops()]
    assert "ConvolutionBackpropData" in kinds and "Interpolate" not in kinds
    assert np.abs(drawn(model, pictures(3)).astype(int) - drawn(model_of(doubling), pictures(3))).max() <= 1


def test_joining_twice_changes_nothing(doubling: Path) -> None:
    model = model_of(doubling)
    join_upsampling(model)
    assert join_upsampling(model) == 0


@pytest.mark.parametrize("kind", ["identity", "invert"])
def test_a_graph_without_convolutions_stays_as_it_is(tmp_path: Path, kind: Any) -> None:
    path = make_graph(tmp_path / "g.onnx", 64, kind)
    model = model_of(path)
    assert (join_upsampling(model), to_int8(model, {"y": (0.0, 1.0)})) == (0, 0)
    assert np.array_equal(drawn(model, pictures(2)), drawn(model_of(path), pictures(2)))


def test_only_what_is_told_computes_in_eight_bits(doubling: Path) -> None:
    model = model_of(doubling)
    assert to_int8(model, {"x3": (-2.0, 6.0), "no such tensor": (0.0, 1.0)}) == 1
    rounded = drawn(model, pictures(3))
    plain = drawn(model_of(doubling), pictures(3))
    assert 30 < psnr_db(rounded, plain) < 70


def test_values_beyond_the_range_are_cut_off(doubling: Path) -> None:
    def far_off(high: float) -> float:
        model = model_of(doubling)
        to_int8(model, {"x3": (-0.1, high)})
        return psnr_db(drawn(model, pictures(2)), drawn(model_of(doubling), pictures(2)))

    assert far_off(0.05) < far_off(0.5) < far_off(4.0)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 3.0), (0.0, 7.3), (-0.013, 0.9), (-5.0, 0.1)])
def test_zero_is_one_of_the_levels(low: float, high: float) -> None:
    least, most = with_zero(low, high)
    level = (most - least) / 255
    assert -least / level == pytest.approx(round(-least / level))
    assert abs(least - low) <= level and abs(most - high) <= level


def test_a_graph_that_notes_ranges_is_run_in_eight_bits_where_bfloat16_is_not_faster(doubling: Path) -> None:
    noted = make_graph(doubling.with_name("n.onnx"), 64, "doubling", metadata={"int8": '{"x3": [-2, 6]}'})
    assert "(int8)" in OpenVinoGenerator(noted, precision="int8").runtime
    assert "(f32)" in OpenVinoGenerator(noted, precision="fp32").runtime
    assert "(f32)" in OpenVinoGenerator(doubling, precision="int8").runtime
    itself = OpenVinoGenerator(doubling).runtime
    assert ("(int8)" in OpenVinoGenerator(noted).runtime) == ("(f32)" in itself)
    eight, whole = (OpenVinoGenerator(noted, precision=how)(pictures(2)) for how in ("int8", "fp32"))
    assert not np.array_equal(eight, whole) and psnr_db(eight, whole) > 30


@pytest.mark.parametrize(
    "told", ["[1, 2]", "{", '{"x3": [2, 6]}', '{"x3": [-1]}', '{"x3": ["a", 1]}', '{"x3": [-1, NaN]}']
)
def test_ranges_that_make_no_sense_are_refused_with_the_remedy(tmp_path: Path, told: str) -> None:
    path = make_graph(tmp_path / "g.onnx", 64, "convolution", metadata={"int8": told})
    with pytest.raises(EngineError, match=r"g\.onnx says int8=.*python -m twingan\.int8"):
        OpenVinoGenerator(path)


def test_ranges_are_read_from_the_metadata(tmp_path: Path) -> None:
    path = make_graph(tmp_path / "g.onnx", 64, "convolution", metadata={"int8": json.dumps({"x3": [-2, 6]})})
    assert OpenVinoGenerator(path).info.ranges == {"x3": (-2.0, 6.0)}
    assert OpenVinoGenerator(make_graph(tmp_path / "plain.onnx")).info.ranges == {}
