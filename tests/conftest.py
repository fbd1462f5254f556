"""What every test may use."""

from __future__ import annotations

import os

# Tests run with and without a terminal, and beside other work: native libraries shall not take every core each.
os.environ.setdefault("OMP_NUM_THREADS", "2")
