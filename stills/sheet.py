"""Contact sheets: input and output side by side, labelled, on as many pages as it takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from stills.io import Frame, write_picture

THUMB = 160
"""Side of one picture on the sheet in pixels."""
COLUMNS, ROWS = 5, 8
"""Pairs on a page."""
LABEL = 18
"""Height of a label in pixels."""
GAP = 10
"""Between pairs, in pixels."""


class ContactSheet:
    """Collects pairs of pictures and writes a page whenever one is full.

    Args:
        path: file of the first page; the next ones are called `-2`, `-3` and so on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pairs: list[tuple[str, Image.Image, Image.Image]] = []
        self.pages: list[Path] = []
        """Files written so far."""

    def add(self, label: str, before: Frame, after: Frame) -> None:
        """Add one pair, both RGB uint8 [H, W, 3].

        Raises:
            PictureError: the page was full and cannot be written.
        """
        self._pairs.append((label, _thumb(before), _thumb(after)))
        if len(self._pairs) == COLUMNS * ROWS:
            self._write()

    def close(self) -> None:
        """Write the last page.

        Raises:
            PictureError: it cannot be written.
        """
        if self._pairs:
            self._write()

    def _write(self) -> None:
        number = len(self.pages) + 1
        path = self._path if number == 1 else self._path.with_stem(f"{self._path.stem}-{number}")
        pairs, self._pairs = self._pairs, []
        write_picture(path, np.asarray(_page(pairs)))
        self.pages.append(path)


def _page(pairs: list[tuple[str, Image.Image, Image.Image]]) -> Image.Image:
    columns = min(COLUMNS, len(pairs))
    rows = -(-len(pairs) // COLUMNS)
    across, down = 2 * THUMB + GAP, THUMB + LABEL + GAP
    page = Image.new("RGB", (columns * across + GAP, rows * down + GAP), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=13)
    for i, (label, before, after) in enumerate(pairs):
        x, y = GAP + i % COLUMNS * across, GAP + i // COLUMNS * down
        for picture, left in ((before, x), (after, x + THUMB)):
            page.paste(picture, (left + (THUMB - picture.width) // 2, y + (THUMB - picture.height) // 2))
        draw.text((x, y + THUMB + 1), _fitting(label, font, 2 * THUMB), fill="black", font=font)
    return page


def _thumb(picture: Frame) -> Image.Image:
    image = Image.fromarray(picture)
    image.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
    return image


def _fitting(label: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """The label, its beginning cut off where it is too long: the end of a path tells more."""
    cut = label
    while font.getlength(cut) > width and len(label) > 1:
        label = label[1:]
        cut = "..." + label
    return cut
