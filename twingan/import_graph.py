"""Convert the original TwinGAN's TensorFlow graphs: `python -m twingan.import_graph PATH -o models/x.onnx`.

PATH is a frozen graph (.pb) or an exported SavedModel folder, of TensorFlow 1 or 2. The published models take
`sources_ph` (float 0..1, [N,H,W,3]) and give `custom_generated_t_style_source`; other graphs are recognized by shape.
What only training needs is left out, constants are folded by TensorFlow's optimizer, and the result keeps the
contract of `engines.contract`: uint8 in, uint8 out, clipped. Needs `pip install -r requirements-import.txt`.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import logging
import os
import sys
from pathlib import Path
from typing import Any

from engines.cache import write_whole
from engines.errors import EngineError
from engines.foreign import RANGES
from engines.wrap import Wishes, wrap

INPUT = "sources_ph"
OUTPUT = "custom_generated_t_style_source"
OPSET = 17
SIZE = 256
_SILENT_SINKS = {"NoOp", "Assert", "Const", "Placeholder", "PlaceholderWithDefault", "Assign", "SaveV2", "RestoreV2"}


def import_graph(path: str | Path, target: str | Path, wishes: Wishes | None = None) -> Path:
    """Convert a TensorFlow graph to an ONNX file that keeps the contract.

    Args:
        path: frozen graph or SavedModel folder.
        target: the ONNX file to write.
        wishes: what the graph cannot tell about itself; the ranges of the original's graphs (0..1) are known.

    Returns:
        The target.

    Raises:
        EngineError: it is missing, is no such graph, has no picture as input or output, or the extra is not installed.
    """
    path, target = Path(path), Path(target)
    _check(path)
    tf, tf2onnx = _modules()
    definition, source, result = _frozen(tf, path)
    model = _to_onnx(tf, tf2onnx, definition, source, result)
    wishes = wishes or Wishes()
    if source.startswith(f"{INPUT}:") and result.startswith(f"{OUTPUT}:"):
        wishes = dataclasses.replace(wishes, input_range="0..1", output_range="0..1")
    write_whole(target, wrap(model, wishes).SerializeToString())
    return target


def _check(path: Path) -> None:
    if path.is_dir():
        if not (path / "saved_model.pb").is_file():
            raise EngineError(f"{path} holds no saved_model.pb: name a SavedModel folder or a frozen graph (.pb)")
    elif not path.is_file():
        raise EngineError(f"the graph {path} does not exist: check the path")


def _modules() -> tuple[Any, Any]:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")  # Converting needs no GPU, and must not take one.
    try:
        tf = importlib.import_module("tensorflow")
        tf.get_logger().setLevel(logging.ERROR)  # It warns at length of its own older functions.
        return tf, importlib.import_module("tf2onnx")
    except ImportError as error:
        raise EngineError(
            f"converting TensorFlow graphs needs an extra ({error}): pip install -r requirements-import.txt"
        ) from None


def _frozen(tf: Any, path: Path) -> tuple[Any, str, str]:
    """(GraphDef without variables, name of the input tensor, name of the output tensor)."""
    if path.is_dir():
        return _from_saved_model(tf, path)
    definition = tf.compat.v1.GraphDef()
    try:
        definition.ParseFromString(path.read_bytes())
    except tf.errors.OpError as error:
        raise EngineError(f"{path} cannot be read ({error})") from None
    except importlib.import_module("google.protobuf.message").DecodeError:
        raise EngineError(f"{path} is no TensorFlow graph, or was cut off: copy it again") from None
    if not definition.node:
        raise EngineError(f"{path} is no frozen TensorFlow graph: freeze it, or name the SavedModel folder")
    graph = _import(tf, path, definition)
    source, result = _source(path, graph), _result(path, graph)
    return definition, source, result


def _import(tf: Any, path: Path, definition: Any) -> Any:
    graph = tf.Graph()
    try:
        with graph.as_default():
            tf.import_graph_def(definition, name="")
    except (ValueError, tf.errors.OpError) as error:
        raise EngineError(f"TensorFlow cannot load {path} ({str(error).splitlines()[0][:200]})") from None
    if variables := [node.name for node in definition.node if node.op in ("VariableV2", "VarHandleOp")]:
        raise EngineError(
            f"{path} is not frozen (it has the variable {variables[0]}): name the SavedModel folder instead"
        )
    return graph


def _from_saved_model(tf: Any, path: Path) -> tuple[Any, str, str]:
    v1 = tf.compat.v1
    graph = tf.Graph()
    with graph.as_default(), v1.Session(graph=graph) as session:
        try:
            meta = v1.saved_model.loader.load(session, ["serve"], str(path))
        except (RuntimeError, OSError, ValueError, tf.errors.OpError) as error:
            raise EngineError(f"{path} cannot be loaded ({str(error).splitlines()[0][:200]})") from None
        signature = next(iter(meta.signature_def.values()), None)
        source = _signed(signature.inputs if signature else {}, graph, INPUT) or _source(path, graph)
        result = _signed(signature.outputs if signature else {}, graph, OUTPUT) or _result(path, graph)
        # Functions of TensorFlow 2 are inlined by its own freezing, which both kinds go through.
        frozen = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), [result.split(":")[0]])
    return frozen, source, result


def _signed(tensors: Any, graph: Any, known: str) -> str | None:
    """The picture that the SavedModel's signature names, ours by name first."""
    names = [info.name for info in tensors.values()]
    ours = [name for name in names if name.split(":")[0].endswith(known)]
    pictures = [name for name in names if _is_picture(graph.get_tensor_by_name(name))]
    return next(iter(ours + pictures), None)


