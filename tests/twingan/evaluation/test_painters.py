from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tests.graphs import make_graph
from twingan.evaluation.flicker import clip, flicker
from twingan.evaluation.painters import peer, photo_filter, untouched

PICTURES = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)


def negative(path: Path) -> Path:
    """A graph with the outside of AnimeGANv3 that turns pictures into their negatives."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, None, None, 3]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "negative", ends[:1], ends[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))
    return path


def test_a_peer_gets_pixels_from_minus_one_to_one(tmp_path: Path) -> None:
    painter = peer(negative(tmp_path / "negative.onnx"), side=32)
    assert painter.name == "negative"
    assert (painter.paint(PICTURES) == 255 - PICTURES).all()


def test_a_peer_keeps_the_size_of_the_pictures(tmp_path: Path) -> None:
    assert peer(negative(tmp_path / "negative.onnx"), side=64).paint(PICTURES).shape == PICTURES.shape


def test_a_graph_of_another_kind_is_no_peer(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected one float input .* got \[\('image', 'tensor\(uint8\)'"):
        peer(make_graph(tmp_path / "ours.onnx"))


def test_peers_are_told_apart_by_what_is_in_the_file(tmp_path: Path) -> None:
    first, same = (peer(negative(tmp_path / name)).identity for name in ("a.onnx", "b.onnx"))
    assert first == same
    assert untouched().identity != photo_filter().identity


def test_the_photo_filter_keeps_size_and_repeats_itself() -> None:
    paint = photo_filter().paint
    assert paint(PICTURES).shape == PICTURES.shape
    assert (paint(PICTURES) == paint(PICTURES)).all()
    frames = clip(PICTURES[0], seed=0)
    assert flicker(untouched().paint(frames), frames) == pytest.approx(1)
