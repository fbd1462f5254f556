"""Measures what docs/decisions/0017-calm.md states: python -m tests.live.measure_calm [--graph GRAPH].

Made clips at 30 frames a second go through a released graph, and its portraits through `live.calm`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import numpy.typing as npt

from engines.base import Generator
from engines.load import load_cpu
from face_crop.align import Frame, crop, crop_matrix
from face_crop.detect import MediaPipeDetector
from live.calm import Calm
from tests.face_crop.sequences import portrait
from tests.live import calm_scenes as scenes
from tests.live.calm_scenes import EVENT, Clip, filmed
from twingan.evaluation.flicker import clip as flicker_clip
from twingan.evaluation.flicker import drawn, flicker, shown

PEOPLE = ("man-0", "man-12", "woman-13", "woman-92")
FRAMES = 24
Script = Callable[[Frame, Frame], list[Frame]]
Array = npt.NDArray[np.float64]

EVENTS: dict[str, Script] = {
    "eyes close": lambda face, _: scenes.switching(face, scenes.eyes_closed(face), FRAMES),
    "mouth opens": lambda face, _: scenes.switching(face, scenes.mouth_open(face), FRAMES),
    "corners of the mouth lift by 3 px": lambda face, _: scenes.switching(face, scenes.smiling(face), FRAMES),
    "another person": lambda face, other: scenes.switching(face, other, FRAMES),
}
MOTIONS: dict[str, Script] = {
    **{f"{v} px a frame": lambda face, _, v=v: scenes.sliding(face, v, FRAMES) for v in (0.25, 0.5, 1.0, 2.0, 4.0)},  # type: ignore[misc]
    "1 % larger a frame": lambda face, _: scenes.nearing(face, 0.01, FRAMES),
    "light to 60 % in 1.6 s": lambda face, _: scenes.dimming(face, 0.6, 2 * FRAMES),
    "light to 60 % in 0.8 s": lambda face, _: scenes.dimming(face, 0.6, FRAMES),
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--graph", type=Path, default=Path("models/human2anime-lite.onnx"))
    generator = load_cpu(parser.parse_args().graph)
    faces = [_face(name, generator.size) for name in PEOPLE]
    _tell_flicker(generator, faces)
    print("\nshare of the step shown, unfiltered = 1   in its frame   next   3rd   5th")
    for name, script in EVENTS.items():
        print(f"{name:42}", *(f"{value:7.2f}" for value in _mean(_arrival, script, generator, faces)), flush=True)
    print("\ndelay in frames                           at 0.1 s  0.2 s  0.3 s   later   difference to unfiltered")
    for name, script in MOTIONS.items():
        print(f"{name:42}", *(f"{value:7.2f}" for value in _mean(_delay, script, generator, faces)), flush=True)
    _tell_cost(generator, faces[0])


def _tell_flicker(generator: Generator, faces: list[Frame]) -> None:
    print("flicker                                   drawn -> calm")
    clips = {
        "noise 4, shifts of 1 px": [flicker_clip(face, i, 30) for i, face in enumerate(faces)],
        "noise 4, shifts of 0.3 px": [filmed([face] * 30, i) for i, face in enumerate(faces)],
        "noise 8, shifts of 0.3 px": [filmed([face] * 30, i, noise=8) for i, face in enumerate(faces)],
    }
    for name, frames in clips.items():
        pairs = [(drawn(generator, clip), clip) for clip in frames]
        before = np.mean([flicker(portraits, clip).mean() for portraits, clip in pairs])
        after = np.mean([flicker(shown(portraits, clip), clip).mean() for portraits, clip in pairs])
        print(f"{name:42}{before:5.2f} -> {after:.2f}", flush=True)


def _mean(
    measure: Callable[[Clip, Clip, Clip], Array], script: Script, generator: Generator, faces: list[Frame]
) -> Array:
    """Over the faces; those whose drawing does not change are left out."""
    rows = []
    for i, face in enumerate(faces):
        frames = filmed(script(face, faces[i - 1]), i)
        portraits = drawn(generator, frames)
        rows.append(measure(frames, portraits, shown(portraits, frames)))
    return np.asarray(np.nanmean(rows, axis=0))


def _arrival(frames: Clip, portraits: Clip, calm: Clip) -> Array:
    """How much of a sudden change near its place is shown in frames 0, 1, 2, 4 after it, against the unfiltered."""
    step = _averages(portraits)[1] - _averages(portraits)[0]
    # Blurred, since the crop's trembling leaves thin differences along edges that are no change.
    place = cv2.blur(np.abs(np.subtract(*_averages(frames))).max(2), (5, 5)) > 15
    near = cv2.dilate(place.astype(np.uint8), np.ones((25, 25))) > 0
    counted = near & (np.abs(step).max(2) > 15)
    if counted.sum() < 20:
        return np.full(4, np.nan)

    def done(clip: Clip, frame: int) -> float:
        return float(((clip[frame] - _averages(portraits)[0]) * step)[counted].sum())

    return np.array([done(calm, EVENT + late) / done(portraits, EVENT + late) for late in (0, 1, 2, 4)])


def _averages(clip: Clip) -> tuple[Array, Array]:
    """Before and after the event."""
    return clip[:EVENT].astype(float).mean(0), clip[EVENT:].astype(float).mean(0)


def _delay(_: Clip, portraits: Clip, calm: Clip) -> Array:
    """By how many frames the calm portrait is behind; its mean difference to the unfiltered, per change a frame."""
    raw, smooth = portraits.astype(np.float32), calm.astype(np.float32)

    def behind(frames: range) -> float:
        trends = [(raw[t + 3] - raw[t - 3]) / 6 for t in frames]
        lags = sum(float(((raw[t] - smooth[t]) * trend).sum()) for t, trend in zip(frames, trends, strict=True))
        return lags / sum(float((trend**2).sum()) for trend in trends)

    ghost = np.abs(smooth[11:] - raw[11:]).mean() / np.abs(np.diff(raw[10:], axis=0)).mean()
    return np.array([*(behind(range(t, t + 2)) for t in (3, 5, 8)), behind(range(11, 21)), ghost])


def _tell_cost(generator: Generator, face: Frame) -> None:
    """In turn with the graph itself, on one core: whatever else the machine does hits both alike."""
    cv2.setNumThreads(1)
    frames = filmed([face] * 60)
    portraits = drawn(generator, frames)
    calm, graph_ms, calm_ms = Calm(), [], []
    for at, (frame, picture) in enumerate(zip(frames, portraits, strict=True)):
        begun = time.perf_counter()
        generator(frame[None])
        drawn_at = time.perf_counter()
        calm([0], frame[None], picture[None], 33 * at)
        calm_ms.append((time.perf_counter() - drawn_at) * 1000)
        graph_ms.append((drawn_at - begun) * 1000)
    print(f"\nper face: graph {median(graph_ms):.1f} ms (least {min(graph_ms):.1f}), ", end="")
    print(f"calm {median(calm_ms):.2f} ms (least {min(calm_ms):.2f})")


def _face(name: str, size: int) -> Frame:
    picture = portrait(name)
    with MediaPipeDetector(still=True) as detector:
        return crop(picture, crop_matrix(detector(picture)[0], size), size)


if __name__ == "__main__":
    main()
