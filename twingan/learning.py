"""A small network that learns by AdamW along a cosine, and its average over the last steps, which is what is kept."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar, cast

import torch
from torch import Tensor, nn

from twingan.schedule import along_cosine, averaging

EMA_STEPS = 100
"""Half-life of the average."""

Network = TypeVar("Network", bound=nn.Module)


class Learning(Generic[Network]):
    """See the module.

    Args:
        reader: what learns.
        rate: the learning rate at the start; it falls to zero along a cosine.
    """

    def __init__(self, reader: Network, rate: float) -> None:
        self.reader, self.rate = reader.train(), rate
        self.optimizer = torch.optim.AdamW(self.reader.parameters(), rate, weight_decay=1e-2)
        self.mean = averaging(self.reader, EMA_STEPS)

    def update(self, loss: Tensor, progress: float) -> float:
        """One step; `progress` is 0 .. 1. Returns the loss."""
        along_cosine(self.optimizer, self.rate, progress)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.mean.update_parameters(self.reader)
        return loss.item()

    def learnt(self) -> Network:
        """The averaged network, to be used."""
        return copy.deepcopy(cast(Network, self.mean.module)).eval()
