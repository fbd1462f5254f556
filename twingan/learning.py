"""A small network that learns by AdamW along a cosine, and its average over the last steps, which is what is kept; and
what the commands that teach one are told."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn
from tqdm import tqdm

from twingan.schedule import Averaged
from twingan.train import save

EMA_STEPS = 100
"""Half-life of the average."""

Network = TypeVar("Network", bound=nn.Module)


class Learning(Averaged[Network]):
    """See the module.

    Args:
        reader: what learns.
        rate: the learning rate at the start; it falls to zero along a cosine.
    """

    def __init__(self, reader: Network, rate: float) -> None:
        optimizer = torch.optim.AdamW(reader.parameters(), rate, weight_decay=1e-2)
        super().__init__(reader.train(), optimizer, rate, EMA_STEPS)
        self.reader = reader

    def taught(self, name: str, step: Callable[[float], float], options: argparse.Namespace) -> Network:
        """What a command teaches, and writes by its name: `step` is one update, given how far it is, 0 .. 1."""
        for done in tqdm(range(options.steps), desc=name, unit="step", mininterval=10):
            step(done / options.steps)
        learnt = self.learnt()
        options.output.parent.mkdir(parents=True, exist_ok=True)
        save({name: learnt.state_dict(), "step": options.steps}, options.output)
        return learnt


def add_arguments(parser: argparse.ArgumentParser, *, people: str, steps: int, batch: int) -> None:
    """What all such commands are told; `people` says what they learn from."""
    parser.add_argument("people", type=Path, help=f"{people}, without suffix")
    parser.add_argument("--held-out", type=Path, required=True, help="the same, whose other people are measured")
    parser.add_argument("--steps", type=int, default=steps, help="updates (default %(default)s)")
    parser.add_argument("--batch", type=int, default=batch, help="photos an update (default %(default)s)")
    parser.add_argument("--rate", type=float, default=2e-3, help="learning rate (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, required=True)
