"""Note in a portrait graph which of its layers may compute in 8 bits, and what their inputs hold then.

    python -m twingan.int8 models/human2anime-lite.onnx --faces data/packed/human

The graph stays as it is but for one entry of its metadata (`engines.contract.RANGES`), which OpenVINO heeds on
processors without bfloat16. Layers are taken while the picture stays what it is (`NOISE_DB`), the least noise for the
time that is saved first; so the last ones, whose rounding is seen as grain, are hardly ever among them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from tqdm import tqdm

from engines.base import Batch
from engines.contract import INPUT, RANGES
from engines.errors import EngineError
from engines.openvino_model import convolutions, join_upsampling, products, to_int8, with_zero
from engines.parity import psnr_db
from engines.surgery import read_model
from twingan.data import Domain
from twingan.export import save

NOISE_DB = 37.5
"""PSNR to the float32 picture at which no more layers are taken, foretold from what each costs alone."""
LEAST = 0.01
"""Share of all products that a layer must have to be worth it."""
PICTURES, VALUES = 24, 100_000
"""How many people are drawn, and how many values of each layer's input are looked at."""
CUTS = np.linspace(0.3, 1.0, 29)
"""Shares of the largest and of the least value at which ranges are cut: the one that rounds best is taken."""

Ranges = dict[str, tuple[float, float]]
Floats = npt.NDArray[np.float32]


class Trial:
    """One graph, run in float32 and with layers in 8 bits.

    Args:
        path: ONNX graph that keeps the contract.
        crops: RGB uint8 [N,S,S,3], what it draws.
    """

    def __init__(self, path: Path, crops: Batch) -> None:
        self._path, self._crops = path, crops
        self.costs = self._costs()
        self.plain = self.drawn({})

    def drawn(self, ranges: Mapping[str, tuple[float, float]]) -> Batch:
        """Portraits, RGB uint8 [N,S,S,3]."""
        model = self._model()
        to_int8(model, ranges)
        request = _request(model)
        return np.concatenate([request.infer({INPUT: crop[None]})[0].copy() for crop in self._crops])

    def noise_db(self, ranges: Mapping[str, tuple[float, float]]) -> float:
        """PSNR of portraits with these layers in 8 bits."""
        return psnr_db(self.drawn(ranges), self.plain)

    def held(self) -> dict[str, Floats]:
        """A sample of what the tensors of `costs` hold."""
        model = self._model()
        ports = {name: convolution.input_value(0) for name, convolution in _layers(model).items() if name in self.costs}
        model.add_outputs(list(ports.values()))
        request, random = _request(model), np.random.default_rng(0)
        kept: dict[str, list[Floats]] = {name: [] for name in ports}
        for crop in self._crops:
            request.infer({INPUT: crop[None]})
            for name in ports:
                values = request.get_tensor(name).data.reshape(-1)
                kept[name].append(values[random.integers(0, len(values), VALUES // len(self._crops))])
        return {name: np.concatenate(values) for name, values in kept.items()}

    def _model(self) -> Any:
        import openvino

        model = openvino.Core().read_model(str(self._path))
        model.reshape([1, *self._crops.shape[1:]])
        join_upsampling(model)
        return model

    def _costs(self) -> dict[str, int]:
        costs = {name: products(convolution) for name, convolution in _layers(self._model()).items()}
        return {name: cost for name, cost in costs.items() if cost > LEAST * sum(costs.values())}


def _layers(model: Any) -> dict[str, Any]:
    """Convolutions by the name of the tensor that they take."""
    return {
        min(node.input_value(0).get_names()): node for node in convolutions(model) if node.input_value(0).get_names()
    }


def _request(model: Any) -> Any:
    import openvino

    settings = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    return openvino.Core().compile_model(model, "CPU", settings).create_infer_request()


def best_range(values: Floats) -> tuple[float, float]:
    """Where values are best cut off when they are rounded to 8 bits: least mean square error."""
    least, most = min(float(values.min()), 0.0), max(float(values.max()), 1e-6)
    tried = [with_zero(least * min(1.0, 1.2 * cut), most * cut) for cut in CUTS]
    return min(tried, key=lambda edges: _error(values, *edges))


def _error(values: Floats, low: float, high: float) -> float:
    level = (high - low) / 255
    rounded = np.clip(np.round(values / level), round(low / level), round(high / level)) * level
    return float(np.mean((values - rounded) ** 2))


def choose(trial: Trial, noise_db: float = NOISE_DB) -> Ranges:
    """The layers that may be rounded, and their ranges; the last one is not tried."""
    ranges = {name: best_range(values) for name, values in trial.held().items()}
    names = list(ranges)[:-1]
    bar = tqdm(names, desc="layers", unit="layer")
    noise = {name: 10 ** (-trial.noise_db({name: ranges[name]}) / 10) for name in bar}
    chosen: Ranges = {}
    left = 10 ** (-noise_db / 10)
    for name in sorted(names, key=lambda name: noise[name] / trial.costs[name]):
        if noise[name] <= left:
            chosen[name] = ranges[name]
            left -= noise[name]
    return chosen


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m twingan.int8", description="Note what may compute in 8 bits.")
    parser.add_argument("graph", type=Path, help="of `twingan.export`, `twingan.mime` or `twingan.mirror`")
    parser.add_argument("--faces", type=Path, required=True, help="packed people, without suffix")
    options = parser.parse_args(arguments)
    try:
        model = read_model(options.graph)
        size = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
        trial = Trial(options.graph, _crops(options.faces, size))
        chosen = choose(trial)
    except (OSError, ValueError, EngineError) as error:
        raise SystemExit(f"{options.graph}: {error}") from None
    _note(model, options.graph, chosen)
    share = sum(trial.costs[name] for name in chosen) / sum(trial.costs.values())
    print(f"{options.graph}: {len(chosen)} layers, {share:.0%} of the work, {trial.noise_db(chosen):.1f} dB")


def _crops(faces: Path, size: int) -> Batch:
    people = Domain(str(faces), size)
    chosen = people.pictures[:: max(len(people) // PICTURES, 1)][:PICTURES, :3]
    return np.ascontiguousarray(chosen.permute(0, 2, 3, 1).numpy())


def _note(model: onnx.ModelProto, path: Path, ranges: Ranges) -> None:
    note = {entry.key: entry.value for entry in model.metadata_props}
    rounded = {name: [round(edge, 4) for edge in edges] for name, edges in ranges.items()}
    save(model, path, {**note, RANGES: json.dumps(rounded)})


if __name__ == "__main__":
    main()
