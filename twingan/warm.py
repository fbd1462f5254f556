"""Begin training with the weights of a released graph instead of random ones.

A graph of `twingan.export` holds each convolution with its norm folded in. Frozen norms that change nothing but add
the convolution's bias make the same network of it, which can be trained further; the two paths that the graph does not
hold begin as copies. The discriminators begin afresh.
"""

from __future__ import annotations

import argparse
import copy
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from engines.surgery import read_model
from twingan import augment, losses
from twingan.data import Domain
from twingan.networks import ConvNorm, TwinGAN

STEPS, BATCH, RATE = 120, 8, 1e-3
"""Of learning to draw at another size."""


@dataclass(frozen=True)
class Sides:
    """Pixels at which a graph looks at a face and draws, and how many steps it says that it learnt."""

    encoded: int
    drawn: int
    steps: str = "0"


def fill(network: TwinGAN, graph: Path) -> Sides:
    """Give a network the weights of a graph.

    What the graph does not hold (the exits of other sizes, more channels) stays as it is; concatenations that only the
    network has begin with weights of zero. Norms are frozen ones: `Stage.frozen`.

    Raises:
        EngineError: the file is missing or no valid ONNX graph.
        ValueError: the graph is none of `twingan.export`, or wider than the network.
    """
    model = read_model(graph)
    note = {entry.key: entry.value for entry in model.metadata_props}
    weights = {name: array for name, array in map(_weight, model.graph.initializer) if name}
    if "drawn_size" not in note or not weights:
        raise ValueError(f"{graph} cannot be trained further: expected a graph of `python -m twingan.export`")
    for name, module in network.named_modules():
        if isinstance(module, ConvNorm):
            _neutral(module)
            if f"{name}.conv.weight" in weights:
                value = weights[f"{name}.conv.weight"]
                _place(module.conv.weight, value, graph, _inputs(name, value.shape[1], network, weights))
                for norm in module.norm.norms.children():
                    _place(norm.bias, weights[f"{name}.conv.bias"], graph)
        elif isinstance(module, nn.Conv2d) and module.bias is not None and f"{name}.weight" in weights:
            _place(module.weight, weights[f"{name}.weight"], graph)
            _place(module.bias, weights[f"{name}.bias"], graph)
    drawn = note["drawn_size"]
    return Sides(int(note.get("encoded_size", drawn)), int(drawn), note.get("steps", "0"))


def add_arguments(parser: argparse.ArgumentParser, *, steps: int, rate: float = 5e-4) -> None:
    """What commands are told that teach a graph something more."""
    parser.add_argument("graph", type=Path, help="of `twingan.export`, with or without a mime")
    parser.add_argument("--config", type=Path, required=True, help="the run's TOML file")
    parser.add_argument("--steps", type=int, default=steps, help="updates (default %(default)s)")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=rate, help="Adam's at the start (default %(default)s)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=["cpu", "cuda"])
    parser.add_argument("-o", "--output", type=Path, required=True)


def learn_size(network: TwinGAN, source: str, drawn: int, size: int, autocast: torch.autocast) -> None:
    """Let a network that draws `source` people at side `drawn` draw them at the smaller `size`, in a few steps.

    Teaches only the layers of the finest resolution at that size.
    """
    network.eval().requires_grad_(False)
    human, target = network.config.domains
    frozen = copy.deepcopy(network)
    resolution = str(size // network.config.patch)
    generator = network.generator
    parts = nn.ModuleList([generator.ups[resolution], generator.convs[resolution], generator.exits[resolution]])
    parts.requires_grad_(True)
    optimizer = torch.optim.Adam(parts.parameters(), RATE)
    people = Domain(source, size, device=str(next(network.parameters()).device))
    for _ in tqdm(range(STEPS), desc=f"learning to draw at {size} px", unit="step", mininterval=5):
        with torch.no_grad(), autocast:
            code = frozen.encode(augment.camera(people.draw(BATCH))[0], human)
            wanted = functional.avg_pool2d(frozen.decode(code, target, drawn), drawn // size)
        with autocast:
            drawing = network.decode(code, target, size)
        optimizer.zero_grad()
        loss = losses.unlike(drawing, wanted)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    network.requires_grad_(True)


def _weight(stored: onnx.TensorProto) -> tuple[str, Tensor]:
    """Its name in the network ("" for other constants), float32."""
    name = stored.name.removesuffix("_half").removeprefix("network.")
    kept = name if stored.name.startswith("network.") else ""
    return kept, torch.from_numpy(numpy_helper.to_array(stored).astype("float32"))


def _neutral(layer: ConvNorm) -> None:
    """Norms that change nothing."""
    for norm in layer.norm.norms.children():
        assert isinstance(norm, nn.BatchNorm2d) and norm.running_mean is not None and norm.running_var is not None
        norm.running_mean.zero_()
        norm.running_var.fill_(1 - norm.eps)


def _inputs(name: str, count: int, network: TwinGAN, weights: dict[str, Tensor]) -> list[int]:
    """Where the network has the `count` inputs that a layer of the graph has.

    They are the first ones, but after a concatenation, whose second part begins later in a wider network.
    """
    *_, part, resolution = name.split(".")
    if part != "ups":
        return list(range(count))
    coarser = int(resolution) // 2
    before = len(weights[f"generator.{'bottom' if coarser == 4 else f'convs.{coarser}'}.conv.weight"])
    wider = dict(zip(network.config.resolutions, network.config.channels, strict=True))[coarser]
    return [*range(min(before, count)), *range(wider, wider + count - before)]


@torch.no_grad()
def _place(parameter: Tensor | nn.Module, value: Tensor, graph: Path, inputs: list[int] | None = None) -> None:
    """Set a parameter. In a wider network the channels that the graph lacks stay random, and nothing of what the graph
    has depends on them yet: at first the network draws what the graph draws."""
    assert isinstance(parameter, Tensor)
    value = value.to(parameter)
    if any(have < need for have, need in zip(parameter.shape, value.shape, strict=True)):
        raise ValueError(f"{graph} has weights {list(value.shape)} where the network has {list(parameter.shape)}")
    if value.ndim == 4:
        parameter[: len(value)] = 0
        parameter[: len(value), inputs or list(range(value.shape[1]))] = value
    else:
        parameter[: len(value)] = value
