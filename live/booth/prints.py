"""The pictures that visitors get: the portrait, and a print of camera and portrait side by side. Pure functions."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from face_crop.align import Frame, crop, enlarged
from live.animate import Moment
from live.booth.fonts import find_font
from live.booth.theme import Theme
from live.encode import encode_jpeg
from live.views import Person, grid
from upscale import Upscaler

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

PRINT_SIZE = (1800, 1200)
"""Width and height in pixels: 6 x 4 inches, a postcard, at 300 dots per inch."""
MARGIN = 48
FOOT = PRINT_SIZE[1] - (PRINT_SIZE[0] - 3 * MARGIN) // 2 - 2 * MARGIN
"""Height of the strip below the pictures."""
PORTRAIT_SIDE = 1024
QUALITY = 92
TITLE_SIZE, CAPTION_SIZE, SMALLEST_TEXT = 84, 44, 16
FALLBACK_LANGUAGE = "en"


def portrait_of(moment: Moment, side: int = PORTRAIT_SIDE, ground: str = "#000000") -> Frame:
    """The portraits of everybody in a moment, as shown, in one square on a ground: RGB uint8 [side, side, 3]."""
    return _square([_scaled(person.portrait, side) for person in moment.people], side, moment.mirror, ground)


def original_of(moment: Moment, side: int = PORTRAIT_SIDE, ground: str = "#000000") -> Frame:
    """The same people in the same places as the camera saw them: RGB uint8 [side, side, 3]."""
    return _square([_cut(moment.frame, person, side) for person in moment.people], side, moment.mirror, ground)


def print_of(moment: Moment, theme: Theme, language: str, day: str) -> Frame:
    """Side by side with title, caption, day and logo, to be printed as a postcard: RGB uint8 [1200, 1800, 3].

    Args:
        moment: with at least one person.
        theme: colours and words.
        language: the visitor's.
        day: the date as it shall be written.
    """
    from PIL import Image

    sheet = Image.new("RGB", PRINT_SIZE, theme.colours["background"])
    side = (PRINT_SIZE[0] - 3 * MARGIN) // 2
    ground = theme.colours["panel"]
    if theme.original:
        sheet.paste(Image.fromarray(original_of(moment, side, ground)), (MARGIN, MARGIN))
        sheet.paste(Image.fromarray(portrait_of(moment, side, ground)), (2 * MARGIN + side, MARGIN))
    else:
        sheet.paste(Image.fromarray(portrait_of(moment, side, ground)), ((PRINT_SIZE[0] - side) // 2, MARGIN))
    _write_foot(sheet, theme, language, day)
    return np.asarray(sheet, np.uint8)


def upscaled(moment: Moment, upscaler: Upscaler) -> Moment:
    """The same moment with more pixels in every portrait; about a second of work for each on one core."""
    return replace(moment, people=tuple(_enlarged(person, upscaler) for person in moment.people))


def jpeg(picture: Frame) -> bytes:
    """A picture worth keeping."""
    return encode_jpeg(picture, QUALITY)


def writes(theme: Theme, language: str) -> bool:
    """Whether this machine has a font for the words on a print."""
    words = theme.title + theme.say(language, "caption")
    return find_font(words, CAPTION_SIZE, theme.print_font) is not None


def _enlarged(person: Person, upscaler: Upscaler) -> Person:
    """One that the live picture had doubled already (`live.upscaling`) starts from the size it was drawn at."""
    drawn = _scaled(person.portrait, len(person.portrait if person.face is None else person.face))
    large = upscaler(drawn)
    matrix = enlarged(person.crop_from_frame, len(large) / len(person.portrait))
    return replace(person, portrait=large, crop_from_frame=matrix)


def _square(pictures: Sequence[Frame], side: int, mirror: bool, ground: str) -> Frame:
    """Pictures in a grid of equal squares, scaled down to fit."""
    square = np.full((side, side, 3), list(bytes.fromhex(ground[1:])), np.uint8)
    for picture, (left, top, width, height) in zip(pictures, grid(len(pictures), side, side), strict=True):
        small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        square[top : top + height, left : left + width] = cv2.flip(small, 1) if mirror else small
    return square


def _scaled(portrait: Frame, side: int) -> Frame:
    how = cv2.INTER_AREA if portrait.shape[0] > side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(portrait, (side, side), interpolation=how), np.uint8)


def _cut(frame: Frame, person: Person, side: int) -> Frame:
    """The person's crop at the size it is shown in; beyond the frame is a soft wash of its border's colours."""
    crop_from_frame = enlarged(person.crop_from_frame, side / person.portrait.shape[0])
    cut = crop(frame, crop_from_frame, side)
    inside = cv2.warpAffine(np.ones(frame.shape[:2], np.float32), crop_from_frame, (side, side))
    if inside.min() == 1:
        return cut
    # Eroded first, so that the soft edge lies within the frame.
    inside = cv2.blur(cv2.erode(inside, np.ones((side // 16, side // 16))), (side // 16, side // 16))[..., None]
    wash = cv2.resize(cv2.blur(cv2.resize(cut, (32, 32), interpolation=cv2.INTER_AREA), (9, 9)), (side, side))
    return np.asarray(cut * inside + wash * (1 - inside), np.uint8)


def _write_foot(sheet: Image, theme: Theme, language: str, day: str) -> None:
    from PIL import ImageDraw

    if not writes(theme, language):
        language = FALLBACK_LANGUAGE if FALLBACK_LANGUAGE in theme.languages else theme.languages[0]
    top = PRINT_SIZE[1] - FOOT
    room = PRINT_SIZE[0] - 2 * MARGIN - _paste_logo(sheet, theme, top)
    draw = ImageDraw.Draw(sheet)
    lines = (
        (theme.title, TITLE_SIZE, "accent", top + FOOT * 0.28),
        (f"{theme.say(language, 'caption')}  ·  {day}", CAPTION_SIZE, "text", top + FOOT * 0.7),
    )
    for text, size, colour, middle in lines:
        font = _fitting(text, size, room, theme.print_font)
        draw.text((MARGIN, middle), text, theme.colours[colour], font, anchor="lm")


def _fitting(text: str, size: int, room: int, named: str) -> FreeTypeFont:
    """A font in which the text is no wider than the room, where that is possible."""
    font = _font(text, size, named)
    while font.getlength(text) > room and size > SMALLEST_TEXT:
        size = max(SMALLEST_TEXT, int(size * 0.9))
        font = _font(text, size, named)
    return font


def _font(text: str, size: int, named: str) -> FreeTypeFont:
    from PIL import ImageFont

    # Pillow's own font knows ASCII only; better than nothing.
    return find_font(text, size, named) or ImageFont.load_default(size)  # type: ignore[return-value]


def _paste_logo(sheet: Image, theme: Theme, top: int) -> int:
    """Put the logo at the right; returns the width it takes, margin included."""
    if theme.logo is None:
        return 0
    from PIL import Image

    logo = Image.open(io.BytesIO(theme.logo.data)).convert("RGBA")
    logo.thumbnail((PRINT_SIZE[0] // 3, FOOT - MARGIN // 2))
    sheet.paste(logo, (PRINT_SIZE[0] - MARGIN - logo.width, top + (FOOT - logo.height) // 2 - MARGIN // 4), logo)
    return logo.width + MARGIN
