"""What happens to one frame: animate it, encode it once, show it to every viewer, measure."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from live.animate import Animation, Animator, Moment
from live.encode import encode_jpeg
from live.outputs.scene import Scene, Taps
from live.sources.base import Reading
from live.stats import Rate, Stopwatch, Timings
from live.viewers import Painted, Viewers
from live.views import check_strength, check_view

FAULT_SHOWN_S = 3.0
"""So long a fault in one frame is spoken of."""
LOG_PAUSE_S = 10.0
"""A fault in every frame is logged so often."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Look:
    """How frames are painted.

    Attributes:
        view: one of `live.views.VIEWS`.
        mirror: turn pictures as a mirror does.
        strength: 0 shows the faces, 1 the portraits.
        frozen: the newest picture stands still.
        calm: portraits of still faces stand still.

    Raises:
        ValueError: there is no such view, or the strength is out of its range.
    """

    view: str
    mirror: bool = False
    strength: float = 1.0
    frozen: bool = False
    calm: bool = True

    def __post_init__(self) -> None:
        check_view(self.view)
        check_strength(self.strength)


class Painter:
    """Paints the frames of one stream. One thread calls it; any thread may read its figures.

    Args:
        make_animator: called by `open`.
        viewers: who sees the pictures.
        taps: who takes them before they are encoded.
        timings: where the stages' durations go.
        jpeg_quality: 1 .. 100.
        clock: seconds, the same monotonic clock as the source's.

    Attributes:
        faces: faces in the newest frame.
        faults: frames that could not be animated; the plain camera frame was shown instead.
        shown: pictures that were painted.
        broken: why nothing can be animated at all, one sentence; empty where all is well.
        moment: what the newest picture was painted from; None before the first.
    """

    def __init__(
        self,
        make_animator: Callable[[], Animator],
        viewers: Viewers,
        taps: Taps,
        timings: Timings,
        jpeg_quality: int = 85,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_animator, self._viewers, self._taps, self._timings = make_animator, viewers, taps, timings
        self._quality, self._clock = jpeg_quality, clock
        self._animator: Animator | None = None
        self._fault, self._fault_at, self._logged_at = "", float("-inf"), float("-inf")
        self.faces = self.faults = 0
        self.shown = Rate(clock)
        self.broken = ""
        self.moment: Moment | None = None

    def open(self) -> None:
        """Make the animator; where its parts are missing, `broken` says so and frames are shown as they are."""
        try:
            self._animator = self._make_animator()
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            self.broken = f"Face detection does not start: {error}"
            _log.error("%s", self.broken)

    def close(self) -> None:
        """Release the animator; calling it twice is harmless."""
        if self._animator is not None:
            self._animator.close()

    def reset(self) -> None:
        """Forget everybody: the next frame comes from another source."""
        if self._animator is not None:
            self._animator.reset()

    def __call__(self, reading: Reading, look: Look) -> None:
        """Paint one frame and show it."""
        animation = self._animated(reading, look)
        self._taps.put(_scene(animation, reading, look, self.shown.total + 1))
        watch = Stopwatch()
        jpeg = encode_jpeg(animation.picture, self._quality)
        watch.lap("encode")
        encoded_at = self._clock()
        self.faces = animation.faces
        self.moment = Moment(animation.frame, animation.people, reading.captured_at, look.mirror)
        self.shown.count()
        height, width = animation.picture.shape[:2]
        self._viewers.show(Painted(jpeg, self.shown.total, reading.captured_at, encoded_at, width, height))
        latency_ms = (encoded_at - reading.captured_at) * 1000
        self._timings.add({**animation.stage_ms, **watch.laps_ms, "latency": latency_ms})

    @property
    def fault(self) -> str:
        """What went wrong in a frame lately, one sentence; empty where nothing did."""
        return self._fault if self._clock() - self._fault_at < FAULT_SHOWN_S else ""

    def _animated(self, reading: Reading, look: Look) -> Animation:
        time_ms = int(reading.captured_at * 1000)
        plain = Animation(reading.frame, 0, {}, (), reading.frame, time_ms, ())
        animator = self._animator
        if animator is None:
            return plain
        animator.view, animator.mirror, animator.strength = look.view, look.mirror, look.strength
        animator.frozen, animator.calm, animator.always = look.frozen, look.calm, self._taps.count > 0
        try:
            return animator(reading.frame, time_ms)
        except Exception as error:  # noqa: BLE001 - the one guard: a fault in one frame must not end the stream
            self._book_fault(error)
            return plain

    def _book_fault(self, error: Exception) -> None:
        self.faults += 1
        self._fault, self._fault_at = f"A frame could not be animated: {error or type(error).__name__}", self._clock()
        if self._fault_at - self._logged_at > LOG_PAUSE_S:
            self._logged_at = self._fault_at
            _log.error("%s", self._fault, exc_info=error)


def _scene(animation: Animation, reading: Reading, look: Look, sequence: int) -> Scene:
    return Scene(
        animation.picture,
        animation.frame,
        animation.lately,
        animation.time_ms,
        reading.captured_at,
        sequence,
        look.view,
        look.mirror,
        look.strength,
    )
