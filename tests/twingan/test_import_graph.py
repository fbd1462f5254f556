"""The original's TensorFlow graphs, frozen both ways, draw through the contract what TensorFlow draws itself."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest

from engines.onnx_cpu import OnnxCpuGenerator
from twingan import import_graph

ROOT = Path(__file__).parents[2]
MISSING = [name for name in ("tensorflow", "tf2onnx") if find_spec(name) is None]
needs_tensorflow = pytest.mark.skipif(
    bool(MISSING), reason=f"{', '.join(MISSING)} not installed: `make test-import` runs it"
)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """TensorFlow stays in a process of its own, as users run it."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tf1")
    done = python("tests/twingan/tf1_graph.py", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def foreign_names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tf1_other_names")
    done = python("tests/twingan/tf1_graph.py", str(folder), "photo", "drawing")
    assert done.returncode == 0, done.stderr
    return folder


def converted(folder: Path, kind: str) -> Path:
    target = folder / f"{kind}.onnx"
    done = python("-m", "twingan.import_graph", str(folder / kind), "-o", str(target))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "wrote" in done.stdout
    return target


def difference(folder: Path, path: Path) -> float:
    """Largest difference to TensorFlow's own output, in levels of 255."""
    drawn = OnnxCpuGenerator(path)(np.load(folder / "pictures.npy"))
    expected = np.load(folder / "expected.npy").clip(0, 1) * 255
    assert drawn.std() > 20  # A picture, not a grey wall.
    return float(np.abs(drawn - expected).max())


@needs_tensorflow
@pytest.mark.parametrize("kind", ["frozen.pb", "saved"])
def test_draws_what_tensorflow_draws(graphs: Path, kind: str) -> None:
    assert difference(graphs, converted(graphs, kind)) <= 1


@needs_tensorflow
def test_only_what_drawing_needs_is_left(graphs: Path) -> None:
    """No batch statistics, no loss, no flag; batch norm folded into the convolutions; leaky ReLU recognized."""
    model = onnx.load(str(converted(graphs, "frozen.pb")))
    operations = Counter(node.op_type for node in model.graph.node)
    assert operations["Conv"] == 4
    assert operations["LeakyRelu"] == 3
    assert not operations.keys() & {"BatchNormalization", "Where", "If", "ReduceSum", "Abs"}
    assert [value.name for value in model.graph.input] == ["image"]
    assert {entry.key: entry.value for entry in model.metadata_props}["size"] == "32"


@needs_tensorflow
def test_other_names_are_recognized_by_shape_where_that_is_enough(foreign_names: Path) -> None:
    """The SavedModel's signature names its picture; the frozen training graph has two placeholders of that shape."""
    target = foreign_names / "saved.onnx"
    ranges = ["--input-range", "0..1", "--output-range", "0..1"]
    done = python("-m", "twingan.import_graph", str(foreign_names / "saved"), "-o", str(target), *ranges)
    assert done.returncode == 0, done.stderr
    assert difference(foreign_names, target) <= 1
    done = python("-m", "twingan.import_graph", str(foreign_names / "frozen.pb"), "-o", str(target))
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("error: ")
    assert "targets_ph" in done.stderr


@needs_tensorflow
def test_a_file_that_is_no_graph_is_one_line(tmp_path: Path, graphs: Path) -> None:
    cut = tmp_path / "cut.pb"
    cut.write_bytes((graphs / "frozen.pb").read_bytes()[:1000])
    done = python("-m", "twingan.import_graph", str(cut), "-o", str(tmp_path / "x.onnx"))
    assert done.returncode == 1
    assert "cut off" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "x.onnx").exists()


def test_missing_paths_need_no_tensorflow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = str(tmp_path / "x.onnx")
    assert import_graph.main([str(tmp_path / "none.pb"), "-o", target]) == 1
    assert "does not exist" in capsys.readouterr().err
    assert import_graph.main([str(tmp_path), "-o", target]) == 1
    assert "no saved_model.pb" in capsys.readouterr().err


@pytest.mark.skipif(not MISSING, reason="TensorFlow is installed")
def test_without_the_extra_the_command_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "g.pb").write_bytes(b"x")
    assert import_graph.main([str(tmp_path / "g.pb"), "-o", str(tmp_path / "x.onnx")]) == 1
    assert "requirements-import.txt" in capsys.readouterr().err
