"""Pictures as people keep them, uint8 [N,S,S,C], and as networks see them, float [N,C,S,S] in -1 .. 1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor


def to_tensor(pictures: npt.NDArray[np.uint8], device: str | torch.device = "cpu") -> Tensor:
    """For networks."""
    return torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2).contiguous().float() / 127.5 - 1


def to_pictures(x: Tensor) -> npt.NDArray[np.uint8]:
    """For people; what no screen can show is cut off."""
    pixels = ((x.float() + 1) * 127.5 + 0.5).clamp(0, 255).byte()  # + 0.5: the cast cuts off, which rounds
    return np.asarray(pixels.permute(0, 2, 3, 1).cpu().numpy(), np.uint8)


def on_white(person: Tensor) -> Tensor:
    """RGBA [N,4,S,S] -> RGB [N,3,S,S] before white."""
    alpha = (person[:, 3:] + 1) / 2
    return person[:, :3] * alpha + (1 - alpha)
