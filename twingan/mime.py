"""Let a portrait graph's people blink, speak and laugh with the person, and give them clear eyes.

    python -m twingan.mime models/human2anime-lite.onnx --reader runs/reader.pt --glasses runs/glasses.pt \\
        --drawings data/packed/anime -o models/human2anime-lite.onnx

Behind the graph's network come small ones: they read from the photo what the person does (`twingan.act`) and whether
there are glasses (`twingan.glasses`), and paint eyes, mouth and glasses accordingly (`twingan.painter`), with the eyes
of two real drawings. All else is as the network drew it, to the pixel.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnx
import torch
from onnx import compose
from torch import Tensor, nn

from engines.errors import EngineError
from engines.surgery import read_model
from twingan.brush import SIZE
from twingan.data import Domain
from twingan.drawn_eyes import DrawnEyes
from twingan.export import exported, read_checkpoint, revision, save
from twingan.glasses_reader import GlassesReader
from twingan.painter import Painter
from twingan.reader import Reader

EYES = {"woman": "anime/01633.webp", "man": "anime/00897.webp"}
"""Drawings whose eyes are painted: frontal, wide open, no hair before them."""
PREFIX = "mime_"

Network = TypeVar("Network", bound=nn.Module)


class Mime(nn.Module):
    """What the person does, painted into a head.

    `forward` takes photos, RGB uint8 [N,SIZE,SIZE,3], and heads, float [N,3,SIZE,SIZE], as `export.PortraitGraph` has
    them before its last two steps: 0 .. 255, to be cut down to whole numbers; and gives RGB uint8 [N,SIZE,SIZE,3].
    """

    def __init__(self, reader: Reader, glasses: GlassesReader, painter: Painter) -> None:
        super().__init__()
        self.reader, self.glasses, self.painter = reader, glasses, painter
        self.eval().requires_grad_(False)

    def forward(self, image: Tensor, head: Tensor) -> Tensor:
        photo, drawn = image.permute(0, 3, 1, 2).float() / 127.5 - 1, torch.floor(head) / 127.5 - 1
        painted = self.painter(drawn, self.reader(photo), self.glasses(photo))
        return torch.clamp((painted + 1) * 127.5 + 0.5, 0, 255).permute(0, 2, 3, 1).to(torch.uint8)


def eyes_of(drawings: Domain, names: dict[str, str]) -> dict[str, DrawnEyes]:
    """Eyes of drawings, by their files' names.

    Raises:
        ValueError: one is not among them, or has no eyes where heads have them.
    """
    missing = [name for name in names.values() if name not in drawings.files]
    if missing:
        raise ValueError(f"{missing[0]}, whose eyes are to be painted, is not among the drawings: name others")
    pictures = {sex: drawings.pictures[drawings.files.index(name)][:3] for sex, name in names.items()}
    return {sex: DrawnEyes.of(np.ascontiguousarray(rgb.permute(1, 2, 0).numpy())) for sex, rgb in pictures.items()}


def behind(graph: onnx.ModelProto, mime: Mime) -> onnx.ModelProto:
    """A portrait graph that ends with a mime.

    Raises:
        ValueError: it draws at another size, ends in another way than `twingan.export` ends graphs, or has a mime.
    """
    turned, last = graph.graph.node[-2:]
    ends = turned.op_type == "Transpose" and last.op_type == "Cast" and list(last.input) == list(turned.output)
    if not ends or any(name.startswith(PREFIX) for node in graph.graph.node for name in node.output):
        raise ValueError("expected a graph of `python -m twingan.export`, without a mime")
    if (size := graph.graph.output[0].type.tensor_type.shape.dim[1].dim_value) != SIZE:
        raise ValueError(f"the graph draws {size} px: mimes paint on {SIZE} px only")
    whole, own = copy.deepcopy(graph), compose.add_prefix(_exported(mime), PREFIX).graph
    del whole.graph.node[-2:]
    renamed = {f"{PREFIX}image": "image", f"{PREFIX}head": turned.input[0], f"{PREFIX}portrait": last.output[0]}
    for node in own.node:
        names = [renamed.get(name, name) for name in node.input], [renamed.get(name, name) for name in node.output]
        node.input[:], node.output[:] = names
    whole.graph.node.extend(own.node)
    whole.graph.initializer.extend(own.initializer)
    whole.graph.value_info.extend(own.value_info)
    return whole


def _exported(mime: Mime) -> onnx.ModelProto:
    photos, heads = torch.zeros(2, SIZE, SIZE, 3, dtype=torch.uint8), torch.zeros(2, 3, SIZE, SIZE)
    return exported(mime, {"image": photos, "head": heads})


def read(path: Path) -> Reader:
    """What `twingan.act` wrote; raises SystemExit: it cannot be read, the message has the remedy."""
    return _filled(Reader(), path, "reader", "python -m twingan.act")


def read_glasses(path: Path) -> GlassesReader:
    """What `twingan.glasses` wrote; raises SystemExit: it cannot be read, the message has the remedy."""
    return _filled(GlassesReader(), path, "glasses", "python -m twingan.glasses")


def _filled(network: Network, path: Path, name: str, maker: str) -> Network:
    state = read_checkpoint(path)
    if name not in state:
        raise SystemExit(f"{path} is not what `{maker}` writes: make it with that (docs/training.md)")
    network.load_state_dict(state[name])
    return network


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    names = {"woman": options.women, "man": options.men}
    try:
        mime = Mime(
            read(options.reader),
            read_glasses(options.glasses),
            Painter(eyes_of(Domain(str(options.drawings), SIZE), names)),
        )
        graph = read_model(options.graph)
        whole = behind(graph, mime)
    except (OSError, ValueError, EngineError) as error:
        raise SystemExit(f"{options.graph}: {error}") from None
    note = {entry.key: entry.value for entry in graph.metadata_props}
    save(whole, options.output, {**note, "revision": revision(), "eyes": ", ".join(names.values())})
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.mime", description="Blink, speak and laugh.")
    parser.add_argument("graph", type=Path, help="of `twingan.export`, drawing 256 px")
    parser.add_argument("--reader", type=Path, required=True, help="what `twingan.act` learnt")
    parser.add_argument("--glasses", type=Path, required=True, help="what `twingan.glasses` learnt")
    parser.add_argument("--drawings", type=Path, required=True, help="packed, undyed: whose eyes are painted")
    parser.add_argument("--women", default=EYES["woman"], help="the drawing whose eyes women get (default %(default)s)")
    parser.add_argument("--men", default=EYES["man"], help="and men (default %(default)s)")
    parser.add_argument("-o", "--output", type=Path, required=True)
    return parser


if __name__ == "__main__":
    main()
