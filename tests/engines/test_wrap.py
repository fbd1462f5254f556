"""Graphs made elsewhere, in every shape they come in, draw through the contract what they draw by themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from engines import EngineError
from engines.calibrate import run, sample_pictures
from engines.foreign import Range
from engines.surgery import model_info
from engines.wrap import Wishes, keeps_contract, wrap

SIDE = 32
PICTURES = sample_pictures(SIDE, 3)
Shape = Sequence[int | str | None]


def foreign(
    *,
    nchw: bool = True,
    dtype: int = TensorProto.FLOAT,
    white: float = 1.0,
    last: str | None = None,
    shape: Shape | None = None,
    opset: int = 17,
    nodes: list[onnx.NodeProto] | None = None,
    weights: list[onnx.TensorProto] | None = None,
    out_shape: Shape | None = None,
) -> ModelProto:
    """A graph that gives the negative of its picture (white - x), or what `nodes` compute from x to y."""
    default: Shape = ("batch", 3, SIDE, SIDE) if nchw else ("batch", SIDE, SIDE, 3)
    kind = np.dtype(helper.tensor_dtype_to_np_dtype(dtype))
    made = nodes or [
        helper.make_node("Sub", ["white", "x"], ["negative"]),
        helper.make_node("Identity", ["negative"], ["y"]),
    ]
    if last:
        made[-1] = helper.make_node(last, ["negative"], ["y"])
    graph = helper.make_graph(
        made,
        "foreign",
        [helper.make_tensor_value_info("x", dtype, list(shape or default))],
        [helper.make_tensor_value_info("y", dtype, list(out_shape or shape or default))],
        [numpy_helper.from_array(np.array(white, kind), "white"), *(weights or [])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def draw(model: ModelProto, pictures: npt.NDArray[np.uint8] = PICTURES) -> npt.NDArray[np.uint8]:
    assert keeps_contract(model)
    model_info("it", model)
    drawn: npt.NDArray[np.uint8] = run(model, {"image": pictures})[0]
    return drawn


@pytest.mark.parametrize("nchw", [True, False])
@pytest.mark.parametrize("dtype", [TensorProto.FLOAT, TensorProto.FLOAT16])
@pytest.mark.parametrize(("span", "white"), [("0..1", 1.0), ("-1..1", 0.0), ("0..255", 255.0)])
def test_layouts_types_and_ranges(nchw: bool, dtype: int, span: Range, white: float) -> None:
    drawn = draw(wrap(foreign(nchw=nchw, dtype=dtype, white=white), Wishes(None, span, span)))
    assert np.abs(drawn.astype(int) - (255 - PICTURES)).max() <= 1


def test_uint8_goes_through_as_it_is() -> None:
    drawn = draw(wrap(foreign(nchw=False, dtype=TensorProto.UINT8, white=255)))
    np.testing.assert_array_equal(drawn, 255 - PICTURES)


@pytest.mark.parametrize(("last", "low"), [("Tanh", -1), ("Sigmoid", 0)])
def test_the_last_operation_tells_the_range(last: str, low: int) -> None:
    scaled = low + PICTURES / 255 * (1 - low)
    expected = np.tanh(1 - scaled) if last == "Tanh" else 1 / (1 + np.exp(scaled - 1))
    drawn = draw(wrap(foreign(last=last)))
    np.testing.assert_allclose(drawn, (expected - low) / (1 - low) * 255, atol=0.51)


@pytest.mark.parametrize(("span", "limit"), [("0..1", 1.0), ("-1..1", 1.0), ("0..255", 255.0)])
def test_the_range_is_found_by_trying(span: Range, limit: float) -> None:
    """The identity, cut off at what the range allows: any other range shows."""
    low = np.array(-limit if span == "-1..1" else 0, np.float32)
    nodes = [
        helper.make_node("Max", ["x", "low"], ["a"]),
        helper.make_node("Min", ["a", "high"], ["b"]),
        # A vignette: not quite the identity, as a real style.
        helper.make_node("Mul", ["b", "gain"], ["c"]),
        helper.make_node("Add", ["c", "lift"], ["y"]),
    ]
    weights = [
        numpy_helper.from_array(low, "low"),
        numpy_helper.from_array(np.array(limit, np.float32), "high"),
        numpy_helper.from_array(np.array(0.9, np.float32), "gain"),
        numpy_helper.from_array(np.array(0.1 * low, np.float32), "lift"),
    ]
    wrapped = wrap(foreign(nodes=nodes, weights=weights))
    told = {entry.key: entry.value for entry in wrapped.metadata_props}["wrapped"]
    # The identity keeps -1..1 inside 0..1's sums, too: what counts is that the picture is right.
    assert np.abs(draw(wrapped).astype(int) - PICTURES * 0.9).mean() < 30, told


def test_a_graph_for_one_picture_takes_any_number() -> None:
    """Batch 1 in the shape, and written into a reshape, as exporters do."""
    nodes = [
        helper.make_node("Reshape", ["x", "flat"], ["rows"]),
        helper.make_node("Reshape", ["rows", "back"], ["again"]),
        helper.make_node("Sub", ["white", "again"], ["y"]),
    ]
    weights = [
        numpy_helper.from_array(np.array([1, 3, -1], np.int64), "flat"),
        numpy_helper.from_array(np.array([1, 3, SIDE, SIDE], np.int64), "back"),
    ]
    fixed = foreign(nodes=nodes, weights=weights, shape=(1, 3, SIDE, SIDE))
    drawn = draw(wrap(fixed, Wishes(None, "0..1", "0..1")))
    assert np.abs(drawn.astype(int) - (255 - PICTURES)).max() <= 1


def test_a_graph_that_mixes_its_batch_is_refused() -> None:
    """A mean over the batch: two pictures at once would show through each other."""
    nodes = [helper.make_node("ReduceMean", ["x"], ["m"], axes=[0]), helper.make_node("Add", ["x", "m"], ["y"])]
    with pytest.raises(EngineError, match="one picture at a time"):
        wrap(foreign(nodes=nodes), Wishes(None, "0..1", "0..1"))


def test_super_resolution_is_averaged_down() -> None:
    nodes = [helper.make_node("Resize", ["x", "", "twice"], ["y"], mode="nearest")]
    weights = [numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "twice")]
    big = foreign(nodes=nodes, weights=weights, out_shape=("batch", 3, 2 * SIDE, 2 * SIDE))
    np.testing.assert_array_equal(draw(wrap(big, Wishes(None, "0..1", "0..1"))), PICTURES)


def test_blue_first() -> None:
    nodes = [helper.make_node("Mul", ["x", "first"], ["y"])]
    weights = [numpy_helper.from_array(np.array([1, 0, 0], np.float32).reshape(1, 3, 1, 1), "first")]
    drawn = draw(wrap(foreign(nodes=nodes, weights=weights), Wishes(None, "0..1", "0..1", bgr=True)))
    np.testing.assert_array_equal(drawn[..., 2], PICTURES[..., 2])
    assert drawn[..., :2].max() == 0


def test_a_graph_of_any_size_takes_the_one_wished_for() -> None:
    anything = foreign(shape=("b", 3, "h", "w"))
    wrapped = wrap(anything, Wishes(48, "0..1", "0..1"))
    assert model_info("it", wrapped).size == 48
    with pytest.raises(EngineError, match="takes 32x32"):
        wrap(foreign(), Wishes(48))


def test_an_old_opset_is_lifted() -> None:
    drawn = draw(wrap(foreign(opset=9), Wishes(None, "0..1", "0..1")))
    assert np.abs(drawn.astype(int) - (255 - PICTURES)).max() <= 1


def test_other_values_are_cut_off_not_wrapped_around() -> None:
    nodes = [helper.make_node("Mul", ["x", "three"], ["y"])]
    weights = [numpy_helper.from_array(np.array(3, np.float32), "three")]
    drawn = draw(wrap(foreign(nodes=nodes, weights=weights), Wishes(None, "0..1", "0..1")))
    assert np.abs(drawn.astype(int) - np.minimum(255, 3 * PICTURES.astype(int))).max() <= 1


@pytest.mark.parametrize(
    ("shape", "out_shape", "words"),
    [
        (("b", 1, SIDE, SIDE), None, "no axis of 3 colours"),
        (("b", 3, SIDE, 2 * SIDE), None, "not square"),
        (("b", 3), None, "no batch of pictures"),
        (("b", 3, SIDE, SIDE), ("b", 10), "picture as its output"),
    ],
)
def test_what_is_no_image_to_image_graph_is_refused(shape: Shape, out_shape: Shape | None, words: str) -> None:
    with pytest.raises(EngineError, match=words):
        wrap(foreign(shape=shape, out_shape=out_shape))
