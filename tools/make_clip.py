"""Make the demo clip out of CC0 portraits: `python -m tools.make_clip PORTRAITS [OUT]`.

PORTRAITS is the folder of faker-js/assets-person-portrait pictures (512x512, CC0 1.0). The film has three scenes with
one person, one with two and one with four. Each goes out of focus until nobody can be made out, and the next comes
into focus; so does the first after the last, so that it repeats without a jump. Were people faded into one another, a
tracker would take one for the next. Every person sways, nods and comes closer, blinks and says something, as people in
front of a camera do (`twingan.grimaces`; fetch what it needs first: docs/evaluation.md).
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from face_crop.align import Frame, crop, crop_matrix, inverse
from face_crop.detect import MediaPipeDetector
from live.demo import CLIP
from live.demo.scenes import BETWEEN_S, SCENES, Scene
from twingan import grimaces
from twingan.evaluation import extras
from twingan.face_points import FacePoints, Points

WIDTH, HEIGHT, FPS = 640, 480, 30
BLUR_S, FOCUS_S = 1 / FPS, 0.35
"""A scene goes out of focus within `BLUR_S`, the next comes into focus within `FOCUS_S`. The last face that is found is
shown for a moment longer: it must not be a blurred one."""
BLUR_PX = 50.0
"""Standard deviation of the blur in which nobody can be made out."""
GAP = 4
"""Pixels between two people of one scene."""
SWAY, NOD, ZOOM, ROLL_DEG = 0.045, 0.02, 0.05, 4.0
"""How far people move: shares of the tile's width and height, of the scale, and degrees."""
BLINK_EVERY_S, BLINK_S = 2.3, 0.3
"""Lids come down and go up again within `BLINK_S`."""
SPEECH_S, PAUSE_S, SYLLABLE_S, OPENED = 1.6, 1.1, 0.42, 0.08
"""How long people speak and say nothing, and how often and how far (a share of the face's height) a mouth opens."""
CROP = 256
"""Side at which faces are looked at."""


@dataclass(frozen=True, eq=False)
class Portrait:
    """A picture and where its face is.

    Attributes:
        picture: RGB uint8 [H, W, 3].
        middle: (x, y) of the face box's middle in pixels.
        height: of the face box in pixels.
        points: of the face, in shares of the picture.
        phase: 0 .. 1, so that no two people move alike.
    """

    picture: Frame
    middle: tuple[float, float]
    height: float
    points: Points
    phase: float


def load(folder: Path, name: str, phase: float) -> Portrait:
    """Read a portrait and find its face."""
    picture = cv2.imread(str(folder / f"{name}.webp"))
    if picture is None:
        raise SystemExit(f"{folder / name}.webp cannot be read: PORTRAITS must be the folder of CC0 portraits")
    rgb = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
    with MediaPipeDetector(still=True) as detector:
        face = detector(rgb)[0]
    left, top, right, bottom = face.box.tolist()
    crop_from_picture = crop_matrix(face, CROP)
    found = FacePoints(extras.FOLDER)(crop(rgb, crop_from_picture, CROP)) * CROP
    back = inverse(crop_from_picture)
    points = np.asarray((found @ back[:, :2].T + back[:, 2]) / len(rgb), np.float32)
    return Portrait(rgb, ((left + right) / 2, (top + bottom) / 2), bottom - top, points, phase)


def acting(person: Portrait, time_s: float) -> Frame:
    """What a person does at a moment: the picture, RGB uint8 [H, W, 3]."""
    picture = person.picture
    since_s = (time_s + BLINK_EVERY_S * person.phase) % BLINK_EVERY_S
    lids = min(1.0, 2.2 * math.sin(math.pi * since_s / BLINK_S)) if since_s < BLINK_S else 0.0
    if lids > 0:
        picture = grimaces.blinked(picture, person.points, (lids, lids))
    said_s = (time_s + (SPEECH_S + PAUSE_S) * person.phase) % (SPEECH_S + PAUSE_S)
    if said_s < SPEECH_S:
        opened = OPENED * math.sin(math.pi * said_s / SPEECH_S) * math.sin(math.pi * said_s / SYLLABLE_S) ** 2
        picture = grimaces.opened(picture, person.points, opened)
    return picture


