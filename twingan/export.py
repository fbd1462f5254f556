"""Write the portrait graph of a trained network: one ONNX file for one direction.

    python -m twingan.export runs/human2anime-lite/last.pt --config configs/human2anime-lite.toml \\
        -o models/human2anime-lite.onnx

The graph takes RGB uint8 [N,S,S,3] and gives RGB uint8 [N,S,S,3], any N; pixel scaling is part of it, and the domain
norms are folded into the convolutions, so every runtime computes the same thing and a domain costs nothing.
"""

from __future__ import annotations

import argparse
import copy
import pickle
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from face_crop.align import RECIPE
from twingan import augment, weights
from twingan.config import TrainConfig, load
from twingan.data import Domain
from twingan.networks import ConvNorm, TwinGAN
from twingan.skin import Skin

CONTRACT = "uint8-nhwc-v1"
OPSET = 18


class Folded(nn.Module):
    """A ConvNorm for one domain as one convolution with bias and leaky ReLU.

    With y = (w * x - mean) / sqrt(variance + eps) * scale + shift the weights become w * k and the bias
    shift - mean * k, where k = scale / sqrt(variance + eps).
    """

    def __init__(self, layer: ConvNorm, domain: str) -> None:
        super().__init__()
        norm = layer.norm.norms[domain]
        assert isinstance(norm, nn.BatchNorm2d) and norm.running_mean is not None and norm.running_var is not None
        k = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        self.conv = nn.Conv2d(layer.conv.in_channels, layer.conv.out_channels, 3, padding=1)
        self.conv.weight.data = layer.conv.weight.data * k[:, None, None, None]
        assert self.conv.bias is not None
        self.conv.bias.data = norm.bias.data - norm.running_mean * k.data

    def forward(self, x: Tensor, domain: str) -> Tensor:
        return functional.leaky_relu(self.conv(x), 0.2)


