"""A small packed data set that exists in memory only as long as a test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest


def pack(path: Path, pictures: list[np.ndarray]) -> str:
    """Write a packed domain as `twingan.pack` does; every 8th picture is for validation."""
    np.save(path.with_suffix(".npy"), np.stack(pictures))
    colours = {"hair": [0.2, 0.1, 0.1], "skin": [0.9, 0.7, 0.6]}
    rows = [
        {"file": f"some-diverse/{i}.png", "group": "any", "weight": 1, "validation": i % 8 == 7, **colours}
        for i in range(len(pictures))
    ]
    path.with_suffix(".json").write_text(json.dumps({"pictures": rows}))
    return str(path)


def disc(size: int, seed: int, ground: int) -> np.ndarray:
    """RGBA uint8 [size,size,4]: a coloured disc with two dark dots; alpha is the disc."""
    rng = np.random.default_rng(seed)
    picture = np.full((size, size, 4), (ground, ground, ground, 0), np.uint8)
    colour = [int(c) for c in rng.integers(90, 255, 3)]
    middle = (size // 2 + int(rng.integers(-2, 3)), size // 2)
    cv2.circle(picture, middle, size * 3 // 8, (*colour, 255), -1)
    for side in (-1, 1):
        cv2.circle(picture, (middle[0] + side * size // 7, middle[1] - 1), size // 16, (20, 20, 30, 255), -1)
    return picture


@pytest.fixture
def domains(tmp_path: Path) -> tuple[str, str]:
    """Paths of two packed domains of 16 pictures at 64 px."""
    source = pack(tmp_path / "human", [disc(64, i, 120) for i in range(16)])
    target = pack(tmp_path / "anime", [disc(64, 100 + i, 255) for i in range(16)])
    return source, target


@pytest.fixture
def noted() -> Callable[[str, str, list[Any]], str]:
    """Writes one note of all pictures of a packed domain, the values in turn, and gives back its path."""

    def write(path: str, name: str, values: list[Any]) -> str:
        note = Path(path).with_suffix(".json")
        packed = json.loads(note.read_text())
        for number, row in enumerate(packed["pictures"]):
            row[name] = values[number % len(values)]
        note.write_text(json.dumps(packed))
        return path

    return write
