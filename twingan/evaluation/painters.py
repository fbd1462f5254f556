"""What can be judged: a released graph, other people's networks, and references that need no network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from engines.contract import GraphInfo

Pictures = npt.NDArray[np.uint8]

INPUT, PHOTO_FILTER = "input", "photo filter"

PEERS = {
    "AnimeGANv3 tiny_Cute": "hifilter/filters/models/AnimeGANv3_tiny_Cute.onnx",
    "AnimeGANv3 Hayao": "hifilter/filters/models/AnimeGANv3_Hayao_36.onnx",
}
"""Inside PyPI hifilter 0.2.7. Upstream (TachibanaYoshino/AnimeGANv3) allows no commercial use: for comparison only."""


@dataclass(frozen=True)
class Painter:
    """Something that turns crops into portraits.

    Attributes:
        name: for people.
        runtime: what executes it.
        identity: names the file and the version, so that results may be kept.
        clips_every: flicker is measured on every so many people, every one with 1; others' networks are slow.
        paint: RGB uint8 [N,S,S,3] -> RGB uint8 [N,S,S,3].
    """

    name: str
    runtime: str
    identity: str
    paint: Callable[[Pictures], Pictures]
    clips_every: int = 1


def photo_filter() -> Painter:
    """OpenCV's edge-preserving stylization: what a plain filter makes of a photo."""

    def paint(batch: Pictures) -> Pictures:
        return np.stack([np.asarray(cv2.stylization(p, sigma_s=60, sigma_r=0.45), np.uint8) for p in batch])

    runtime = f"OpenCV {cv2.__version__} stylization"
    return Painter(PHOTO_FILTER, runtime, runtime, paint)


def untouched() -> Painter:
    """The input itself."""
    return Painter(INPUT, "none", "input", lambda batch: batch)


def installed_peers(folder: Path) -> list[Path]:
    """The peers' graphs that lie in the folder of extras."""
    return [folder / path for path in PEERS.values() if (folder / path).is_file()]


def peer(path: Path, side: int = 256) -> Painter:
    """An AnimeGAN-like graph: one float input [1,H,W,3] RGB in -1 .. 1, one output of the same kind.

    Raises:
        ValueError: the file is no such graph.
    """
    import onnxruntime
    from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf, NoSuchFile

    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except (Fail, InvalidGraph, InvalidProtobuf, NoSuchFile) as error:
        first = str(error).splitlines()[0]
        raise ValueError(f"--peer {path} is not readable as ONNX ({first}): name an AnimeGAN graph") from None
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or len(inputs[0].shape) != 4 or inputs[0].shape[3] != 3:
        found = [(i.name, i.type, i.shape) for i in inputs]
        raise ValueError(f"--peer {path}: expected one float input [N,H,W,3] in -1 .. 1, got {found}")

    def paint_one(picture: Pictures) -> Pictures:
        size = picture.shape[0]
        given = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA if size > side else cv2.INTER_CUBIC)
        drawn = session.run(None, {inputs[0].name: given[None].astype(np.float32) / 127.5 - 1})[0][0]
        pixels = np.clip(np.rint((drawn + 1) * 127.5), 0, 255).astype(np.uint8)
        return np.asarray(cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA), np.uint8)

    names = {Path(graph).name: name for name, graph in PEERS.items()}
    runtime = f"ONNX Runtime CPU {onnxruntime.__version__}"
    name = names.get(path.name, path.stem)
    paint = partial(_each, paint_one)
    return Painter(name, runtime, identity(path, runtime), paint, clips_every=4)


def _each(paint_one: Callable[[Pictures], Pictures], batch: Pictures) -> Pictures:
    return np.stack([paint_one(picture) for picture in batch])


def graph(path: Path) -> tuple[Painter, GraphInfo]:
    """A released graph on the CPU, and what it says about itself.

    Raises:
        EngineError: the graph cannot be used.
    """
    from engines.load import load_cpu

    generator = load_cpu(path)
    return Painter(path.stem, generator.runtime, identity(path, generator.runtime), generator), generator.info


def identity(path: Path, runtime: str) -> str:
    """Names a file by its content, and what executes it."""
    return f"{hashlib.sha256(path.read_bytes()).hexdigest()} {runtime}"
