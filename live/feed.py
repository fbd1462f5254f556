"""Where frames come from: one source at a time, which people may exchange while frames are painted."""

from __future__ import annotations

import threading
from collections.abc import Callable

from live.capture import Capture, ListCameras
from live.sources.catalog import check_spec, label_of, list_sources


class Feed:
    """The source in use, and the figures of all before it. Any thread may call any method.

    Args:
        spec: of the first source.
        make_capture: what reads the source of a spec, not started.
        cameras: lists the cameras.
        remember: is told the spec of every source that people choose.

    Attributes:
        capture: what reads the source in use.
    """

    def __init__(
        self, spec: str, make_capture: Callable[[str], Capture], cameras: ListCameras, remember: Callable[[str], None]
    ) -> None:
        self._make_capture, self._cameras, self._remember = make_capture, cameras, remember
        self._changing, self._stopped = threading.Lock(), False
        self._dropped_before = self._restarts_before = 0
        self._retired: list[Capture] = []
        self.capture = make_capture(spec)

    @property
    def dropped(self) -> int:
        """Frames that a newer one replaced."""
        return self._dropped_before + self.capture.slot.dropped

    @property
    def restarts(self) -> int:
        """How often a source was opened anew after a failure."""
        return self._restarts_before + self.capture.restarts

    def available(self) -> list[tuple[str, str]]:
        """(spec, label) of what can be chosen: this machine's sources, and the one in use."""
        found = list_sources(self._cameras())
        spec = self.capture.spec
        return found if spec in dict(found) else [(spec, label_of(spec)), *found]

    def use(self, spec: str) -> None:
        """Change the source, or open the same one anew. Returns at once; does nothing after `stop`.

        Raises:
            live.sources.base.SourceError: the spec names no kind of source.
        """
        spec = check_spec(spec)
        with self._changing:
            if self._stopped:
                return
            before, self.capture = self.capture, self._make_capture(spec)
            self._dropped_before += before.slot.dropped
            self._restarts_before += before.restarts
            before.stop()
            # One that is stuck in its device ends later; it is kept only to be waited for.
            self._retired = [capture for capture in [*self._retired, before] if not capture.join(0)]
            self.capture.start()
        self._remember(spec)

    def start(self) -> None:
        """Begin to read."""
        self.capture.start()

    def stop(self) -> None:
        """Ask every source to end and wake who waits for frames; calling it twice is harmless."""
        with self._changing:
            self._stopped = True
            self.capture.stop()

    def join(self, timeout_s: float) -> None:
        """Wait after `stop` for every source's end, so long for each."""
        for capture in [*self._retired, self.capture]:
            capture.join(timeout_s)
