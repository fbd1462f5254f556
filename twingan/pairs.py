"""Pairs of people and of the drawings they should become: `twingan.acted` makes them, `twingan.act` learns them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from twingan.data import save as save_domain
from twingan.pixels import to_tensor

SHUT, AWAKE = 0.6, 0.15
"""Pairs with shut eyes are drawn less often by this, and not at all before so much of a first run is done: a network
that cannot tell yet who has shut eyes would draw them in between, a smear."""


class Pairs:
    """People and what they are to become, as `twingan.acted` wrote them.

    Args:
        path: without suffix.
        awake: share of the run that is without shut eyes.

    Raises:
        FileNotFoundError: not made yet; the message has the command.
    """

    def __init__(self, path: Path, awake: float = AWAKE) -> None:
        files = [path.with_suffix(".npy"), path.with_name(f"{path.name}-drawn.npy")]
        for file in files:
            if not file.is_file():
                raise FileNotFoundError(f"{file} is missing: make it with `python -m twingan.acted` (docs/training.md)")
        self.people, self.drawings = (np.load(file, mmap_mode="r") for file in files)
        rows = json.loads(files[0].with_suffix(".json").read_text())["pictures"]
        self.told = torch.tensor([row["part"] for row in rows])
        self.shut, self.awake = self.told[:, :2].amin(1) < 0.7, awake

    def draw(self, count: int, progress: float, device: str) -> tuple[Tensor, Tensor, Tensor]:
        """RGBA [N,4,S,S] and [N,4,2S,2S] in -1 .. 1, and what they do, [N,TOLD] (`part.Part.told`)."""
        weights = torch.where(self.shut, SHUT if progress >= self.awake else 0.0, 1.0)
        chosen = torch.multinomial(weights, count).sort().values
        person, drawing = (to_tensor(array[chosen.numpy()], device) for array in (self.people, self.drawings))
        return person, drawing, self.told[chosen].to(device)


def save(path: Path, people: npt.NDArray[np.uint8], drawings: npt.NDArray[np.uint8], told: list[list[float]]) -> None:
    """Write pairs as `path`.npy and `path`-drawn.npy (temporary files, then renames).

    Args:
        path: without suffix.
        people: RGBA uint8 [N,S,S,4].
        drawings: RGBA uint8 [N,2S,2S,4], transparent where anything may be.
        told: what each plays, see `Part.told`.
    """
    rows = [{"file": "acted", "group": "", "weight": 1.0, "validation": False, "part": part} for part in told]
    save_domain(path.with_name(f"{path.name}-drawn"), drawings, {"pictures": rows})
    save_domain(path, people, {"pictures": rows})
