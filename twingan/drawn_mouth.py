"""Draw a mouth of a few curves into a drawn head, as open and as merry as wanted."""

from __future__ import annotations

import numpy as np

from twingan.brush import Canvas, Line, ellipse, filled, lined
from twingan.drawn_parts import Lab

MOUTH = (8.0, 11.05)
"""x and y of its middle, in sixteenths of the side; fits `face_crop.align.RECIPE`."""
LIP_LINE, INSIDE, TONGUE, TEETH = (30.0, 20.0, 14.0), (40.0, 38.0, 21.0), (58.0, 38.0, 20.0), (97.0, 0.0, 2.0)
"""Colours, L*a*b*."""
UPPER, LOWER = (0.11, 0.75), (0.07, 0.7)
"""Width of lines, and how full they are. Real drawings have hardly more; thicker ones cost KID."""


def with_mouth(head: Canvas, skin: Lab, gap: float, smile: float) -> Canvas:
    """A head with another mouth.

    Args:
        head: the drawn head.
        skin: its colour [3].
        gap: 0 is closed, 1 wide open.
        smile: 0 .. 1.
    """
    x, y = MOUTH
    head = head.under(skin, ellipse(x, y + 0.1, 1.7, 0.75, 0.75))
    half = 0.5 + 0.3 * smile + 0.2 * min(gap, 0.5)
    bend, high = 0.28 * smile, 1.25 * gap
    along = np.linspace(-1, 1, 41)
    upper = y - 0.3 * high - bend * along**2
    lower = upper + high * np.sqrt(1 - along**2)
    across = x + half * along
    if gap > 0.06:
        inside = filled(_between(across, upper, lower))
        tongue = inside * ellipse(x, y + 0.85 * high, 0.75 * half, 0.5 * high, 0.5 * high)
        bitten = np.minimum(upper + 0.22 * min(high, 1.0), lower)
        teeth = filled(_between(across, upper, bitten))
        head = head.under(np.array(INSIDE), inside)
        head = head.under(np.array(TONGUE), tongue)
        head = head.under(np.array(TEETH), teeth * min(1.0, 2 * smile))
        head = _lip(head, np.stack([across, lower], 1), *LOWER)
    return _lip(head, np.stack([across, upper], 1), *UPPER)


def _lip(head: Canvas, line: Line, width: float, full: float) -> Canvas:
    return head.under(np.array(LIP_LINE), full * lined(line, width))


def _between(x: Line, upper: Line, lower: Line) -> Line:
    """The outline of what is between two lines."""
    return np.concatenate([np.stack([x, upper], 1), np.stack([x, lower], 1)[::-1]])
