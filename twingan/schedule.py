"""How the short runs after training learn ever less, and what of them is kept."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Generic, TypeVar, cast

from torch import Tensor, nn
from torch.optim import Optimizer, swa_utils
from tqdm import tqdm

Batch = TypeVar("Batch")
Network = TypeVar("Network", bound=nn.Module)


def along_cosine(optimizer: Optimizer, rate: float, progress: float) -> None:
    """Set the learning rate: `rate` at a progress of 0, zero at 1."""
    for group in optimizer.param_groups:
        group["lr"] = rate * (1 + math.cos(progress * math.pi)) / 2


def averaging(network: nn.Module, half_life: int) -> swa_utils.AveragedModel:
    """An average of a network over its last steps, to be told of each; what is so many steps old counts half."""
    average = swa_utils.get_ema_multi_avg_fn(0.5 ** (1 / half_life))  # type: ignore[no-untyped-call]
    return swa_utils.AveragedModel(network, multi_avg_fn=average)


class Averaged(Generic[Network]):
    """A network that learns ever less, and its average over the last steps, which is what is kept.

    Args:
        network: what is averaged.
        optimizer: of what of it learns.
        rate: the learning rate at the start; it falls to zero along a cosine.
        half_life: of the average, in steps.
    """

    def __init__(self, network: Network, optimizer: Optimizer, rate: float, half_life: int) -> None:
        self.network, self.optimizer, self.rate = network, optimizer, rate
        self.mean = averaging(network, half_life)

    def update(self, loss: Tensor, progress: float) -> float:
        """One step; `progress` is 0 .. 1. Returns the loss."""
        along_cosine(self.optimizer, self.rate, progress)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.mean.update_parameters(self.network)
        return float(loss.item())

    def learnt(self) -> Network:
        """The averaged network, to be used."""
        return copy.deepcopy(cast(Network, self.mean.module)).eval()


def run(step: Callable[[Batch, float], float], draw: Callable[[int], Batch], steps: int, batch: int, name: str) -> None:
    """Take steps: each gets a batch and how much of the run is done, 0 .. 1, and gives a loss to be shown."""
    bar = tqdm(range(steps), desc=name, unit="step", mininterval=5)
    for done in bar:
        loss = step(draw(batch), done / steps)
        bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
