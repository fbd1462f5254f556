#!/usr/bin/env bash
# Makes the booth start by itself, as a systemd user service: after login, after every crash, after a reboot.
#
#   deploy/install.sh               a computer with a screen: app and kiosk browser (twingan-booth.service)
#   deploy/install.sh --no-screen   the app only, from boot on, for browsers elsewhere (twingan-live.service)
#   deploy/install.sh --remove      undo
#
# Run `make booth` once before: it makes the environment in .venv. Settings: ~/.config/twingan-live/booth.env.
set -euo pipefail

folder="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
config="${XDG_CONFIG_HOME:-$HOME/.config}"
units="$config/systemd/user"
settings="$HOME/.config/twingan-live/booth.env"
unit=twingan-booth.service

fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

case "${1:-}" in
"") ;;
--no-screen) unit=twingan-live.service ;;
--remove)
    for name in twingan-booth.service twingan-live.service; do
        systemctl --user disable --now "$name" 2>/dev/null || true
        rm -f "$units/$name"
    done
    systemctl --user daemon-reload
    echo "Removed. $settings is left as it is."
    exit 0
    ;;
*) fail "unknown argument '$1': expected nothing, --no-screen or --remove" ;;
esac

command -v systemctl >/dev/null || fail "this system has no systemd: see docs/booth.md for Docker"
[ -x "$folder/.venv/bin/python" ] || fail "no environment in $folder/.venv: run 'make booth' once"
case "$folder" in *[[:space:]%\&\|\\]*) fail "the folder '$folder' has a space or one of % & | \\ in its name: move it" ;; esac

random() { od -An -N8 -tu8 /dev/urandom | tr -d ' '; }
if [ ! -e "$settings" ]; then
    mkdir -p "$(dirname "$settings")"
    draft="$settings.$$"
    (umask 077 && printf '%s\n' \
        "# Settings of the booth's service; 'systemctl --user restart $unit' after a change." \
        "# Flags of 'python -m live', separated by spaces." \
        'BOOTH_FLAGS=--host 0.0.0.0 --port 8501' \
        "TWINGAN_BOOTH_PIN=$(random | tail -c 7)" >"$draft")
    mv "$draft" "$settings"
fi

mkdir -p "$units"
sed "s|@FOLDER@|$folder|g" "$folder/deploy/$unit" >"$units/$unit.$$"
mv "$units/$unit.$$" "$units/$unit"
systemctl --user daemon-reload
systemctl --user enable --now "$unit"
if [ "$unit" = twingan-live.service ] && ! loginctl enable-linger "$(id -un)"; then
    echo "note: without lingering it starts at your login, not at boot. Remedy: sudo loginctl enable-linger $(id -un)"
fi
echo "Installed $unit. Settings and PIN: $settings. What it says: journalctl --user -u $unit -f"
