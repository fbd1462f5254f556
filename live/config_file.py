"""The settings file: TOML whose keys are the long flags of `python -m live`. A flag that is given wins."""

from __future__ import annotations

import argparse
import difflib
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

APP = "twingan-live"
LOCAL = Path("twingan-live.toml")
NOT_IN_FILE = ("help", "config", "command")
MakeParser = Callable[[], argparse.ArgumentParser]


class ConfigError(ValueError):
    """The settings file cannot be used; one line that names file, key, what was got and what was expected."""


def parse(arguments: Sequence[str] | None, make_parser: MakeParser) -> argparse.Namespace:
    """The flags over the settings file over the defaults.

    Args:
        arguments: command line; None is this program's.
        make_parser: makes the parser; called twice, since a parser cannot tell a flag that was given from a default.

    Returns:
        the flags, and `config_file`: the file that was read, None where there is none.

    Raises:
        ConfigError: see there. Wrong flags end the program, as argparse does.
    """
    flags = make_parser().parse_args(arguments)
    path = find(flags.config)
    values = read(path, make_parser()) if path else {}
    merged = {**vars(flags), **values, **_given(arguments, make_parser()), "config_file": path}
    return argparse.Namespace(**merged)


def find(wanted: Path | None) -> Path | None:
    """The settings file: the one asked for, else the one in this folder, else the user's; None where there is none.

    Raises:
        ConfigError: the one asked for does not exist.
    """
    if wanted is not None:
        if not wanted.is_file():
            raise ConfigError(f"no settings file {wanted}: check --config, or write one with `python -m live settings`")
        return wanted
    return next((path for path in (LOCAL, user_file()) if path.is_file()), None)


def user_file() -> Path:
    """Where the user's own settings belong: ~/.config/twingan-live/settings.toml on Linux."""
    from platformdirs import user_config_path

    return user_config_path(APP, appauthor=False) / "settings.toml"


def read(path: Path, parser: argparse.ArgumentParser) -> dict[str, Any]:
    """The values of a settings file, by the names that the parser's results have.

    Paths in the file are relative to the file's folder, and may begin with `~`.

    Raises:
        ConfigError: not readable, not TOML, an unknown key, or a value of the wrong type.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8 text'})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    options = keys(parser)
    for key in table:
        if key not in options:
            raise ConfigError(f"{path}: unknown key {key!r}: {_suggestion(key, list(options))}")
    try:
        return {options[key].dest: _value(key, value, options[key], path.parent) for key, value in table.items()}
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def keys(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """What the file may hold, in the order of `--help`."""
    # argparse offers no public list of what was added to it.
    return {_key(action): action for action in parser._actions if action.dest not in NOT_IN_FILE}


def example(parser: argparse.ArgumentParser) -> str:
    """A settings file that explains every key and sets none."""
    lines = [
        "# Settings of TwinGAN Live: remove the # before what you want to change.",
        "# Read from --config FILE, else ./twingan-live.toml, else ~/.config/twingan-live/settings.toml.",
        "# A flag given to `python -m live` wins. This example is what `python -m live settings` prints.",
    ]
    for key, action in keys(parser).items():
        lines += ["", f"# {(action.help or '') % vars(action)}", f"# {key} = {_toml(_sample(action))}"]
    return "\n".join(lines) + "\n"


def _given(arguments: Sequence[str] | None, parser: argparse.ArgumentParser) -> dict[str, Any]:
    for action in parser._actions:
        if action.option_strings:
            action.default = argparse.SUPPRESS
    return vars(parser.parse_args(arguments))


def _key(action: argparse.Action) -> str:
    return next((text[2:] for text in action.option_strings if text.startswith("--")), action.dest)


def _suggestion(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known)}"


def _value(key: str, value: object, action: argparse.Action, folder: Path) -> Any:
    if action.nargs == 0:
        return _checked(key, value, bool, "true or false")
    if isinstance(action.default, list):
        return [_single(key, item, action, folder) for item in _checked(key, value, list, 'a list such as ["a", "b"]')]
    return _single(key, value, action, folder)


def _single(key: str, value: object, action: argparse.Action, folder: Path) -> Any:
    if action.choices is not None and value not in action.choices:
        raise ConfigError(f"{key}: got {_shown(value)}, expected one of {', '.join(map(str, action.choices))}")
    if action.type is int:
        return _checked(key, value, int, "a whole number")
    if action.type is float:
        return float(_checked(key, value, (int, float), "a number"))
    text = _checked(key, value, str, "a text in quotes")
    if action.type is Path:
        return folder / Path(text).expanduser()
    try:
        return action.type(text) if callable(action.type) else text
    except (ValueError, TypeError, argparse.ArgumentTypeError) as error:
        raise ConfigError(f"{key}: got {_shown(value)}: {error}") from error


def _checked(key: str, value: Any, kind: type | tuple[type, ...], expected: str) -> Any:
    # Python counts True as a number.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ConfigError(f"{key}: got {_shown(value)}, expected {expected}")
    return value


def _shown(value: object) -> str:
    text = _toml(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _sample(action: argparse.Action) -> object:
    """The default; where that is nothing, something of the right type."""
    if action.default is not None and action.default != []:
        return str(action.default) if isinstance(action.default, Path) else action.default
    if action.nargs == 0:
        return True
    word = str(action.metavar or action.dest.upper())
    numbers = {int: 8501, float: 1.0}
    sample = numbers.get(action.type, word) if isinstance(action.type, type) else word
    return [sample] if isinstance(action.default, list) else sample


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    return str(value)
