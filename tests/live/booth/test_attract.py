from __future__ import annotations

import io

import numpy as np
from PIL import Image

from face_crop.detect import MediaPipeDetector
from live.animate import Animator
from live.booth.attract import SIDE, Gallery
from tests.live.fakes import GatedGenerator, OneStyle


class Negative(GatedGenerator):
    def __call__(self, batch: np.typing.NDArray[np.uint8]) -> np.typing.NDArray[np.uint8]:
        return np.asarray(255 - super().__call__(batch), np.uint8)


def animators(generator: GatedGenerator | None, made: list[Animator]) -> Animator:
    made.append(Animator(OneStyle(generator), MediaPipeDetector()))
    return made[-1]


def pixels(data: bytes) -> np.typing.NDArray[np.int16]:
    return np.asarray(Image.open(io.BytesIO(data)), np.int16)


def test_every_person_of_the_clip_is_painted_once_per_style() -> None:
    generator, made = Negative(256), list[Animator]()
    gallery = Gallery()
    gallery.refresh("first", lambda: animators(generator, made))
    assert len(gallery.pairs) == 9
    name = gallery.name
    for pair in gallery.pairs:
        face, portrait = pixels(pair.face), pixels(pair.portrait)
        assert face.shape == portrait.shape == (SIDE, SIDE, 3)
        inside = slice(SIDE // 3, SIDE * 2 // 3)  # the face itself: same place, opposite colours
        assert np.abs(face + portrait - 255)[inside, inside].mean() < 12
    gallery.refresh("first", lambda: animators(generator, made))
    assert len(made) == 1
    gallery.refresh("second", lambda: animators(generator, made))
    assert len(made) == 2
    assert gallery.name != name


def test_without_a_generator_nothing_is_shown_and_it_is_tried_again() -> None:
    made: list[Animator] = []
    gallery = Gallery()
    gallery.refresh("", lambda: animators(None, made))
    assert not made
    gallery.refresh("style", lambda: animators(None, made))
    gallery.refresh("style", lambda: animators(None, made))
    assert len(made) == 2
    assert gallery.pairs == ()
