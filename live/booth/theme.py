"""What the booth looks like and says: one small TOML file over the one that comes with the app."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "theme"
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
LOGO_BYTES = 4 * 1024 * 1024
LOGO_SIDE = 4096
LOGO_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
SECONDS = {"attract": (1, 3600), "countdown": (1, 10), "result": (5, 600), "keep": (30, 600), "operator": (10, 3600)}
"""Least and most of each time."""
FLAGS, WORDS = ("original", "printer", "upscale"), ("title", "logo", "print_font")
LONGEST_TEXT = 400

Table = dict[str, Any]


class ThemeError(ValueError):
    """The theme file cannot be used; one line that names file, key, what was got and what was expected."""


@dataclass(frozen=True)
class Logo:
    """A checked picture file: its content and its media type."""

    data: bytes
    kind: str


@dataclass(frozen=True)
class Theme:
    """A checked theme; see theme/theme.toml for what the fields mean.

    Attributes:
        colours: "#rrggbb" by name.
        seconds: by name, see `SECONDS`.
        texts: sentences by language and name; every language has the same names.
        logo: None where there is none.
    """

    title: str
    languages: tuple[str, ...]
    colours: Mapping[str, str]
    seconds: Mapping[str, float]
    texts: Mapping[str, Mapping[str, str]]
    original: bool
    upscale: bool
    printer: bool
    print_font: str
    logo: Logo | None

    def say(self, language: str, name: str, **values: object) -> str:
        """A sentence, in the booth's own language where the one asked for is not spoken."""
        words = self.texts[language if language in self.languages else self.languages[0]]
        return words[name].format(**{"title": self.title, "minutes": round(self.seconds["keep"] / 60), **values})


def load_theme(path: Path | None = None) -> Theme:
    """The theme of a file over the one that comes with the app; None is that one alone.

    Raises:
        ThemeError: see there.
    """
    builtin = _read(FOLDER / "theme.toml")
    texts = _read(FOLDER / "texts.toml")
    if path is None:
        return _theme(builtin, texts, FOLDER)
    try:
        return _theme(_merged(builtin, _read(path), ""), texts, path.parent)
    except ThemeError as error:
        raise ThemeError(str(error) if str(path) in str(error) else f"{path}: {error}") from error


def _read(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ThemeError(f"theme file {path} cannot be read ({reason}): check --booth-theme") from error
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(f"{path} is not TOML: {error}") from error


def _merged(under: Table, over: Table, where: str) -> Table:
    """`over` laid upon `under`; only what is there already may be said, texts excepted, which are checked later."""
    for key, value in over.items():
        if key not in under and not where.startswith("text"):
            raise ThemeError(f"unknown key {where}{key}: expected one of {', '.join(under)}")
        if isinstance(value, dict) != isinstance(under.get(key, value), dict):
            raise ThemeError(f"{where}{key}: got {value!r}, expected something like {under[key]!r}")
    nested = {
        key: _merged(under.get(key, {}), value, f"{where}{key}.")
        for key, value in over.items()
        if isinstance(value, dict)
    }
    return {**under, **over, **nested}


def _theme(table: Table, texts: Table, folder: Path) -> Theme:
    languages = _languages(table["languages"], texts)
    for name, colour in table["colours"].items():
        if not isinstance(colour, str) or not COLOUR.fullmatch(colour):
            raise ThemeError(f"colours.{name}: got {colour!r}, expected a colour such as '#ff5fa2'")
    for name in FLAGS:
        _of_type(name, table[name], bool, "true or false")
    for name in WORDS:
        _of_type(name, table[name], str, "a text in quotes")
    return Theme(
        title=table["title"],
        languages=languages,
        colours=table["colours"],
        seconds={name: _seconds(name, value) for name, value in table["seconds"].items()},
        texts={language: _texts(language, texts[language], table["text"].get(language, {})) for language in languages},
        original=table["original"],
        upscale=table["upscale"],
        printer=table["printer"],
        print_font=table["print_font"],
        logo=_logo(folder / table["logo"]) if table["logo"] else None,
    )


def _languages(wanted: object, texts: Table) -> tuple[str, ...]:
    known = ", ".join(texts)
    if not isinstance(wanted, list) or not wanted or not set(map(str, wanted)) <= set(texts):
        raise ThemeError(f"languages: got {wanted!r}, expected some of {known}")
    return tuple(dict.fromkeys(wanted))


def _seconds(name: str, value: object) -> float:
    least, most = SECONDS[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ThemeError(f"seconds.{name}: got {value!r}, expected {least} .. {most}")
    return float(value)


def _texts(language: str, usual: Table, own: Table) -> Mapping[str, str]:
    for name, text in own.items():
        if name not in usual:
            raise ThemeError(f"text.{language}.{name}: unknown text: expected one of {', '.join(usual)}")
        _of_type(f"text.{language}.{name}", text, str, "a text in quotes")
        _check_places(f"text.{language}.{name}", text, usual[name])
    return {**usual, **own}


def _check_places(where: str, text: str, usual: str) -> None:
    """A sentence may use the {places} of the usual one, and {title} and {minutes} everywhere."""
    places = set(re.findall(r"{(\w+)}", usual)) | {"title", "minutes"}
    try:
        text.format(**dict.fromkeys(places, "0"))
    except (KeyError, IndexError, ValueError) as error:
        listed = ", ".join(f"{{{place}}}" for place in sorted(places))
        raise ThemeError(f"{where}: got {text!r}, expected no other braces than {listed}") from error
    if len(text) > LONGEST_TEXT:
        raise ThemeError(f"{where}: got {len(text)} characters, expected at most {LONGEST_TEXT}")


def _of_type(name: str, value: object, kind: type, expected: str) -> None:
    if not isinstance(value, kind):
        raise ThemeError(f"{name}: got {value!r}, expected {expected}")


def _logo(path: Path) -> Logo:
    from PIL import Image

    expected = f"a PNG, JPEG or WebP picture of at most {LOGO_SIDE} pixels a side and {LOGO_BYTES // 2**20} MB"
    try:
        with path.open("rb") as file:
            data = file.read(LOGO_BYTES + 1)
        with Image.open(io.BytesIO(data), formats=list(LOGO_TYPES)) as picture:
            kind, fits = LOGO_TYPES[str(picture.format)], max(picture.size) <= LOGO_SIDE
    except OSError as error:
        raise ThemeError(f"logo: got {path}, which cannot be read; expected {expected}") from error
    if not fits or len(data) > LOGO_BYTES:
        raise ThemeError(f"logo: got {path}, which is too large; expected {expected}")
    return Logo(data, kind)
