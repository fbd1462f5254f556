"""What every test may use."""

from __future__ import annotations

import os
import tempfile

# Tests run with and without a terminal, and beside other work: native libraries shall not take every core each.
os.environ.setdefault("OMP_NUM_THREADS", "2")

# Nor shall they read or change the settings and the last choice of the person who runs them; apps that tests start
# inherit this.
_HOME = tempfile.TemporaryDirectory(prefix="twingan-tests-")
for _name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
    os.environ[_name] = _HOME.name
