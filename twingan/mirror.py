"""Teach a released graph's human->human path to show people as they are: the style "myself".

    python -m twingan.mirror models/human2anime-lite.onnx --faces data/packed/human -o models/human2human-lite.onnx

In adversarial training that path only has to be good enough for the cycle, and is a blur. Here the whole network
begins with the graph's weights, gets finer concatenations between encoder and generator, and learns to give a person
back, cut out on white: pixels, edges and the features of `twingan.features` are to be the same.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from twingan import augment, export, features, losses, warm
from twingan.config import SIZES
from twingan.data import Domain
from twingan.export import PortraitGraph, write
from twingan.networks import TwinGAN
from twingan.schedule import along_cosine, run
from twingan.train import can_bf16

RATE = 1e-3
SKIPS = 64
"""Concatenations up to this feature resolution: a translation must redraw a photo's texture, a mirror must not."""
EDGES, FEATURES = 1.0, 0.3
"""Weights of the losses beside the pixels' L1."""


class Mirror:
    """A network that learns to give people back.

    Args:
        network: its norms neutral (`twingan.warm.fill`).
        encoded, drawn: sides at which it looks at a person and draws.
        device: "cpu" or "cuda".
    """

    def __init__(self, network: TwinGAN, encoded: int, drawn: int, device: str) -> None:
        self.network = network.to(device).eval().requires_grad_(True)
        self.features = features.load().to(device)
        self.encoded, self.drawn = encoded, drawn
        self.source = network.config.domains[0]
        self.optimizer = torch.optim.Adam(self.network.parameters(), RATE, (0.9, 0.99))
        self.autocast = torch.autocast(device, torch.bfloat16, enabled=can_bf16(device))

    def step(self, person: Tensor, progress: float) -> float:
        """One update; the learning rate falls along a cosine.

        Args:
            person: RGBA [N,4,drawn,drawn] in -1 .. 1.
            progress: 0 .. 1, how much of the run is done.

        Returns:
            The loss.
        """
        along_cosine(self.optimizer, RATE, progress)
        seen, clean, _ = augment.camera(person)
        seen = functional.avg_pool2d(seen, self.drawn // self.encoded)
        with self.autocast:
            drawn = self.network.decode(self.network.encode(seen, self.source), self.source, self.drawn)
            alike = [losses.picture(a, b) for a, b in zip(self.features(drawn), self._features(clean), strict=True)]
        loss = losses.picture(drawn, clean) + EDGES * losses.edges(drawn, clean) + FEATURES * torch.stack(alike).mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return float(loss.item())

    @torch.no_grad()
    def _features(self, picture: Tensor) -> list[Tensor]:
        maps: list[Tensor] = self.features(picture)
        return maps


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    torch.manual_seed(0)
    network = TwinGAN(dataclasses.replace(SIZES["lite"], skip_resolution=SKIPS))
    try:
        sides = warm.fill(network, options.graph)
        people = Domain(str(options.faces), sides.drawn, device=options.device)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    mirror = Mirror(network, sides.encoded, sides.drawn, options.device)
    run(mirror.step, people.draw, options.steps, options.batch, "myself")
    size = network.config.size
    graph = PortraitGraph(network.cpu(), mirror.source, mirror.source, size, mirror.drawn, mirror.encoded)
    write(graph, options.output, export.note(graph, f"{options.faces} (see the model card)", options.steps))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.mirror", description="Make the human->human graph.")
    parser.add_argument("graph", type=Path, help="a released graph of people, whose weights it begins with")
    parser.add_argument("--faces", type=Path, required=True, help="packed people, without suffix")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=["cpu", "cuda"])
    parser.add_argument("-o", "--output", type=Path, required=True)
    return parser


if __name__ == "__main__":
    main()
