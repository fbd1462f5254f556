"""How the short runs after training learn ever less, and what of them is kept."""

from __future__ import annotations

import math

from torch import nn
from torch.optim import Optimizer, swa_utils


def along_cosine(optimizer: Optimizer, rate: float, progress: float) -> None:
    """Set the learning rate: `rate` at a progress of 0, zero at 1."""
    for group in optimizer.param_groups:
        group["lr"] = rate * (1 + math.cos(progress * math.pi)) / 2


def averaging(network: nn.Module, half_life: int) -> swa_utils.AveragedModel:
    """An average of a network over its last steps, to be told of each; what is so many steps old counts half."""
    average = swa_utils.get_ema_multi_avg_fn(0.5 ** (1 / half_life))  # type: ignore[no-untyped-call]
    return swa_utils.AveragedModel(network, multi_avg_fn=average)
