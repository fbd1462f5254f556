"""A font that knows the letters of a sentence, for the text on prints."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

CANDIDATES = (
    "NotoSansCJK-Bold.ttc",
    "NotoSansJP-Bold.otf",
    "ヒラギノ角ゴシック W6.ttc",  # macOS
    "YuGothB.ttc",  # Windows
    "meiryob.ttc",
    "msgothic.ttc",
    "ipagp.ttf",
    "fonts-japanese-gothic.ttf",
    "NotoSans-Bold.ttf",
    "DejaVuSans-Bold.ttf",
    "LiberationSans-Bold.ttf",
    "arialbd.ttf",
    "Arial Bold.ttf",
)
"""Looked for in the system's folders, Japanese ones first: they know Latin letters as well."""
UNKNOWN = "\U0010fffd"
"""No font has a picture of this one, so it is drawn as "unknown"."""


def find_font(text: str, size: int, named: str = "") -> FreeTypeFont | None:
    """The first font that has all the letters of a text; None where there is none on this machine.

    Args:
        text: what shall be written.
        size: pixels.
        named: font file to try first.
    """
    for name in ((named,) if named else ()) + CANDIDATES:
        font = _opened(name, size)
        if font is not None and _knows(font, text):
            return font
    return None


@cache
def _opened(name: str, size: int) -> FreeTypeFont | None:
    from PIL import ImageFont

    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


def _knows(font: FreeTypeFont, text: str) -> bool:
    unknown = _drawn(font, UNKNOWN)
    return all(_drawn(font, letter) != unknown for letter in set(text) if not letter.isspace())


def _drawn(font: FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)
