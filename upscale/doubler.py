"""Twice the side, quickly enough for some live pictures a second (docs/decisions/0019-live-upscaling.md)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from engines.base import Batch
from engines.onnx_cpu import open_session
from engines.openvino_cpu import cpu_request
from upscale.upscaler import GRAPH, Picture

SCALE = 2
INPUT = "image"


class Doubler:
    """`Upscaler` at a quarter of the work: the network sees a drawing at half the side and enlarges it by four.

    Details of single pixels are lost, lines get as sharp. Callable from any thread; calls wait for each other.

    Args:
        graph: the network.

    Attributes:
        runtime: what executes the network, for people to read.

    Raises:
        engines.errors.EngineError: the graph is missing or damaged.
    """

    def __init__(self, graph: Path = GRAPH) -> None:
        self._run, self.runtime = _runner(graph)
        self._lock = threading.Lock()

    def __call__(self, drawings: Batch) -> Batch:
        """RGB uint8 [N,S,S,3] -> RGB uint8 [N,2S,2S,3], the caller's own."""
        count, side = drawings.shape[:2]
        doubled = np.empty((count, side * SCALE, side * SCALE, 3), np.uint8)
        with self._lock:  # the runtime uses its output again in the next call
            for drawing, large in zip(drawings, doubled, strict=True):
                large[:] = self._doubled(drawing)
        return doubled

    def _doubled(self, drawing: Picture) -> Picture:
        side = drawing.shape[0]
        half = -(-side // 2)
        small = np.asarray(cv2.resize(drawing, (half, half), interpolation=cv2.INTER_AREA), np.uint8)
        large = np.asarray(self._run(small[None])[0], np.uint8)
        if side % 2 == 0:
            return large
        return np.asarray(cv2.resize(large, (side * SCALE, side * SCALE), interpolation=cv2.INTER_AREA), np.uint8)


def _runner(graph: Path) -> tuple[Callable[[Batch], Batch], str]:
    """Runs the graph on the faster CPU runtime that is installed, like `engines.load.load_cpu`; and its name."""
    if find_spec("openvino"):
        request, runtime = cpu_request(graph)
        return lambda batch: request.infer({INPUT: batch}, share_inputs=True, share_outputs=True)[0], runtime
    import onnxruntime

    session = open_session(graph)
    return lambda batch: session.run(None, {INPUT: batch})[0], f"ONNX Runtime CPU {onnxruntime.__version__}"
