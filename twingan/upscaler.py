"""The upscaler of the app (`upscale`) as a PyTorch network, for training."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

WEIGHTS = Path(__file__).parents[1] / "upscale" / "assets" / "realesr-animevideov3.onnx"
WIDTHS = (3, *[64] * 17, 3 * 4 * 4)


class Upscaler(nn.Module):
    """RGB float [N,3,S,S] in 0 .. 1 -> [N,3,4S,4S], about 0 .. 1.

    Convolutions at the small size give what is added to the picture enlarged by nearest neighbour ("SRVGGNetCompact"
    of Real-ESRGAN, arXiv 2107.10833).
    """

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(WIDTHS))
        self.bends = nn.ModuleList(nn.PReLU(width) for width in WIDTHS[1:-1])

    def forward(self, picture: Tensor) -> Tensor:
        x = picture
        for conv, bend in zip(self.convs, self.bends, strict=False):
            x = bend(conv(x))
        x = functional.pixel_shuffle(self.convs[-1](x), 4)
        return x + functional.interpolate(picture, scale_factor=4.0, mode="nearest")


def load() -> Upscaler:
    """The pretrained network, frozen."""
    stored = {value.name: numpy_helper.to_array(value) for value in onnx.load(WEIGHTS).graph.initializer}
    network = Upscaler()
    state = {}
    for index in range(len(network.convs)):
        state[f"convs.{index}.weight"] = stored[f"weight{index}_half"]
        state[f"convs.{index}.bias"] = stored[f"bias{index}"]
        if index < len(network.bends):
            state[f"bends.{index}.weight"] = stored[f"slope{index}"].reshape(-1)
    network.load_state_dict({name: torch.tensor(value).float() for name, value in state.items()})
    return network.eval().requires_grad_(False)


def doubled(network: Upscaler, picture: Tensor) -> Tensor:
    """RGB float [N,3,S,S] in -1 .. 1 -> [N,3,2S,2S]: four times the side, averaged down to twice."""
    large = network((picture + 1) / 2)
    return functional.avg_pool2d(large.float(), 2).clamp(0, 1) * 2 - 1
