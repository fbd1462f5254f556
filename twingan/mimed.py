"""Graphs with a mime (`twingan.mime`): without it, and the networks that it reads with."""

from __future__ import annotations

import copy
import itertools

import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

PREFIX = "mime_"
"""Of the names of all that belongs to it."""


def without_mime(graph: onnx.ModelProto) -> onnx.ModelProto:
    """The graph as `twingan.export` wrote it; one that has no mime is only copied."""
    bare = copy.deepcopy(graph)
    own = [node for node in bare.graph.node if _is_mime_s(node)]
    if not own:
        return bare
    made = {name for node in own for name in node.output} | {entry.name for entry in bare.graph.initializer}
    (head,) = {name for node in own for name in node.input} - made - {"image", ""}
    kept = [node for node in bare.graph.node if not _is_mime_s(node)]
    turned = helper.make_node("Transpose", [head], ["turned"], perm=[0, 2, 3, 1])
    last = helper.make_node("Cast", ["turned"], [bare.graph.output[0].name], to=onnx.TensorProto.UINT8)
    del bare.graph.node[:]
    bare.graph.node.extend([*kept, turned, last])
    _keep(bare.graph)
    return bare


def _is_mime_s(node: onnx.NodeProto) -> bool:
    return any(name.startswith(PREFIX) for name in (*node.input, *node.output))


def _keep(graph: onnx.GraphProto) -> None:
    """Only weights and shapes that are still used."""
    used = {name for node in graph.node for name in (*node.input, *node.output)}
    for entries in (graph.initializer, graph.value_info):
        kept = [entry for entry in entries if entry.name in used]
        del entries[:]
        entries.extend(kept)


def fill(network: nn.Module, graph: onnx.ModelProto, name: str) -> None:
    """Give a network the weights that the mime's network of that name has.

    Norms that were folded into the convolutions before them become such as change nothing but add the bias.

    Raises:
        ValueError: the graph has no mime, or one without such a network.
    """
    prefix = f"{PREFIX}{name}."
    own = [entry for entry in graph.graph.initializer if entry.name.startswith(prefix)]
    names = [entry.name.removeprefix(prefix).removesuffix("_half") for entry in own]
    values = [torch.from_numpy(numpy_helper.to_array(entry).copy()).float() for entry in own]
    found = dict(zip(names, values, strict=True))
    for before, norm in _pairs(network):
        if (bias := found.pop(f"{before}.weight_bias", None)) is not None:
            found |= _folded(norm, bias)
    lacking = [key for key in network.state_dict() if key not in found and not key.endswith("num_batches_tracked")]
    if lacking:
        raise ValueError(f"it has no mime with a network {name!r} like this ({lacking[0]} is missing): learn one")
    network.load_state_dict(found, strict=False)


def _pairs(network: nn.Module) -> list[tuple[str, str]]:
    """Names of convolutions and the norms that follow them."""
    layers = [(name, layer) for name, layer in network.named_modules() if not list(layer.children())]
    return [
        (one, other) for (one, _), (other, layer) in itertools.pairwise(layers) if isinstance(layer, nn.BatchNorm2d)
    ]


def _folded(norm: str, bias: Tensor) -> dict[str, Tensor]:
    one = torch.ones_like(bias)
    variance = one - nn.BatchNorm2d(1).eps  # a norm divides by the root of the variance and a little more
    state = {"weight": one, "bias": bias, "running_mean": 0 * one, "running_var": variance}
    return {f"{norm}.{key}": value for key, value in state.items()}
