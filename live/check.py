"""`python -m live check`: tries everything that the app will need."""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from live.findings import Finding, Light

if TYPE_CHECKING:
    from live.settings import Settings
    from live.shared import Access
    from live.sources.base import Source
    from live.sources.camera import CameraInfo

FRAMES = 5  # read of each camera, for its size and rate
CALLS = 20  # of the graph, after one that warms it up
SMOOTH_MS = 33.0
"""A graph that takes longer alone cannot draw 30 pictures a second."""
TIGHT_BYTES = 5 * 2**30
"""About three hours of recording."""


class CheckError(Exception):
    """A check found something that will not work."""


def run(
    settings: Settings, access: Access, listen: Callable[[], str], cameras: Callable[[], list[CameraInfo]] | None = None
) -> Iterator[Finding]:
    """Try everything, one after the other.

    Args:
        settings: those that the app would start with.
        access: likewise.
        listen: opens and closes the port that the app would take and says which; raises OSError or ValueError.
        cameras: lists the cameras; by default this machine's.
    """
    from live.sources.camera import list_cameras

    found = (cameras or list_cameras)()
    yield from _cameras(settings, found)
    checks: list[tuple[str, Callable[[], tuple[Light, str]]]] = [
        ("Detector", _detector),
        ("Engine", partial(_engine, settings)),
        ("Virtual camera", partial(_virtual_camera, settings)),
        ("Port", lambda: ("green", listen())),
        ("Network", partial(_network, access)),
        ("Disk", partial(_disk, settings)),
    ]
    for name, check in checks:
        yield _guarded(name, check)


def _guarded(name: str, check: Callable[[], tuple[Light, str]]) -> Finding:
    from live.outputs.files import OutputError
    from live.sources.base import SourceError

    # RuntimeError: MediaPipe and runtimes. EngineError is a ValueError.
    errors = (CheckError, SourceError, OutputError, ValueError, OSError, RuntimeError, ImportError)
    try:
        light, said = check()
    except errors as error:
        return Finding(name, "red", " ".join(str(error).split()) or type(error).__name__)
    return Finding(name, light, said)


def _cameras(settings: Settings, found: Sequence[CameraInfo]) -> Iterator[Finding]:
    from live.sources.camera import Camera

    for info in found:
        yield _guarded("Camera", partial(_camera, partial(Camera, info)))
    if not found:
        yield Finding("Camera", "yellow", "This machine has none: the demo clip is shown. Plug one in.")
    if settings.source not in ("auto", *(f"camera:{info.name}" for info in found)):
        yield _guarded("Source", partial(_source, settings))


def _source(settings: Settings) -> tuple[Light, str]:
    from live.sources.catalog import open_source

    return _camera(partial(open_source, settings.source, settings.max_side))


def _camera(open_it: Callable[[], Source]) -> tuple[Light, str]:
    """Size and rate of some frames; yellow where they are black."""
    source = open_it()
    try:
        source.read()
        readings = [source.read() for _ in range(FRAMES)]
    finally:
        source.close()
    height, width = readings[-1].frame.shape[:2]
    seconds = readings[-1].captured_at - readings[0].captured_at
    said = f"{source.label}: {width} x {height}, {(FRAMES - 1) / seconds if seconds > 0 else 0:.0f} frames a second"
    if readings[-1].frame.max() < 25:  # see live.capture.BLACK_LEVEL
        return "yellow", f"{said}, but black: open its shutter, or close other programs that use it"
    return "green", said


def _detector() -> tuple[Light, str]:
    """Whether it finds the face in the demo clip."""
    from face_crop.hush import HushedDetector
    from live.sources.catalog import open_source

    source = open_source("demo")
    detector = HushedDetector()
    try:
        frame = source.read().frame
        detector(frame, 0)
        began = time.perf_counter()
        faces = detector(frame, 40)
        spent_ms = (time.perf_counter() - began) * 1000
    finally:
        detector.close()
        source.close()
    if not faces:
        raise CheckError("the face in the demo clip was not found: install the app anew, its face model may be damaged")
    return "green", f"finds the face of the demo clip in {spent_ms:.1f} ms"


def _engine(settings: Settings) -> tuple[Light, str]:
    """Loads the graph that the app would start with, and times it."""
    import numpy as np

    from live.styles import Styles, label_of, load_checked

    styles = Styles(settings.models, settings.device).available()
    if settings.style is None and not styles:
        raise CheckError(f"no model (*.onnx) in {settings.models}: fetch a release, or export one into it")
    path = settings.style or Path(styles[0][0])
    generator = load_checked(path, settings.device)
    try:
        batch = np.random.default_rng(0).integers(0, 255, (1, generator.size, generator.size, 3), np.uint8)
        generator(batch)
        median_ms = statistics.median(_timed_ms(partial(generator, batch)) for _ in range(CALLS))
        runtime, fallback = generator.runtime, getattr(generator, "fallback_reason", None)
    finally:
        generator.close()
    said = f"{label_of(path)} on {runtime}: {median_ms:.1f} ms a portrait"
    if fallback:
        return "yellow", f"{said}; {fallback}"
    return ("green", said) if median_ms < SMOOTH_MS else ("yellow", f"{said}: below 30 a second on this machine now")


def _timed_ms(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _virtual_camera(settings: Settings) -> tuple[Light, str]:
    """Red only where the operator asked for one."""
    from live.outputs.files import OutputError
    from live.outputs.virtual_camera import REMEDIES, Format, open_device

    try:
        device = open_device(Format(device=settings.outputs.camera_device))
    except OutputError:
        if settings.outputs.virtual_camera:
            raise
        return "yellow", f"none here, and none was asked for. {REMEDIES.get(sys.platform, '')}"
    try:
        return "green", f"{device.device} can be opened"
    finally:
        device.close()


def _network(access: Access) -> tuple[Light, str]:
    from live.security import is_loopback

    if is_loopback(access.host):
        return "green", "only this machine can open the page"
    if not access.secure:
        return "yellow", "open to the network with a token, but over plain http: visitors' browsers give no camera"
    return "green", "open to the network, with a token and over https"


def _disk(settings: Settings) -> tuple[Light, str]:
    from live.outputs.files import RESERVE_BYTES, check_folder

    chosen = settings.outputs.recordings
    free = shutil.disk_usage(check_folder(chosen) if chosen else Path.cwd()).free
    said = f"{free / 2**30:.1f} GB free in {chosen or 'the current folder'}"
    if free < RESERVE_BYTES:
        raise CheckError(f"{said}: too little to record. Delete something, or choose another folder.")
    if free < TIGHT_BYTES:
        return "yellow", f"{said}: that is not enough for a day of recording"
    return "green", said
