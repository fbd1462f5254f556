"""Contact sheets of what a network draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from twingan.config import TrainConfig
from twingan.data import Domain
from twingan.networks import TwinGAN


def validation_faces(source: str, size: int, count: int = 24) -> Tensor:
    """RGB [count,3,size,size] of validation faces, the groups mixed, the same ones every time."""
    people = Domain(source, size, validation=True)
    wide = [i for i, file in enumerate(people.files) if "diverse" in file]
    rest = [i for i, file in enumerate(people.files) if "diverse" not in file]
    order = np.random.default_rng(7).permutation(rest).tolist()
    return people.take(torch.tensor((wide + order)[:count]))[:, :3]


@torch.no_grad()
def sample_sheet(network: TwinGAN, config: TrainConfig, size: int, fade: float, path: Path, columns: int = 12) -> None:
    """Write pairs of rows: validation faces, and below each its portrait."""
    device = next(network.parameters()).device
    source, target = network.config.domains
    faces = validation_faces(config.source, size).to(device)
    drawn = network(faces, source, target, fade)
    rows = []
    for start in range(0, len(faces), columns):
        rows += [faces[start : start + columns], drawn[start : start + columns]]
    cells = torch.cat([torch.cat(list(row), 2) for row in rows], 1)  # [3, rows S, columns S]
    pixels = ((cells.float().clamp(-1, 1) + 1) * 127.5 + 0.5).permute(1, 2, 0).to(torch.uint8).cpu().numpy()
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
