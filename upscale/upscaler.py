"""Real-ESRGAN's small network for anime on the CPU: sharper lines at two or four times the side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from engines.onnx_cpu import cpu_options

SCALES = (2, 4)
GRAPH = Path(__file__).with_name("assets") / "realesr-animevideov3.onnx"
FACTOR = 4
"""What the network itself enlarges by; twice the side is that, averaged down."""
TILE = 256
"""Side in pixels of what is enlarged at once: bounds the memory to about 0.5 GB."""
REACH = 18
"""How far in pixels the network looks: one for each of its convolutions. Tiles overlap by it, so no seam shows."""

Picture = npt.NDArray[np.uint8]


class Upscaler:
    """Enlarges drawings; photographs come out painted.

    Args:
        scale: 2 or 4.
        threads: threads for one call; None leaves the number to ONNX Runtime.

    Attributes:
        scale: as given.
        runtime: what executes the network, for people to read.

    Raises:
        ValueError: another scale.
    """

    def __init__(self, scale: int, *, threads: int | None = None) -> None:
        if scale not in SCALES:
            raise ValueError(f"upscaling by {scale} was asked for; possible are {' and '.join(map(str, SCALES))}")
        import onnxruntime as ort

        options = cpu_options(threads)
        options.enable_mem_pattern = False  # tiles of several sizes
        self._session: Any = ort.InferenceSession(str(GRAPH), options, providers=["CPUExecutionProvider"])
        self.scale = scale
        self.runtime = f"realesr-animevideov3 on ONNX Runtime CPU {ort.__version__}"

    def __call__(self, picture: Picture) -> Picture:
        """RGB uint8 [H,W,3] -> RGB uint8 [scale H, scale W, 3].

        Raises:
            ValueError: something else than RGB uint8 [H,W,3].
        """
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
            raise ValueError(f"expected RGB uint8 [H,W,3], got {picture.dtype} {list(picture.shape)}")
        height, width = picture.shape[:2]
        enlarged = np.empty((height * self.scale, width * self.scale, 3), np.uint8)
        for top, left in _tiles(height, width):
            tile = self._tile(picture, top, left)
            y, x = top * self.scale, left * self.scale
            enlarged[y : y + tile.shape[0], x : x + tile.shape[1]] = tile
        return enlarged

    def _tile(self, picture: Picture, top: int, left: int) -> Picture:
        """The enlarged tile whose corner is at (top, left)."""
        height, width = picture.shape[:2]
        above, before = min(REACH, top), min(REACH, left)
        seen = picture[top - above : min(top + TILE + REACH, height), left - before : min(left + TILE + REACH, width)]
        (large,) = self._session.run(None, {"image": np.ascontiguousarray(seen)[None]})
        y, x = above * FACTOR, before * FACTOR
        own = large[0, y : y + TILE * FACTOR, x : x + TILE * FACTOR]
        if self.scale == FACTOR:
            return np.asarray(own, np.uint8)
        size = (own.shape[1] * self.scale // FACTOR, own.shape[0] * self.scale // FACTOR)
        return np.asarray(cv2.resize(own, size, interpolation=cv2.INTER_AREA), np.uint8)


def _tiles(height: int, width: int) -> Iterator[tuple[int, int]]:
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            yield top, left
