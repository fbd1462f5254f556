"""The graphs that can be chosen, and the one in force: one generator for the whole process."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from engines.base import Generator
from engines.errors import EngineError
from engines.load import Device, load_generator
from face_crop.align import RECIPE

Load = Callable[[Path, Device], Generator]

CLOSE_S = 5.0
"""So long `Styles.close` waits for a generator that is lent."""


def load_checked(path: Path, device: Device) -> Generator:
    """`engines.load.load_generator` for graphs that were trained on the crops which `face_crop.align` cuts."""
    return load_generator(path, device, crop_recipe=RECIPE)


class Styles:
    """Lends the generator of the style in force to one borrower at a time, and changes it between two loans.

    Args:
        models: folder whose `*.onnx` are the styles.
        device: what runs them.
        load: makes a generator of a path and a device.

    Attributes:
        runtime: what executes the style in force, empty while there is none.
        current: path of the style in force, None while there is none.
        problem: why there is none, or why the GPU is not used; one sentence, empty where all is well.
    """

    def __init__(self, models: Path, device: Device = "auto", load: Load = load_checked) -> None:
        self._models = models
        self._device: Device = device
        self._load = load
        self._lent = threading.Lock()
        self._changing = threading.Lock()
        self._generator: Generator | None = None
        self._closed = False
        self.runtime = ""
        self.current: Path | None = None
        self.problem = ""

    def available(self) -> list[tuple[str, str]]:
        """(path, label) of each style, sorted by name."""
        return [(str(path), label_of(path)) for path in sorted(self._models.glob("*.onnx"))]

    def use(self, path: Path | None) -> None:
        """Load a style and then put it in force; until then the one before goes on. Blocks while it loads.

        Args:
            path: the graph; None takes the first available.

        Raises:
            EngineError: it cannot be used; the style before stays in force.
        """
        with self._changing:
            try:
                chosen = path or self._first()
                generator = self._load(chosen, self._device)
            except EngineError as error:
                if self._generator is None:
                    self.problem = str(error)
                raise
            self._put_in_force(generator, chosen)

    @contextlib.contextmanager
    def lease(self) -> Iterator[Generator | None]:
        """See `live.animate.GeneratorLease`."""
        with self._lent:
            yield self._generator

    def close(self) -> None:
        """Release the generator, also one that is still being loaded; calling it twice is harmless."""
        self._closed = True
        # A generator that is stuck in its device must not keep the program from ending.
        if not self._lent.acquire(timeout=CLOSE_S):
            return
        generator, self._generator = self._generator, None
        self._lent.release()
        if generator is not None:
            generator.close()

    def _first(self) -> Path:
        styles = self.available()
        if not styles:
            raise EngineError(f"no model (*.onnx) in {self._models}: fetch a release, or export one into it")
        return Path(styles[0][0])

    def _put_in_force(self, generator: Generator, path: Path) -> None:
        with self._lent:
            before = self._generator
            closed = self._closed
            self._generator = None if closed else generator
            self.current, self.runtime = path, generator.runtime
            self.problem = str(getattr(generator, "fallback_reason", None) or "")
        for unused in (generator if closed else None, before):
            if unused is not None:
                unused.close()


def label_of(path: Path) -> str:
    """A name for people: "human2anime-lite" becomes "Human to anime, lite"."""
    words = re.sub(r"(?<=[a-z])2(?=[a-z])", " to ", path.stem).replace("-", ", ", 1).replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]