def _source(path: Path, graph: Any) -> str:
    """The placeholder that takes the picture."""
    entries = [op.outputs[0] for op in graph.get_operations() if op.type in ("Placeholder", "PlaceholderWithDefault")]
    return _one(path, "input", INPUT, entries)


def _result(path: Path, graph: Any) -> str:
    """The tensor that is the picture: by name, else the only one of that shape that nothing reads."""
    for op in graph.get_operations():
        if op.name == OUTPUT or op.name.endswith(f"/{OUTPUT}"):
            return str(op.outputs[0].name)
    unread = [
        tensor
        for op in graph.get_operations()
        if op.type not in _SILENT_SINKS
        for tensor in op.outputs
        if not tensor.consumers()
    ]
    return _one(path, "output", OUTPUT, unread)


def _one(path: Path, kind: str, known: str, tensors: list[Any]) -> str:
    named = [tensor for tensor in tensors if tensor.op.name.split("/")[-1] == known]
    pictures = named or [tensor for tensor in tensors if _is_picture(tensor)]
    if len(pictures) != 1:
        told = ", ".join(f"{tensor.name} {tensor.shape}" for tensor in tensors) or "none"
        raise EngineError(f"{path}: expected one {kind} {known!r} or one picture [N,H,W,3], got {told}")
    return str(pictures[0].name)


def _is_picture(tensor: Any) -> bool:
    shape = tensor.shape
    if shape.rank is None or shape.rank != 4 or not (tensor.dtype.is_floating or tensor.dtype.name == "uint8"):
        return False
    return 3 in (shape[1], shape[3])


def _to_onnx(tf: Any, tf2onnx: Any, definition: Any, source: str, result: str) -> Any:
    """The part of the graph that the result needs, as ONNX with weights; flags of training are fixed to False."""
    needed = tf.compat.v1.graph_util.extract_sub_graph(definition, [result.split(":")[0]])
    _fix_flags(tf, needed, source.split(":")[0])
    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)  # It prints tracebacks of passes that it skips.
    model, _ = tf2onnx.convert.from_graph_def(
        needed, name=Path(source).name, input_names=[source], output_names=[result], opset=OPSET
    )
    return model


def _fix_flags(tf: Any, definition: Any, source: str) -> None:
    """Replace boolean placeholders (`is_training`) by False."""
    for node in definition.node:
        if node.op in ("Placeholder", "PlaceholderWithDefault") and node.name != source:
            if node.attr["dtype"].type != tf.bool.as_datatype_enum:
                raise EngineError(
                    f"the graph needs the input {node.name} besides the picture: freeze it with a constant"
                )
            del node.input[:]
            node.op = "Const"
            node.attr.pop("shape", None)
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(False))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m twingan.import_graph", description="Convert a TensorFlow graph.")
    parser.add_argument("path", type=Path, help="frozen graph (.pb) or SavedModel folder")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="X.onnx", help="the file to write")
    parser.add_argument("--size", type=int, help=f"side of the pictures, for graphs that take any (default: {SIZE})")
    parser.add_argument("--input-range", choices=RANGES, help="black..white in the graph's numbers (default: find out)")
    parser.add_argument("--output-range", choices=RANGES, help="likewise for what it gives")
    given = parser.parse_args(arguments)
    try:
        wishes = Wishes(given.size, given.input_range, given.output_range)
        print(f"wrote {import_graph(given.path, given.output, wishes)}")
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
