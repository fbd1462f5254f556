"""The graphs that can be chosen, and the one in force: one generator for the whole process."""

from __future__ import annotations

import contextlib
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from engines.base import Generator
from engines.errors import DeviceError, EngineError
from engines.load import Device, load_generator
from face_crop.align import RECIPE
from live.recovery import Recovery

Load = Callable[[Path, Device], Generator]

KEPT = 4
"""So many generators stay loaded."""
_Key = tuple[str, int, int]

CLOSE_S = 5.0
"""So long `Styles.close` waits for a generator that is lent."""

_log = logging.getLogger(__name__)


def load_checked(path: Path, device: Device) -> Generator:
    """`engines.load.load_generator` for graphs that were trained on the crops which `face_crop.align` cuts."""
    return load_generator(path, device, crop_recipe=RECIPE)


def warm_up(generator: Generator) -> None:
    """Run it once. The first call takes several times as long as any other: runtimes make their kernels during it.

    What is wrong with a graph that does not run is told with the first frame (`live.painter`, which guards frames).
    """
    with contextlib.suppress(Exception):  # runtimes raise what they like
        generator(np.zeros((1, generator.size, generator.size, 3), np.uint8))


class Styles:
    """Lends the generator of the style in force to one borrower at a time, and changes it between two loans.

    The styles used last stay loaded, so that a change back costs nothing. When the device fails that runs them, all
    are closed and the one in force is loaded again (`live.recovery`); until then there is none.

    Args:
        models: folder whose `*.onnx` are the styles.
        device: what runs them.
        load: makes a generator of a path and a device.
        more: a folder of the user's own graphs; None has none.
        keep: so many generators stay loaded, the one in force included.

    Attributes:
        runtime: what executes the style in force, empty while there is none.
        current: path of the style in force, None while there is none.
        problem: why there is none, or why the GPU is not used (any more); one sentence, empty where all is well.
    """

    def __init__(
        self,
        models: Path,
        device: Device = "auto",
        load: Load = load_checked,
        *,
        more: Path | None = None,
        keep: int = KEPT,
    ) -> None:
        self._folders = [models] if more is None else [models, more.expanduser()]
        self._keep = keep
        self._loaded: OrderedDict[_Key, Generator] = OrderedDict()  # least recently used first
        self._recovery = Recovery(device)
        self._fault: DeviceError | None = None
        self._load = load
        self._lent = threading.Lock()
        self._changing = threading.Lock()
        self._generator: Generator | None = None
        self._closed = False
        self.runtime = ""
        self.current: Path | None = None
        self.problem = ""

    def available(self) -> list[tuple[str, str]]:
        """(path, label) of each style: the released ones, then the user's own, each as `graphs_of` orders them."""
        paths = [path for folder in self._folders for path in graphs_of(folder)]
        return [(str(path), label_of(path)) for path in paths]

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
                generator = self._kept(chosen)
            except EngineError as error:
                if self._generator is None:
                    self.problem = str(error)
                raise
            self._put_in_force(generator, chosen)

    def preload(self) -> None:
        """Load as many more styles as are kept, so that the first change is as quick as any other. Blocks meanwhile.

        Nothing is done on a GPU, where loading may mean building for minutes.
        """
        for path in [Path(path) for path, _ in self.available()][: self._keep]:
            with self._changing:
                if self._closed or len(self._loaded) >= self._keep or "CPU" not in self.runtime:
                    return
                with contextlib.suppress(EngineError):  # told when somebody chooses it
                    self._kept(path)
                self._drop_unused()

    @contextlib.contextmanager
    def lease(self) -> Iterator[Generator | None]:
        """See `live.animate.GeneratorLease`."""
        with self._lent:
            try:
                yield self._generator
            except DeviceError as error:
                self._generator, self._fault = None, error
                self.problem = f"The model is being loaded again: {error}"
                threading.Thread(target=self._recover, name="recover", daemon=True).start()
                raise

    def _recover(self) -> None:
        """Load the style in force again after a fault, unless another one was chosen meanwhile."""
        with self._changing:
            if self._closed or self._fault is None or self.current is None:
                return
            fault = self._fault
            _log.error("%s", fault)
            self._part()
            try:
                self._recovery.note(fault)
                self._put_in_force(self._kept(self.current), self.current)
            except EngineError as error:
                _log.error("%s", error)
                self.current, self.runtime, self.problem = None, "", str(error)

    def _part(self) -> None:
        """Close everything that was on a device that failed: it is of no more use."""
        self._fault = None
        while self._loaded:
            self._loaded.popitem()[1].close()

    def close(self) -> None:
        """Release the generator, also one that is still being loaded; calling it twice is harmless."""
        self._closed = True
        # A generator that is stuck in its device must not keep the program from ending.
        if not self._lent.acquire(timeout=CLOSE_S):
            return
        self._generator = None
        self._lent.release()
        # One that is still being loaded is closed by the thread that loads it.
        if self._changing.acquire(timeout=CLOSE_S):
            self._drop_unused()
            self._changing.release()

    def _kept(self, path: Path) -> Generator:
        """The generator of a graph, loaded unless it is kept and the file is still the same."""
        if self._fault is not None:
            self._part()
        key = _key_of(path)
        generator = self._loaded.pop(key, None)
        if generator is None:
            generator = self._load(path, self._recovery.device)
            warm_up(generator)
        self._loaded[key] = generator
        return generator

    def _drop_unused(self) -> None:
        """Close what has not been used for longest; everything once closed."""
        excess = len(self._loaded) - (0 if self._closed else self._keep)
        for key in [key for key, unused in self._loaded.items() if unused is not self._generator][: max(0, excess)]:
            self._loaded.pop(key).close()

    def _first(self) -> Path:
        styles = self.available()
        if not styles:
            raise EngineError(f"no model (*.onnx) in {self._folders[0]}: fetch a release, or export one into it")
        return Path(styles[0][0])

    def _put_in_force(self, generator: Generator, path: Path) -> None:
        with self._lent:
            self._generator = None if self._closed else generator
            self.current, self.runtime = path, generator.runtime
            self.problem = str(getattr(generator, "fallback_reason", None) or self._recovery.reason)
        self._drop_unused()


def graphs_of(folder: Path) -> list[Path]:
    """The graphs of a folder by name, those for GPUs last: the app starts with the first, and must run anywhere."""
    return sorted(folder.glob("*.onnx"), key=lambda path: (path.stem.endswith("-full"), path.name))


def _key_of(path: Path) -> _Key:
    """Changes when the file does."""
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), found.st_mtime_ns, found.st_size


def label_of(path: Path) -> str:
    """A name for people: "human2anime-lite" becomes "Human to anime, lite", "human2human" becomes "Myself"."""
    stem = path.stem.replace("human2human", "myself")
    words = re.sub(r"(?<=[a-z])2(?=[a-z])", " to ", stem).replace("-", ", ", 1).replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]
