"""Measures what docs/decisions/0002-smoothing.md states: python -m tests.face_crop.measure_smoothing.

Clips with a known true motion, sensor noise and JPEG artefacts go through the real detector, search and filter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from face_crop.align import Matrix, crop_matrix
from face_crop.detect import Detector, MediaPipeDetector
from face_crop.face import Face
from face_crop.smooth import PoseFilter, Smoothing
from tests.face_crop.sequences import Shot, placed, portrait, shoot

PEOPLE = ("man-12", "woman-13", "woman-92", "woman-94")
SIZE = 256
SECONDS = 3.0
SETTLED_MS = 700
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Watched:
    """Where points of the portrait fall in the crop over time, pixels of a 256-pixel crop.

    Attributes:
        time_ms: [T].
        raw: [T, 2, K], cropped as detected.
        steady: [T, 2, K], cropped as smoothed.
    """

    time_ms: Array
    raw: Array
    steady: Array


def clip(name: str, scale: float, motion: str, seed: int = 3) -> list[Shot]:
    """A clip of irregular frames, 30 a second in the mean.

    Args:
        name: the person.
        scale: of the 512-pixel portrait in the 640x480 frame.
        motion: `still`; `sway`: about a pixel, as somebody who tries to stand still; or a number: constant speed in
            crop sides per second.
        seed: of times and noise.
    """
    random = np.random.default_rng(seed)
    with MediaPipeDetector(still=True) as detector:
        side = scale / np.hypot(*crop_matrix(detector(portrait(name))[0], 1)[:, 0])
    seconds, places = 0.0, []
    while seconds < SECONDS:
        x, y = _offset(motion, seconds, float(side))
        places.append((int(seconds * 1000), placed(320 + x, 240 + y, scale)))
        seconds += random.uniform(0.6, 1.4) / 30
    return list(shoot(portrait(name), places, seed=seed))


def watch(shots: list[Shot], detector: Detector, smoothing: Smoothing) -> Watched:
    """Follow the largest face through a clip; frames without one are left out."""
    steady, times, raws, steadies = PoseFilter(smoothing), [], [], []
    last_ms = 0
    for shot in shots:
        faces = detector(shot.frame, shot.time_ms)
        if not faces:
            continue
        smooth = steady(faces[0], (shot.time_ms - last_ms) / 1000)
        last_ms = shot.time_ms
        times.append(shot.time_ms)
        raws.append(_crop_from_portrait(faces[0], shot))
        steadies.append(_crop_from_portrait(smooth, shot))
    points = np.linalg.inv(raws[len(raws) // 2]) @ _grid()
    return Watched(np.array(times, np.float64), np.array(raws)[:, :2] @ points, np.array(steadies)[:, :2] @ points)


def jitter(points: Array) -> tuple[float, float]:
    """RMS distance from the mean place and RMS step from frame to frame; pixels."""
    away = points - points.mean(axis=0)
    steps = np.diff(points, axis=0)
    return float(np.sqrt((away**2).sum(axis=1).mean())), float(np.sqrt((steps**2).sum(axis=1).mean()))


def lag_ms(watched: Watched, speed: float) -> float:
    """How far the steady crop is behind the detected one on a move to the right, in milliseconds."""
    settled = watched.time_ms > SETTLED_MS
    behind = (watched.steady - watched.raw)[settled, 0].mean()
    return float(behind / SIZE / speed * 1000)


def main() -> None:
    """Print the table."""
    print("scale  detector    jitter still (step) -> smoothed      sway -> smoothed      lag at 0.2, 0.6 sides/s")
    for scale in (0.35, 0.55, 0.9):
        for label, still in (("one look", True), ("close-ups", False)):
            print(f"{scale:5}  {label:10} {_row(scale, still)}", flush=True)


def _row(scale: float, still: bool) -> str:
    cells = []
    for motion in ("still", "sway"):
        seen = [_watched(name, scale, motion, still) for name in PEOPLE]
        for points in ([w.raw for w in seen if w], [w.steady for w in seen if w]):
            values = np.array([jitter(p[20:]) for p in points])
            away, step = np.sqrt((values**2).mean(axis=0))
            cells.append(f"{away:5.2f} ({step:5.2f})")
    for speed in (0.2, 0.6):
        moved = [_watched(name, scale, str(speed), still) for name in PEOPLE]
        cells.append(f"{np.mean([lag_ms(w, speed) for w in moved if w]):4.0f} ms")
    return "  ".join(cells)


def _watched(name: str, scale: float, motion: str, still: bool) -> Watched | None:
    shots = clip(name, scale, motion)
    with MediaPipeDetector(still=still) as detector:
        if sum(bool(detector(shot.frame, shot.time_ms)) for shot in shots[:10]) < 5:
            return None
    with MediaPipeDetector(still=still) as detector:
        return watch(shots, detector, Smoothing())


def _offset(motion: str, seconds: float, side: float) -> tuple[float, float]:
    if motion == "still":
        return 0.0, 0.0
    if motion == "sway":
        turn = 2 * np.pi * seconds
        return 1.2 * np.sin(0.4 * turn) + 0.3 * np.sin(1.7 * turn), 0.8 * np.sin(0.55 * turn + 1)
    return float(motion) * side * (seconds - SECONDS / 2), 0.0


def _crop_from_portrait(face: Face, shot: Shot) -> Matrix:
    return _square(crop_matrix(face, SIZE)) @ _square(shot.frame_from_portrait)


def _square(matrix: Matrix) -> Matrix:
    return np.vstack([matrix, [0, 0, 1]])


def _grid() -> Array:
    across = np.linspace(0.1, 0.9, 6) * SIZE
    x, y = np.meshgrid(across, across)
    return np.stack([x.ravel(), y.ravel(), np.ones(x.size)])


if __name__ == "__main__":
    main()
