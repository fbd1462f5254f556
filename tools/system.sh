#!/usr/bin/env bash
# Checks for what pip cannot install, and installs it where that needs no password.
#
#   tools/system.sh live      Python 3.11+ with venv, and the shared libraries that OpenCV and MediaPipe link to
#   tools/system.sh test      the same, plus Chromium and ffmpeg for the browser tests (a note when absent, no failure)
set -euo pipefail

wanted="${1:-live}"
python="${PYTHON:-python3}"

say() { printf '%s\n' "$*" >&2; }

have_library() { # name of a shared library, as the loader sees it
    { ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null; } | grep -q "[[:space:]]$1 "
}

# Debian package names; `apt-cache` picks the one this release has (Ubuntu 24.04 renamed libglib2.0-0).
missing=()
if [ "$(uname -s)" = Linux ]; then
    have_library libGL.so.1 || missing+=(libgl1)
    have_library libEGL.so.1 || missing+=(libegl1)
    have_library libGLESv2.so.2 || missing+=(libgles2)
    have_library libgthread-2.0.so.0 || missing+=(libglib2.0-0)
fi
command -v "$python" >/dev/null 2>&1 || missing+=(python3)
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    version="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo 3)"
    missing+=("python${version}-venv")
fi

optional=()
if [ "$wanted" = test ]; then
    command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
        command -v google-chrome >/dev/null 2>&1 || optional+=(chromium)
    command -v ffmpeg >/dev/null 2>&1 || optional+=(ffmpeg)
fi

install() {
    local as_root=()
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null </dev/null || return 1
        as_root=(sudo -n)
    fi
    say "Installing system packages: $*"
    "${as_root[@]}" apt-get update -qq </dev/null >&2 &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >&2
}

if [ ${#missing[@]} -gt 0 ] && ! install "${missing[@]}"; then
    say "error: this machine lacks ${missing[*]}. Remedy: sudo apt-get install -y ${missing[*]}"
    exit 1
fi
if [ ${#optional[@]} -gt 0 ] && ! install "${optional[@]}"; then
    say "note: ${optional[*]} not found and not installable from here; the tests that need it will be skipped." \
        "Remedy: sudo apt-get install -y ${optional[*]}"
fi

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "error: Python 3.11 or newer is needed, $python is $("$python" -c 'import platform; print(platform.python_version())')." \
        "Remedy: make PYTHON=/path/to/python3.11 ..."
    exit 1
fi
