"""The words that choose a source, and the list of those there are.

A source is chosen by a `spec`: "auto", "demo", "pattern", "camera:NAME", "camera:INDEX", "file:PATH", or an address
such as "rtsp://host/path".
"""

from __future__ import annotations

from pathlib import Path

from live.demo import CLIP
from live.sources.base import Source, SourceError
from live.sources.camera import Camera, CameraInfo, find_camera, list_cameras
from live.sources.media import SCHEMES, Stream, VideoFile, without_password
from live.sources.pattern import Pattern

SPECS = "auto, demo, pattern, camera:NAME, file:PATH or an address such as rtsp://host/path"


def list_sources(cameras: list[CameraInfo]) -> list[tuple[str, str]]:
    """(spec, label) of the sources that a machine with these cameras offers by itself, cameras first."""
    by_name = [(f"camera:{camera.name}", camera.name) for camera in cameras]
    return [*by_name, ("demo", "Demo clip"), ("pattern", Pattern.label)]


def check_spec(spec: str) -> str:
    """The spec with outer spaces removed.

    Raises:
        SourceError: it names no kind of source; the message says what is expected.
    """
    spec = spec.strip()
    kind, colon, rest = spec.partition(":")
    named = bool(colon) and bool(rest) and kind in ("camera", "file")
    address = "://" in spec and kind.lower() in SCHEMES
    if spec in ("auto", "demo", "pattern") or named or address:
        return spec
    raise SourceError(f"unknown source {spec!r}: expected {SPECS}")


def label_of(spec: str) -> str:
    """A name for people of a source that is not open yet; shows no password."""
    kind, _, rest = spec.partition(":")
    names = {"auto": "Automatic", "demo": "Demo clip", "pattern": Pattern.label}
    if kind in ("camera", "file"):
        return Path(rest).name if kind == "file" else rest
    return names.get(spec) or without_password(spec)


def choose(spec: str, cameras: list[CameraInfo]) -> tuple[str, str]:
    """What "auto" stands for now, and a sentence for people where that deserves one.

    Returns:
        (spec, note): the first camera; without any, the demo clip and a note that says so.
    """
    if spec != "auto":
        return spec, ""
    if cameras:
        return f"camera:{cameras[0].name}", ""
    return "demo", "No camera found on this machine: this is the demo clip."


def open_source(spec: str, max_side: int = 1280) -> Source:
    """Open what a spec (not "auto", see `choose`) names.

    Args:
        spec: see the module.
        max_side: frames with a longer side are scaled down to this many pixels.

    Raises:
        SourceError: it cannot be opened; one line with the reason and the remedy.
    """
    spec = check_spec(spec)
    kind, _, rest = spec.partition(":")
    if kind == "camera":
        return Camera(find_camera(rest, list_cameras()), max_side)
    if kind == "file":
        return VideoFile(Path(rest).expanduser(), max_side=max_side)
    if spec == "demo":
        return VideoFile(CLIP, "Demo clip", max_side)
    if spec == "pattern":
        return Pattern()
    return Stream(spec, max_side)
