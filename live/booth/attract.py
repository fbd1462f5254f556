"""The portraits that invite people: those of the demo clip's people (CC0), painted in the style in force."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from face_crop.align import Frame
from live.animate import Animator, Moment
from live.booth.prints import jpeg, original_of, portrait_of
from live.demo import CLIP

SIDE = 512


@dataclass(frozen=True, eq=False)
class Pair:
    """A face and its portrait, JPEG, in the same place of a square."""

    face: bytes
    portrait: bytes


class Gallery:
    """Pairs of the style in force, painted once per style and kept in memory. Any thread may call.

    Args:
        clip: a film of people.

    Attributes:
        name: changes with the pairs, so that browsers may keep each pair for ever.
        pairs: the newest; empty until the first are painted.
    """

    def __init__(self, clip: Path = CLIP) -> None:
        self._clip = clip
        self._painting = threading.Lock()
        self._style = ""
        self.name = ""
        self.pairs: tuple[Pair, ...] = ()

    def refresh(self, style: str, new_animator: Callable[[], Animator]) -> None:
        """Paint the pairs anew where the style is another than theirs; some seconds of work. Returns at once where
        that is being done already, or where there is no style yet.
        """
        if not style or style == self._style or not self._painting.acquire(blocking=False):
            return
        try:
            pairs = tuple(paint_pairs(self._clip, new_animator()))
            if pairs:
                self._style, self.name, self.pairs = style, secrets.token_hex(4), pairs
        finally:
            self._painting.release()


def paint_pairs(clip: Path, animator: Animator) -> Iterator[Pair]:
    """A pair for each person of the clip; closes the animator. None while it has no generator.

    Raises:
        OSError, RuntimeError, ValueError: clip or engine fail.
    """
    animator.view = "portrait"
    try:
        for number, frame in enumerate(scenes(clip)):
            animator.reset()
            for person in animator(frame, 1000 * number).people:
                alone = Moment(frame, (replace(person, slot=0),), 0.0, mirror=False)
                yield Pair(jpeg(original_of(alone, SIDE)), jpeg(portrait_of(alone, SIDE)))
    finally:
        animator.close()


def scenes(clip: Path) -> Iterator[Frame]:
    """The frame in the middle of each of the demo clip's scenes, RGB uint8 [H, W, 3]."""
    import av

    with av.open(str(clip)) as film:
        stream = film.streams.video[0]
        wanted = scene_middles()
        for frame in film.decode(stream):
            if wanted and frame.time is not None and frame.time >= wanted[0]:
                wanted.pop(0)
                yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            if not wanted:
                return


def scene_middles() -> list[float]:
    """Seconds from the clip's beginning."""
    from live.demo.scenes import BETWEEN_S, SCENES

    middles, start = [], 0.0
    for scene in SCENES:
        middles.append(start + scene.seconds / 2)
        start += scene.seconds + BETWEEN_S
    return middles
