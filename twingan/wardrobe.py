"""The drawings that people are given, ready to take their colours."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from twingan.stencils import Stencils


def wardrobe(
    drawings: npt.NDArray[np.uint8], note: dict[str, Any], files: Collection[str]
) -> tuple[Stencils, npt.NDArray[np.bool_]]:
    """Of a packed domain, RGBA [N,S,S,4], and its note: the named drawings in their order, and which show men.

    Raises:
        ValueError: none is named, or one is not packed, or in one hair cannot be told from skin.
    """
    if not files:
        raise ValueError("no drawings are named: name some twenty, one `folder/file length` a line")
    rows = note["pictures"]
    numbers = {row["file"]: number for number, row in enumerate(rows)}
    found = {file: Stencils.of(np.asarray(drawings[numbers[file]])) for file in files if file in numbers}
    usable = [found.get(file) for file in files]
    useless = [file for file, one in zip(files, usable, strict=True) if one is None]
    if useless:
        raise ValueError(f"{useless[0]} is not packed, or its hair cannot be told from its skin: name another drawing")
    men = np.array([rows[numbers[file]]["group"] == "man" for file in files])
    return Stencils.all([one for one in usable if one is not None]), men