def tile(person: Portrait, width: int, height: int, face_share: float, time_s: float) -> Frame:
    """How a person looks at a moment: RGB uint8 [height, width, 3], cut from within the picture."""

    def wave(period_s: float, shift: float) -> float:
        return math.sin(2 * math.pi * (time_s / period_s + person.phase + shift))

    base, middle = _framing(person, width, height, face_share)
    turn = cv2.getRotationMatrix2D(middle, ROLL_DEG * wave(3.7, 0.4), base * (1 + ZOOM * wave(5.3, 0.1)))
    turn[0, 2] += width / 2 - middle[0] + SWAY * width * wave(4.3, 0.0)
    turn[1, 2] += height / 2 - middle[1] + NOD * height * wave(2.9, 0.7)
    moved = cv2.warpAffine(
        acting(person, time_s), turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(moved, np.uint8)


def _framing(person: Portrait, width: int, height: int, face_share: float) -> tuple[float, tuple[float, float]]:
    """Scale, and the picture's point in the middle of the tile, so that no motion leaves the picture."""
    tall, wide = person.picture.shape[:2]
    sin = math.sin(math.radians(ROLL_DEG))
    reach_x = width * (1 + 2 * SWAY) + height * sin  # of the turned and swaying tile, in its pixels
    reach_y = height * (1 + 2 * NOD) + width * sin
    least = max(reach_x / wide, reach_y / tall) / (1 - ZOOM)
    scale = max(least, height * face_share / person.height)
    half_x, half_y = reach_x / 2 / scale / (1 - ZOOM), reach_y / 2 / scale / (1 - ZOOM)
    x = min(max(person.middle[0], half_x), wide - half_x)
    return scale, (x, min(max(person.middle[1], half_y), tall - half_y))


def painted(scene: Scene, people: list[Portrait], time_s: float) -> Frame:
    """A scene at a moment since its start: RGB uint8 [HEIGHT, WIDTH, 3]."""
    rows = -(-len(people) // scene.columns)
    width = (WIDTH - GAP * (scene.columns - 1)) // scene.columns
    height = (HEIGHT - GAP * (rows - 1)) // rows
    frame = np.full((HEIGHT, WIDTH, 3), 24, np.uint8)
    for index, person in enumerate(people):
        row, column = divmod(index, scene.columns)
        top, left = row * (height + GAP), column * (width + GAP)
        frame[top : top + height, left : left + width] = tile(person, width, height, scene.face_share, time_s)
    return frame


def film(folder: Path) -> Iterator[Frame]:
    """Every frame of the clip."""
    casts = [
        [load(folder, name, 0.37 * number + 0.23 * index) for index, name in enumerate(scene.people)]
        for number, scene in enumerate(SCENES)
    ]
    for number, scene in enumerate(SCENES):
        following = (number + 1) % len(SCENES)
        for index in range(round(scene.seconds * FPS)):
            yield painted(scene, casts[number], index / FPS)
        for index in range(round(BETWEEN_S * FPS)):
            passed_s = index / FPS
            before = painted(scene, casts[number], scene.seconds + passed_s)
            after = painted(SCENES[following], casts[following], passed_s - BETWEEN_S)
            yield between(before, after, passed_s)


def between(before: Frame, after: Frame, passed_s: float) -> Frame:
    """A moment between two scenes: RGB uint8 [H, W, 3].

    Args:
        before, after: how the two scenes look at that moment, RGB uint8 [H, W, 3].
        passed_s: since the first went out of focus, 0 .. `BETWEEN_S`.
    """
    # A face that shines through a veil would be drawn, and strangely; one that is out of focus is drawn as usual.
    share = (passed_s - BLUR_S) / (BETWEEN_S - BLUR_S - FOCUS_S)
    if share <= 0:
        return _out_of_focus(before, passed_s / BLUR_S)
    if share >= 1:
        return _out_of_focus(after, (BETWEEN_S - passed_s) / FOCUS_S)
    eased = share**2 * (3 - 2 * share)
    blurred = _out_of_focus(before, 1.0), _out_of_focus(after, 1.0)
    return np.asarray(cv2.addWeighted(blurred[0], 1 - eased, blurred[1], eased, 0), np.uint8)


def _out_of_focus(frame: Frame, share: float) -> Frame:
    """Blurred by a share of `BLUR_PX`."""
    blur_px = BLUR_PX * share**2
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), blur_px), np.uint8) if blur_px > 0.1 else frame


def write(frames: Iterator[Frame], path: Path, crf: int) -> None:
    """Write an H.264 file that any browser and any FFmpeg plays."""
    import av

    unfinished = path.with_name(f".{path.name}")
    with av.open(str(unfinished), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        options = {"crf": str(crf), "preset": "slow", "tune": "fastdecode"}
        stream = container.add_stream("libx264", rate=Fraction(FPS), options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = FPS * 2
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    unfinished.replace(path)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description="Make the demo clip out of CC0 portraits.")
    parser.add_argument("portraits", type=Path, help="folder of the CC0 portraits, NAME.webp")
    parser.add_argument("out", type=Path, nargs="?", default=CLIP)
    parser.add_argument("--crf", type=int, default=24, help="quality of x264, 0 (best) .. 51")
    flags = parser.parse_args()
    write(film(flags.portraits), flags.out, flags.crf)
    print(f"{flags.out}: {flags.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
