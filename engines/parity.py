"""How close two runtimes draw the same portraits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engines.base import Batch

LEAST_PSNR_DB = 35.0
"""An engine that is further off than this is refused unless forced."""
PORTRAITS = Path(__file__).parent.parent / "tests" / "images"
SUFFIXES = {".webp", ".png", ".jpg", ".jpeg"}


@dataclass(frozen=True)
class Parity:
    """Of one runtime against a reference.

    Attributes:
        psnr_db: peak signal-to-noise ratio over all pictures together, in dB; 99 where they are equal.
        largest: largest difference of a value, of 255.
        pictures: how many were compared.
        source: what they were.
    """

    psnr_db: float
    largest: int
    pictures: int
    source: str

    def __str__(self) -> str:
        return f"PSNR {self.psnr_db:.1f} dB, largest difference {self.largest} of 255 on {self.pictures} {self.source}"


def psnr_db(one: Batch, other: Batch) -> float:
    """10 log10(255^2 / mean squared difference); 99 where both are equal."""
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return 99.0 if error == 0 else min(99.0, 10 * np.log10(255**2 / error))


def compare(one: Callable[[Batch], Batch], reference: Callable[[Batch], Batch], batch: Batch, source: str) -> Parity:
    """Parity of two generators, picture by picture.

    Args:
        one, reference: RGB uint8 [N,S,S,3] -> the same.
        batch: RGB uint8 [N,S,S,3].
        source: what the pictures are, for people.
    """
    mine = np.concatenate([one(picture[None]) for picture in batch])
    other = np.concatenate([reference(picture[None]) for picture in batch])
    largest = int(np.abs(mine.astype(np.int16) - other).max())
    return Parity(round(psnr_db(mine, other), 2), largest, len(batch), source)


def portraits(size: int, folder: Path | None = None, most: int = 8) -> tuple[Batch, str]:
    """Real portraits, RGB uint8 [N,size,size,3], and what they are; made-up pictures where there are none.

    Args:
        size: side in pixels.
        folder: where to look; None for the CC0 portraits of the source tree.
        most: at most so many.
    """
    import cv2

    found = sorted(path for path in (folder or PORTRAITS).glob("*") if path.suffix.lower() in SUFFIXES)[:most]
    pictures = [
        picture for picture in (cv2.imread(str(path), cv2.IMREAD_COLOR) for path in found) if picture is not None
    ]
    if not pictures:
        from engines.calibrate import sample_pictures

        return sample_pictures(size), "made-up pictures"
    sized = [
        cv2.resize(cv2.cvtColor(one, cv2.COLOR_BGR2RGB), (size, size), interpolation=cv2.INTER_AREA) for one in pictures
    ]
    return np.asarray(sized, np.uint8), "portraits"
