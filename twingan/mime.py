"""Let a portrait graph's people blink, speak and laugh with the person, and give them clear eyes.

    python -m twingan.mime models/human2mine-lite.onnx --drawings data/packed/anime -o models/human2mine-lite.onnx

Behind the graph's network come small ones: they read from the photo what the person does (`twingan.act`), whether there
are glasses (`twingan.glasses`) and what colour the hair has (`twingan.hair`), and paint eyes, mouth, glasses and hair
accordingly (`twingan.painter`), with the eyes of two real drawings. All else is as the network drew it, to the pixel.
A graph that has a mime gets the new one instead. What reads is that of a released graph, unless it is named.
"""

from __future__ import annotations

import argparse
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
from twingan.hair_reader import HairReader
from twingan.mimed import PREFIX, fill, without_mime
from twingan.painter import Painter
from twingan.reader import Reader

EYES = {"woman": "anime/01633.webp", "man": "anime/00897.webp"}
"""Drawings whose eyes are painted: frontal, wide open, no hair before them."""
RELEASED = Path("models/human2anime-lite.onnx")
"""Whose networks read, if no others are named."""

MAKERS = {"reader": "twingan.act", "glasses": "twingan.glasses", "hair": "twingan.hair"}
"""What teaches each of the networks that read."""

Network = TypeVar("Network", bound=nn.Module)


class Mime(nn.Module):
    """What the person does, painted into a head.

    `forward` takes photos, RGB uint8 [N,SIZE,SIZE,3], and heads, float [N,3,SIZE,SIZE], as `export.PortraitGraph` has
    them before its last two steps: 0 .. 255, to be cut down to whole numbers; and gives RGB uint8 [N,SIZE,SIZE,3].
    """

    def __init__(self, reader: Reader, glasses: GlassesReader, hair: HairReader, painter: Painter) -> None:
        super().__init__()
        self.reader, self.glasses, self.hair, self.painter = reader, glasses, hair, painter
        self.eval().requires_grad_(False)

    def forward(self, image: Tensor, head: Tensor) -> Tensor:
        photo, drawn = image.permute(0, 3, 1, 2).float() / 127.5 - 1, torch.floor(head) / 127.5 - 1
        painted = self.painter(drawn, self.reader(photo), self.glasses(photo), self.hair(photo))
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
        ValueError: it draws at another size, or ends in another way than `twingan.export` ends graphs.
    """
    whole, own = without_mime(graph), compose.add_prefix(_exported(mime), PREFIX).graph
    turned, last = whole.graph.node[-2:]
    if turned.op_type != "Transpose" or last.op_type != "Cast" or list(last.input) != list(turned.output):
        raise ValueError("expected a graph of `python -m twingan.export`")
    if (size := graph.graph.output[0].type.tensor_type.shape.dim[1].dim_value) != SIZE:
        raise ValueError(f"the graph draws {size} px: mimes paint on {SIZE} px only")
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


def read(path: Path, network: Network, name: str) -> Network:
    """A network with what `twingan.act` ("reader"), `twingan.glasses` or `twingan.hair` wrote, or a graph's mime has.

    Raises:
        SystemExit: it cannot be read, the message has the remedy.
    """
    if path.suffix == ".onnx":
        try:
            fill(network, read_model(path), name)
        except (ValueError, EngineError) as error:
            raise SystemExit(f"{path}: {error} (docs/training.md, 6)") from None
        return network
    state = read_checkpoint(path)
    if name not in state:
        raise SystemExit(
            f"{path} is not what `python -m {MAKERS[name]}` writes: make it with that (docs/training.md, 6)"
        )
    network.load_state_dict(state[name])
    return network


def mime_of(graph: Path, eyes: dict[str, DrawnEyes]) -> Mime:
    """A graph's mime; it paints these eyes.

    Raises:
        SystemExit: it has none, the message has the remedy.
    """
    networks = (
        read(graph, Reader(), "reader"),
        read(graph, GlassesReader(), "glasses"),
        read(graph, HairReader(), "hair"),
    )
    return Mime(*networks, Painter(eyes))


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    names = {"woman": options.women, "man": options.men}
    try:
        mime = Mime(
            read(options.reader, Reader(), "reader"),
            read(options.glasses, GlassesReader(), "glasses"),
            read(options.hair, HairReader(), "hair"),
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
    for name, maker in MAKERS.items():
        text = f"what `{maker}` learnt, or a graph with a mime (default %(default)s)"
        parser.add_argument(f"--{name}", type=Path, default=RELEASED, help=text)
    parser.add_argument("--drawings", type=Path, required=True, help="packed, undyed: whose eyes are painted")
    parser.add_argument("--women", default=EYES["woman"], help="the drawing whose eyes women get (default %(default)s)")
    parser.add_argument("--men", default=EYES["man"], help="and men (default %(default)s)")
    parser.add_argument("-o", "--output", type=Path, required=True)
    return parser


if __name__ == "__main__":
    main()
