"""The files that start the booth by themselves, as far as a machine without a login session can try them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from live.booth.pin import check_pin
from live.flags import parser
from tests.running_app import ROOT

DEPLOY = ROOT / "deploy"
UNITS = ("twingan-booth.service", "twingan-live.service")


def installed(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script with a stand-in for systemctl and loginctl that writes down what it is asked for."""
    commands = home / "bin"
    commands.mkdir(parents=True, exist_ok=True)
    for name in ("systemctl", "loginctl"):
        (commands / name).write_text(f'#!/bin/sh\necho {name} "$@" >> "{home}/asked"\n')
        (commands / name).chmod(0o755)
    environment = {**os.environ, "HOME": str(home), "PATH": f"{commands}:{os.environ['PATH']}"}
    environment.pop("XDG_CONFIG_HOME", None)
    command = [str(DEPLOY / "install.sh"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


needs_environment = pytest.mark.skipif(
    shutil.which("bash") is None or not os.access(ROOT / ".venv/bin/python", os.X_OK),
    reason="needs bash and the environment that `make booth` makes",
)


@needs_environment
def test_the_service_is_installed_with_a_pin_of_its_own(tmp_path: Path) -> None:
    run = installed(tmp_path)
    assert run.returncode == 0, run.stderr
    unit = (tmp_path / ".config/systemd/user/twingan-booth.service").read_text()
    assert f"ExecStart={ROOT}/.venv/bin/python -m live.booth" in unit
    assert "@" not in unit.replace("@FOLDER@ and", "").split("[Unit]")[1]
    settings = tmp_path / ".config/twingan-live/booth.env"
    assert settings.stat().st_mode & 0o777 == 0o600
    values = dict(line.split("=", 1) for line in settings.read_text().splitlines() if not line.startswith("#"))
    assert check_pin(values["TWINGAN_BOOTH_PIN"])
    assert parser().parse_args(values["BOOTH_FLAGS"].split()).host == "0.0.0.0"
    assert "systemctl --user enable --now twingan-booth.service" in (tmp_path / "asked").read_text()


@needs_environment
def test_settings_survive_a_second_installation(tmp_path: Path) -> None:
    installed(tmp_path)
    before = (tmp_path / ".config/twingan-live/booth.env").read_text()
    assert installed(tmp_path, "--no-screen").returncode == 0
    assert (tmp_path / ".config/twingan-live/booth.env").read_text() == before
    assert "loginctl enable-linger" in (tmp_path / "asked").read_text()
    installed(tmp_path, "--remove")
    assert not list((tmp_path / ".config/systemd/user").iterdir())


@needs_environment
def test_a_wrong_argument_is_one_line(tmp_path: Path) -> None:
    run = installed(tmp_path, "--now")
    assert run.returncode == 1
    assert run.stderr == "error: unknown argument '--now': expected nothing, --no-screen or --remove\n"


@pytest.mark.parametrize("name", UNITS)
def test_systemd_accepts_the_units(tmp_path: Path, name: str) -> None:
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        pytest.skip("no systemd on this machine")
    unit = tmp_path / name
    unit.write_text(
        (DEPLOY / name).read_text().replace("@FOLDER@/.venv/bin/python", "/bin/true").replace("@FOLDER@", "/")
    )
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    command = [verifier, "--user", "verify", str(unit)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    if "Failed to initialize manager" in run.stderr:
        pytest.skip("systemd cannot verify user units here")
    assert (run.returncode, run.stderr) == (0, "")


def test_what_the_image_holds_is_what_the_app_imports() -> None:
    copied = set(re.findall(r"^COPY (\w+) \w+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE))
    assert copied == set(re.findall(r"^!(\w+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE))
    ours = {path.parent.name for path in ROOT.glob("*/*.py")} | {path.stem for path in ROOT.glob("*.py")}
    for folder in copied - {"models"}:
        for path in (ROOT / folder).rglob("*.py"):
            imported = set(re.findall(r"^from (\w+)[. ]", path.read_text("utf-8"), re.MULTILINE))
            assert imported & ours <= copied, path


def test_the_image_starts_the_booth() -> None:
    flags = re.findall(r'"([^"]+)"', re.findall(r"^CMD (.+)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)[0])
    assert parser().parse_args(flags).booth
    compose = (DEPLOY / "compose.yaml").read_text()
    assert re.findall(r'"([^"]+)"', re.findall(r"command: (\[.+\])", compose)[0]) == flags
    assert "restart: unless-stopped" in compose
