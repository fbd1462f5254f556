from __future__ import annotations

import string
import tomllib
from pathlib import Path

import pytest
from PIL import Image

from live.booth.theme import FOLDER, ThemeError, load_theme

TEXTS = tomllib.loads((FOLDER / "texts.toml").read_text("utf-8"))


def themed(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_theme_that_comes_with_the_app_speaks_three_languages() -> None:
    theme = load_theme()
    assert theme.languages == ("en", "de", "ja")
    assert theme.say("de", "take") == "Foto machen"
    assert theme.say("ja", "take") == "写真を撮る"
    assert theme.say("fr", "take") == "Take my picture"
    assert theme.say("de", "caption") == "live gezeichnet von TwinGAN Live"
    assert "10 minutes" in theme.say("en", "privacy")


@pytest.mark.parametrize("language", ["de", "ja"])
def test_every_sentence_is_translated_with_the_same_places(language: str) -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert TEXTS[language].keys() == TEXTS["en"].keys()
    for name, text in TEXTS[language].items():
        assert text.strip()
        assert places(text) == places(TEXTS["en"][name]), name
        assert text != TEXTS["en"][name] or name == "pin", name


def test_a_file_says_only_what_differs(tmp_path: Path) -> None:
    path = themed(
        tmp_path,
        'title = "Fest"\n[colours]\naccent = "#00ff00"\n[text.de]\ntake = "Los mit {title}!"\n[seconds]\nkeep = 120',
    )
    theme = load_theme(path)
    assert theme.say("de", "take") == "Los mit Fest!"
    assert theme.colours["accent"] == "#00ff00"
    assert theme.colours["text"] == load_theme().colours["text"]
    assert "2 Minuten" in theme.say("de", "privacy")
    assert theme.say("en", "take") == "Take my picture"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("titel = 'x'", "unknown key titel: expected one of title"),
        ("[colours]\naccent = 'pink'", "colours.accent: got 'pink', expected a colour such as '#ff5fa2'"),
        ("[colours]\npink = '#ffffff'", "unknown key colours.pink"),
        ("[seconds]\nkeep = 100000", "seconds.keep: got 100000, expected 30 .. 600"),
        ("[seconds]\nkeep = true", "seconds.keep: got True"),
        ("languages = ['fr']", "languages: got ['fr'], expected some of en, de, ja"),
        ("languages = []", "languages: got []"),
        ("colours = 3", "colours: got 3"),
        ("title = 3", "title: got 3, expected a text in quotes"),
        ("printer = 'yes'", "printer: got 'yes', expected true or false"),
        ("[text.en]\nfoo = 'x'", "text.en.foo: unknown text"),
        ("[text.en]\ntake = 'Press {button}'", "expected no other braces than {minutes}, {title}"),
        ("[text.en]\ntake = 'Press {'", "text.en.take"),
        ("logo = 'missing.png'", "logo: got"),
        ("title = ", "is not TOML"),
    ],
)
def test_mistakes_are_told_in_one_line_with_the_file(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ThemeError) as error:
        load_theme(themed(tmp_path, text))
    assert told in str(error.value)
    assert "mine.toml" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ThemeError, match=r"cannot be read .*check --booth-theme"):
        load_theme(tmp_path / "none.toml")


def test_a_logo_beside_the_theme_is_read(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 10), "red").save(tmp_path / "logo.png")
    logo = load_theme(themed(tmp_path, "logo = 'logo.png'")).logo
    assert logo is not None
    assert logo.kind == "image/png"


def test_a_logo_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text("<svg/>")
    with pytest.raises(ThemeError, match="expected a PNG, JPEG or WebP picture"):
        load_theme(themed(tmp_path, "logo = 'logo.svg'"))
