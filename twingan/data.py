"""A packed domain (see `twingan.pack`) held in memory at one picture size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

SEXES = {"man": 1.0, "woman": -1.0}
"""Groups that a sex is stated for, and how a discriminator is told; 0 is not stated."""


class Domain:
    """Draws batches of RGBA pictures, float [N,4,S,S] in -1 .. 1.

    Args:
        path: a packed domain without suffix.
        size: side S of the pictures; they are averaged down from the packed size.
        validation: the 5 % that training never sees, instead of the others.
        device: where the pixels live; a training step then waits for no copy.

    Raises:
        FileNotFoundError: not packed yet; the message has the command.
        ValueError: packed at a size that `size` does not divide.
    """

    def __init__(self, path: str, size: int, *, validation: bool = False, device: str = "cpu") -> None:
        packed, note = opened(Path(path))
        rows = note["pictures"]
        chosen = [i for i, row in enumerate(rows) if row["validation"] == validation]
        self.groups = [str(rows[i]["group"]) for i in chosen]
        self.files = [str(rows[i]["file"]) for i in chosen]
        self._rows = [rows[i] for i in chosen]
        self._path = path
        self.weights = torch.tensor([float(rows[i]["weight"]) for i in chosen], device=device)
        self._sexes = torch.tensor([SEXES.get(group, 0.0) for group in self.groups], device=device)
        self._noted: dict[str, Tensor] = {}
        if packed.shape[1] % size:
            raise ValueError(
                f"{path}.npy has pictures of {packed.shape[1]} px, not of {size} px or a multiple: make it anew"
            )
        self.pictures = _resized(packed, chosen, size).to(device)

    def __len__(self) -> int:
        return len(self.pictures)

    def draw(self, count: int) -> Tensor:
        """A batch drawn by the pictures' weights, with torch's global generator."""
        return self.take(self.choose(count))

    def choose(self, count: int, among: Tensor | None = None) -> Tensor:
        """Numbers of pictures, drawn by their weights, times `among` [N]: 0 leaves one out."""
        weights = self.weights if among is None else self.weights * among
        return torch.multinomial(weights, count, replacement=True)

    def sexes(self, indices: Tensor) -> Tensor:
        """Of the named pictures, see `SEXES`: [N]."""
        return self._sexes[indices]

    def hair(self, indices: Tensor) -> Tensor:
        """Hair colours of the named pictures, RGB [N,3] in 0 .. 1; see `twingan.palette` and `twingan.dye`."""
        return self._colours("hair", "python -m twingan.palette")[indices]

    def skin(self, indices: Tensor) -> Tensor:
        """Skin colours of the named dyed drawings, RGB [N,3] in 0 .. 1."""
        return self._colours("skin", "python -m twingan.dye")[indices]

    def _colours(self, name: str, maker: str) -> Tensor:
        """Of all pictures [M,3]; raises ValueError: they were never noted, the message has the command."""
        if name not in self._noted:
            if any(name not in row for row in self._rows):
                raise ValueError(f"{self._path} has no {name} colours: note them with `{maker}` (docs/training.md)")
            colours = torch.tensor([row[name] for row in self._rows])
            self._noted[name] = colours.to(self.pictures.device)
        return self._noted[name]

    def take(self, indices: Tensor) -> Tensor:
        """The named pictures."""
        return self.pictures[indices].float() / 127.5 - 1


def opened(path: Path) -> tuple[np.ndarray, dict[str, Any]]:
    """A packed domain's pictures, RGBA uint8 [N,S,S,4] that stay on disk, and its note, as `save` has them.

    Raises:
        FileNotFoundError: not packed yet; the message has the command.
    """
    array = path.with_suffix(".npy")
    if not array.is_file():
        raise FileNotFoundError(f"{array} is missing: make it with `python -m twingan.pack` (docs/training.md)")
    return np.load(array, mmap_mode="r"), json.loads(path.with_suffix(".json").read_text())


def save(path: Path, pictures: np.ndarray, note: dict[str, Any]) -> None:
    """Write a packed domain (temporary files, then renames).

    Args:
        path: without suffix.
        pictures: RGBA uint8 [N,S,S,4].
        note: `crop_recipe`, and in `pictures` a row each: file, group, weight, validation, colours.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npy")
    np.save(partial, pictures)
    partial.replace(path.with_suffix(".npy"))
    annotate(path, note)


def annotate(path: Path, note: dict[str, Any]) -> None:
    """Write a packed domain's note alone."""
    partial = path.with_suffix(".partial.json")
    partial.write_text(json.dumps(note, indent=0))
    partial.replace(path.with_suffix(".json"))


def _resized(packed: np.ndarray, chosen: list[int], size: int) -> Tensor:
    """uint8 [N,4,size,size]."""
    parts = []
    for start in range(0, len(chosen), 64):
        part = torch.from_numpy(packed[chosen[start : start + 64]]).permute(0, 3, 1, 2)
        factor = part.shape[-1] // size
        if factor > 1:
            part = (functional.avg_pool2d(part.float(), factor) + 0.5).to(torch.uint8)
        parts.append(part)
    return torch.cat(parts)
