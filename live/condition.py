"""What state the live path is in, and the most important sentence about it."""

from __future__ import annotations

from live.capture import Capture
from live.painter import Painter
from live.stats import State
from live.styles import Styles


def condition(capture: Capture, painter: Painter, styles: Styles, stuck: str, unscaled: str) -> tuple[State, str]:
    """The state, and a sentence for people; empty where there is nothing to say.

    Args:
        capture: of the source in use.
        painter: what paints its frames.
        styles: the graphs.
        stuck: one sentence about a picture that does not get ready; empty where all goes on.
        unscaled: one sentence about why portraits are not enlarged; empty where they are, or shall not be.
    """
    no_source = capture.problem
    unloaded = styles.problem if styles.current is None else ""
    message = no_source or painter.broken or painter.fault or unloaded or unscaled or capture.remark
    if no_source:
        return ("reconnecting" if capture.worked else "failed"), message
    if stuck:
        return "failed", stuck
    if painter.broken or unloaded:
        return "failed", message
    if not capture.worked or not painter.shown.total:
        return "starting", message
    return ("live" if painter.faces else "no-face"), message
