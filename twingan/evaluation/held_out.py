"""The pictures that training never saw."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

LEAST = 8


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Held-out pictures of one domain.

    Attributes:
        name: the domain's file without folder.
        pictures: RGB uint8 [N,S,S,3].
        files: where each came from, `folder/file`.
        groups: `man`, `woman` or `any` (unknown) of each.
        crop_recipe: how they were cropped.
    """

    name: str
    pictures: npt.NDArray[np.uint8]
    files: list[str]
    groups: list[str]
    crop_recipe: str


def load(path: str, size: int) -> HeldOut:
    """The validation pictures of a packed domain (`python -m twingan.pack`).

    Raises:
        FileNotFoundError, ValueError: it is not packed, damaged, or too small to say anything; with the remedy.
    """
    from twingan.data import Domain

    try:
        domain = Domain(path, size, validation=True)
        recipe = str(json.loads(Path(path).with_suffix(".json").read_text()).get("crop_recipe", ""))
    except (KeyError, TypeError, EOFError) as error:
        raise ValueError(f"{path} is no packed domain ({error!r}): pack it again (docs/training.md)") from None
    if len(domain) < LEAST:
        raise ValueError(f"{path} holds {len(domain)} validation pictures, at least {LEAST} are needed: pack more")
    pictures = domain.pictures[:, :3].permute(0, 2, 3, 1).contiguous().numpy()
    if pictures.shape[1] != size:
        raise ValueError(f"{path} holds pictures of {pictures.shape[1]} px, the graph works at {size}: pack it larger")
    return HeldOut(Path(path).stem, pictures, domain.files, domain.groups, recipe)
