"""docs/pictures/check.png: what `python -m live check` prints in a terminal of this machine, as a picture.

Needs Chromium and what the tests need: `.venv/bin/python tools/check_picture.py [FILE]`.
"""

from __future__ import annotations

import html
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
COLUMNS = 110
CLASSES = {"30;42": "green", "30;43": "yellow", "97;41": "red"}
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #0f1117; }}
pre {{ margin: 0; padding: 24px; display: inline-block; color: #e8e9ee; font: 15px/1.45 monospace; }}
.green {{ background: #3fb950; color: #0f1117; }} .yellow {{ background: #d9a514; color: #0f1117; }}
.red {{ background: #da3633; color: #fff; }}
</style><pre>$ python -m live check
{text}</pre>"""


def terminal_output() -> str:
    """The command's output with its colours, from a terminal of `COLUMNS` columns."""
    here, there = pty.openpty()
    command = [sys.executable, "-m", "live", "check"]
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    with subprocess.Popen(command, cwd=ROOT, stdout=there, stderr=subprocess.DEVNULL, env=environment) as run:
        os.close(there)
        parts = []
        try:
            while part := os.read(here, 4096):
                parts.append(part)
        except OSError:  # Linux reports the end of a terminal so
            pass
        finally:
            os.close(here)
        run.wait()
    return b"".join(parts).decode().replace("\r\n", "\n")


def as_html(text: str) -> str:
    """ANSI colours as spans."""
    escaped = html.escape(text).replace("\033[0m", "</span>")
    return re.sub(r"\033\[([\d;]+)m", lambda found: f'<span class="{CLASSES[found[1]]}">', escaped)


def main() -> None:
    """Write the picture."""
    from playwright.sync_api import sync_playwright

    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures" / "check.png"
    with sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(device_scale_factor=2, viewport={"width": 1200, "height": 400})
        page.set_content(PAGE.format(text=as_html(terminal_output())))
        page.locator("pre").screenshot(path=path)
        browser.close()


if __name__ == "__main__":
    main()
