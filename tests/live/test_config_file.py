from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from live.config_file import ConfigError, example, keys, parse, read, user_file
from live.flags import parser
from tests.running_app import ROOT


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test runs where nobody has settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, text: str, name: str = "settings.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_without_a_file_the_defaults_hold() -> None:
    flags = parse([], parser)
    assert (flags.host, flags.port, flags.view, flags.command, flags.config_file) == (
        "127.0.0.1",
        None,
        "side-by-side",
        "run",
        None,
    )


def test_the_file_wins_over_the_defaults_and_a_flag_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'port = 9000\nview = "paste"\nmirror = false\nallow-host = ["a.local"]\n')
    flags = parse(["--config", str(path), "--view", "portrait"], parser)
    assert (flags.port, flags.view, flags.mirror, flags.allow_host) == (9000, "portrait", False, ["a.local"])
    assert flags.config_file == path


def test_a_flag_wins_even_when_it_says_the_default(tmp_path: Path) -> None:
    path = written(tmp_path, 'view = "paste"\nremember = false\nallow-host = ["a.local"]\n')
    given = ["--config", str(path), "--view", "side-by-side", "--remember", "--allow-host", "b.local"]
    flags = parse(given, parser)
    assert (flags.view, flags.remember, flags.allow_host) == ("side-by-side", True, ["b.local"])


def test_the_file_here_comes_before_the_users(tmp_path: Path) -> None:
    written(user_file().parent, "port = 1001")
    assert parse([], parser).port == 1001
    written(tmp_path, "port = 1002", "twingan-live.toml")
    assert parse([], parser).port == 1002
    asked = written(tmp_path, "port = 1003", "booth.toml")
    assert parse(["--config", str(asked)], parser).port == 1003


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "booth", 'models = "graphs"\nstyle = "~/anime.onnx"\nkey = "/etc/key.pem"')
    values = read(path, parser())
    assert values["models"] == tmp_path / "booth" / "graphs"
    assert values["style"] == Path.home() / "anime.onnx"
    assert values["key"] == Path("/etc/key.pem")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 8501", "unknown key 'prot': did you mean 'port'?"),
        ("max_side = 640", "unknown key 'max_side': did you mean 'max-side'?"),
        ("[[]]\nport = 1", "is not TOML"),
        ("[zzz]\nport = 1", "unknown key 'zzz': expected one of source, remember, view"),
        ('port = "8501"', 'port: got "8501", expected a whole number'),
        ("port = true", "port: got true, expected a whole number"),
        ("port = 85.5", "port: got 85.5, expected a whole number"),
        ('mirror = "yes"', 'mirror: got "yes", expected true or false'),
        ("mirror = 1", "mirror: got 1, expected true or false"),
        ("view = 3", "view: got 3, expected a text in quotes"),
        ("models = []", "models: got [], expected a text in quotes"),
        ('allow-host = "a.local"', 'allow-host: got "a.local", expected a list such as ["a", "b"]'),
        ("allow-host = [1]", "allow-host: got 1, expected a text in quotes"),
        ('log-level = "loud"', 'log-level: got "loud", expected one of debug, info, warning, error'),
        ("upscale = 4", "upscale: got 4, expected one of 1, 2"),
        ("upscale = true", "upscale: got true, expected a whole number"),
        ("port = ", "is not TOML: Invalid value (at end of document)"),
        ('config = "other.toml"', "unknown key 'config'"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        parse(["--config", str(path)], parser)
    assert said in str(error.value)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_a_file_that_is_missing_or_unreadable_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no settings file .*gone\.toml: check --config"):
        parse(["--config", str(tmp_path / "gone.toml")], parser)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        parse(["--config", str(tmp_path / "binary.toml")], parser)
    if os.geteuid() != 0:
        written(tmp_path, "", "secret.toml").chmod(0)
        with pytest.raises(ConfigError, match="Permission denied"):
            parse(["--config", str(tmp_path / "secret.toml")], parser)


def test_every_flag_can_stand_in_the_file() -> None:
    long_flags = {text[2:] for action in parser()._actions for text in action.option_strings if text[:2] == "--"}
    negative = {name for name in long_flags if name.startswith("no-")}
    assert set(keys(parser())) == long_flags - negative - {"help", "config"}


def test_the_example_explains_every_key_and_is_accepted_when_uncommented(tmp_path: Path) -> None:
    text = example(parser())
    assert tomllib.loads(text) == {}
    settings = "\n".join(line[2:] for line in text.splitlines() if line.startswith("# ") and " = " in line[:40])
    assert set(tomllib.loads(settings)) == set(keys(parser()))
    assert set(read(written(tmp_path, settings), parser())) == {action.dest for action in keys(parser()).values()}


def test_the_example_in_the_repository_is_up_to_date() -> None:
    path = ROOT / "twingan-live.example.toml"
    assert path.read_text() == example(parser()), f"run `python -m live settings > {path.name}`"