class PortraitGraph(nn.Module):
    """RGB uint8 [N,S,S,3] -> RGB uint8 [N,S,S,3] with the scaling inside.

    Args:
        network: a trained network; it is not changed.
        size: S.
        drawn: side at which the network draws; smaller than `size` where training has not grown further yet: the
            picture is then enlarged (bicubic).
        encoded: side at which it looks at a face (default: `drawn`); the face is averaged down to that.
    """

    def __init__(
        self, network: TwinGAN, source: str, target: str, size: int, drawn: int, encoded: int | None = None
    ) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).eval().float().requires_grad_(False)
        _fold(self.network.encoder, source)
        _fold(self.network.generator, target)
        self.source, self.target = source, target
        self.size, self.drawn, self.encoded = size, drawn, encoded or drawn
        self.eval()

    def forward(self, image: Tensor) -> Tensor:
        x = image.permute(0, 3, 1, 2).float() / 127.5 - 1
        if self.encoded != self.size:
            x = functional.avg_pool2d(x, self.size // self.encoded)
        x = self.network.decode(self.network.encode(x, self.source), self.target, self.drawn)
        if self.drawn != self.size:
            x = functional.interpolate(x, scale_factor=float(self.size // self.drawn), mode="bicubic")
        x = torch.clamp((x + 1) * 127.5 + 0.5, 0, 255)  # + 0.5: the cast cuts off, which rounds
        return x.permute(0, 2, 3, 1).to(torch.uint8)


@torch.no_grad()
def calibrate(
    network: TwinGAN, config: TrainConfig, encoded: int, drawn: int | None = None, batches: int = 60, batch: int = 16
) -> None:
    """Measure the running statistics of source -> target afresh on training data.

    Averaged weights have statistics of their own, and in training a target norm saw reconstructions too.
    `encoded` and `drawn` are those of `PortraitGraph`.
    """
    people = Domain(config.source, encoded)
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # cumulative average
        norm.reset_running_stats()
    network.train()
    source, target = network.config.domains
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for _ in range(batches):
            seen, clean, alpha = augment.camera(people.draw(batch))
            code = network.encode(Skin.of(clean, alpha, config.brown_share).brown(seen), source)
            network.decode(code, target, drawn or encoded)
    network.eval()


def note(graph: PortraitGraph, data: str, steps: int) -> dict[str, str]:
    """What a file says about itself; `data` names what it was trained with."""
    return {
        "contract": CONTRACT,
        "source_domain": graph.source,
        "target_domain": graph.target,
        "size": str(graph.size),
        "drawn_size": str(graph.drawn),
        "encoded_size": str(graph.encoded),
        "crop_recipe": RECIPE,
        "training_data": data,
        "revision": revision(),
        "steps": str(steps),
    }


def write(graph: PortraitGraph, path: Path, metadata: dict[str, str], *, half: bool = True) -> None:
    """Write the ONNX file; `half` stores the weights as float16, computed in float32."""
    image = torch.zeros(2, graph.size, graph.size, 3, dtype=torch.uint8)
    save(exported(graph, {"image": image}, half=half), path, metadata)


def exported(module: nn.Module, inputs: dict[str, Tensor], *, half: bool = True) -> onnx.ModelProto:
    """A module that draws a portrait from examples of its inputs, any number of them at once."""
    batch = {0: torch.export.Dim("batch", min=1)}
    program = torch.onnx.export(
        module,
        tuple(inputs.values()),
        input_names=list(inputs),
        output_names=["portrait"],
        dynamic_shapes=dict.fromkeys(inputs, batch),
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    if half:
        _halve(model)
    return model


def save(model: onnx.ModelProto, path: Path, metadata: dict[str, str]) -> None:
    """Write a checked ONNX file that says this about itself (temporary file, then rename)."""
    _describe(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    onnx.save(model, partial)
    partial.replace(path)


def _fold(module: nn.Module, domain: str) -> None:
    for name, child in module.named_children():
        if isinstance(child, ConvNorm):
            setattr(module, name, Folded(child, domain))
        else:
            _fold(child, domain)


def _halve(model: onnx.ModelProto) -> None:
    """Large float32 weights -> float16 weights and a Cast, which runtimes fold away when they load."""
    graph = model.graph
    casts = []
    for weight in graph.initializer:
        if weight.data_type != onnx.TensorProto.FLOAT or np.prod(weight.dims) < 1024:
            continue
        name = weight.name
        stored = numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), f"{name}_half")
        weight.CopyFrom(stored)
        casts.append(onnx.helper.make_node("Cast", [stored.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(casts + nodes)


def _describe(model: onnx.ModelProto, metadata: dict[str, str]) -> None:
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, metadata)
    for node in model.graph.node:  # the exporter notes source paths of this machine there
        del node.metadata_props[:]
        node.doc_string = ""
    model.producer_name = "twingan.export"


def revision() -> str:
    """The git revision of the working tree, or "unknown" outside a checkout."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent, check=False)
    return done.stdout.strip() or "unknown"


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What `twingan.train`, `twingan.sharpen` or `twingan.weights` wrote.

    Raises:
        SystemExit: it cannot be read; the message names the remedy.
    """
    try:
        return weights.read_checkpoint(path)
    except (OSError, ValueError, RuntimeError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0]
        raise SystemExit(f"{path} is no readable checkpoint ({reason}): name a run's last.pt") from None


def averaged(state: dict[str, Any], config: TrainConfig) -> TwinGAN:
    """The averaged network of a checkpoint."""
    network = TwinGAN(config.architecture)
    network.load_state_dict(state["ema"])
    return network


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m twingan.export", description="Write the portrait graph (ONNX).")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--config", type=Path, required=True, help="the run's TOML file")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--drawn", type=int, help="side the network was grown to (default: the graph's size)")
    parser.add_argument("--target", help="domain to draw (default: the target; the source's own name reconstructs)")
    parser.add_argument("--float32", action="store_true", help="keep float32 weights (twice the file)")
    options = parser.parse_args(arguments)
    config = load(options.config)
    state = read_checkpoint(options.checkpoint)
    network = averaged(state, config)
    size = network.config.size
    drawn = options.drawn or size
    encoded = state.get("encoded", drawn)
    if not state.get("frozen"):
        calibrate(network, config, encoded, drawn)
    source, target = network.config.domains
    target = options.target or target
    graph = PortraitGraph(network, source, target, size, drawn, encoded)
    data = f"{config.source}, {config.target} (see the model card)"
    write(graph, options.output, note(graph, data, state["step"]), half=not options.float32)
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB, step {state['step']}")


if __name__ == "__main__":
    main()
