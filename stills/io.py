"""Picture files in and out: every mode that Pillow reads becomes RGB, and nothing is left half written."""

from __future__ import annotations

import os
import struct
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")
"""File names that are taken for pictures in a folder."""
MAX_PIXELS = 100_000_000
"""Larger pictures are refused: a small damaged or hostile file may claim any size (8K has 33 million pixels)."""
QUALITY = 95
"""Of JPEG and WebP files, 0 .. 100."""

Frame = npt.NDArray[np.uint8]

# What Pillow's readers raise on damaged files, besides OSError; ValueError and SyntaxError are their own reports.
_DAMAGE = (SyntaxError, ValueError, ArithmeticError, LookupError, EOFError, TypeError, struct.error)


class PictureError(ValueError):
    """A file that cannot be read or written as a picture; the message is one line for the user."""


def read_picture(path: Path) -> Frame:
    """Read a picture upright (EXIF orientation), the first one of an animation.

    Grey, palette, CMYK and 16-bit pictures are converted; transparency is laid over white.

    Returns:
        RGB uint8 [H, W, 3].

    Raises:
        PictureError: the file is missing, damaged, no picture, or larger than `MAX_PIXELS`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of sizes that are checked here, and of odd metadata
            with Image.open(path) as image:
                _check_size(path, image.width, image.height)
                return _rgb(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError:
        raise PictureError(_too_large(path)) from None
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError(f"{path}: not a picture, or damaged at its beginning") from None
    except OSError as error:
        # Pillow reports damage as an OSError as well, but only the system's own errors have a number.
        trouble = "cannot be read" if error.errno else "damaged or cut off"
        raise PictureError(f"{path}: {trouble}: {_reason(error)}") from None
    except MemoryError:
        raise PictureError(f"{path}: not enough memory to read it; make it smaller") from None
    except _DAMAGE as error:
        raise PictureError(f"{path}: damaged: {_reason(error)}") from None


def write_picture(path: Path, picture: Frame) -> None:
    """Write RGB uint8 [H, W, 3] in the format that the name's suffix tells; an existing file is replaced at once.

    Missing folders are made.

    Raises:
        PictureError: the suffix is unknown, or the file cannot be written.
    """
    kind = Image.registered_extensions().get(path.suffix.lower())
    if path.suffix.lower() not in SUFFIXES or kind is None:
        raise PictureError(f"{path}: cannot write {path.suffix or 'a name without suffix'}; use {', '.join(SUFFIXES)}")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(part, format=kind, quality=QUALITY)
        part.replace(path)
    except OSError as error:
        raise PictureError(f"{path}: cannot be written: {_reason(error)}") from None
    finally:
        with suppress(OSError):
            part.unlink()


def find_pictures(folder: Path, *, recursive: bool = False, without: Path | None = None) -> list[Path]:
    """Files in a folder whose names look like pictures, sorted; hidden ones are left out.

    Args:
        folder: where to look.
        recursive: look in its folders too.
        without: a folder inside it to leave out (the results of an earlier run).
    """
    left_out = without.resolve() if without else None
    return sorted(
        path
        for path in (folder.rglob("*") if recursive else folder.iterdir())
        if path.suffix.lower() in SUFFIXES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and not (left_out and path.resolve().is_relative_to(left_out))
        and not path.is_dir()
    )


def _rgb(image: Image.Image) -> Frame:
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = _eight_bits(image)
    if image.has_transparency_data:
        over = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", over.size, "white"), over)
    return np.asarray(image.convert("RGB"), np.uint8).copy()


def _eight_bits(image: Image.Image) -> Image.Image:
    """A grey picture of 16 or 32 bits, or of floating point numbers, in 8 bits.

    Such files do not say what is white: 1 in floating point, 65535 in integers, unless the picture itself is brighter
    (then its brightest pixel) or keeps within 8 bits.
    """
    values = np.asarray(image).astype(np.float64)
    values = np.maximum(np.nan_to_num(values), 0)
    brightest = float(values.max(initial=0))
    usual = {"F": [1.0, 255.0, 65535.0], "I": [255.0, 65535.0]}.get(image.mode, [65535.0])
    white = next((white for white in usual if brightest <= white), brightest)
    return Image.fromarray(np.round(values * (255 / white)).astype(np.uint8))


def _check_size(path: Path, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PictureError(f"{_too_large(path)}, got {width} x {height}")
    if width < 1 or height < 1:
        raise PictureError(f"{path}: an empty picture ({width} x {height} pixels)")


def _too_large(path: Path) -> str:
    return f"{path}: too large: at most {MAX_PIXELS // 1_000_000} million pixels are taken; make it smaller"


def _reason(error: BaseException) -> str:
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return " ".join(text.split())
