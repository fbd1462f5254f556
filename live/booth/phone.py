"""The page that a visitor's phone opens. It holds its own style and script: only /take/... is open to phones."""

from __future__ import annotations

import html
from string import Template

from live.booth.booth import PORTRAIT, PRINT
from live.booth.theme import FOLDER, Theme


def picture_page(theme: Theme, language: str, token: str, seconds: int) -> str:
    """HTML with a visitor's picture.

    Args:
        theme: colours and words.
        language: the visitor's.
        token: of the pictures.
        seconds: until they are gone.
    """
    here = f"/take/{token}"
    return _filled(
        "take.html",
        theme,
        language,
        here=here,
        print=f"{here}/{PRINT}",
        portrait=f"{here}/{PORTRAIT}",
        seconds=str(seconds),
        links=_language_links(theme, language, here),
    )


def gone_page(theme: Theme, language: str) -> str:
    """HTML that says that a picture is gone."""
    return _filled("gone.html", theme, language)


def _filled(name: str, theme: Theme, language: str, **parts: str) -> str:
    language = language if language in theme.languages else theme.languages[0]
    words = {word: html.escape(theme.say(language, word, time="{time}")) for word in _plain_words(theme, language)}
    style = (FOLDER / "take.css").read_text("utf-8")
    colours = "".join(f"--{name.replace('_', '-')}:{colour};" for name, colour in theme.colours.items())
    places = {**words, **parts, "language": language, "title": html.escape(theme.title)}
    return Template((FOLDER / name).read_text("utf-8")).substitute(places, style=f":root{{{colours}}}\n{style}")


def _plain_words(theme: Theme, language: str) -> list[str]:
    """Those that need nothing but what is known here."""
    later = ("{seconds}", "{count}", "{reason}", "{address}")
    return [name for name, text in theme.texts[language].items() if not any(place in text for place in later)]


def _language_links(theme: Theme, language: str, here: str) -> str:
    others = [other for other in theme.languages if other != language]
    return " ".join(
        f'<a href="{here}?lang={other}" lang="{other}">{html.escape(theme.say(other, "language"))}</a>'
        for other in others
    )
