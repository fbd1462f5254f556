"""Portraits stand still while the face does, and nothing that happens in the face comes late."""

from __future__ import annotations

import time

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from engines.base import Batch
from face_crop.align import Frame
from live.animate import Animator
from live.calm import FORGET_MS, MOMENT_S, Calm
from live.outputs.scene import Taps
from live.painter import Look, Painter
from live.session import Session
from live.settings import Settings
from live.sources.base import Reading
from live.stats import Timings
from live.viewers import Viewers
from tests.face_crop.sequences import portrait
from tests.live.calm_scenes import EVENT, Clip, eyes_closed, filmed, shifted, sliding, switching
from tests.live.fakes import FixedDetector, OneStyle, face_at

FRAMES = 24


def face(name: str = "woman-92", size: int = 128) -> Frame:
    """A face, RGB uint8 [size, size, 3]; its eyes are about where those of a crop are."""
    return np.asarray(cv2.resize(portrait(name), (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def boiling(crops: Clip, seed: int = 0) -> Clip:
    """The negative, drawn anew in every frame: uint8 [F, S, S, 3]."""
    strokes = np.random.default_rng(seed).normal(0, 20, crops.shape)
    return np.clip(127 + (127.0 - crops) / 2 + strokes, 0, 255).astype(np.uint8)


def calmed(crops: Clip, portraits: Clip, fps: float = 30, calm: Calm | None = None) -> Clip:
    """A clip of one face through the filter."""
    calm = calm or Calm()
    pairs = zip(crops, portraits, strict=True)
    return np.concatenate([calm([7], a[None], b[None], round(1000 * i / fps)) for i, (a, b) in enumerate(pairs)])


def restlessness(pictures: Clip) -> float:
    """Mean change from frame to frame, grey levels."""
    return float(np.abs(np.diff(pictures.astype(np.int16), axis=0)).mean())


def far(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    """Mean difference, grey levels."""
    return float(np.abs(one.astype(np.int16) - other).mean())


def test_a_still_face_gives_a_still_portrait_in_spite_of_noise_and_jitter() -> None:
    crops = filmed([face()] * FRAMES, jitter=0.5)
    portraits = boiling(crops)
    assert restlessness(calmed(crops, portraits)) < restlessness(portraits) / 3


def test_a_blink_is_shown_in_the_very_frame_and_only_where_it_is() -> None:
    crops = filmed(switching(face(), eyes_closed(face()), FRAMES))
    portraits = boiling(crops)
    shown = calmed(crops, portraits)[EVENT]
    eye, hair = (slice(54, 61), slice(46, 54)), (slice(5, 25), slice(40, 88))
    assert far(portraits[EVENT][eye], portraits[EVENT - 1][eye]) > 20, "the blink is to be seen in the drawing"
    assert far(shown[eye], portraits[EVENT][eye]) < 2
    assert far(shown[hair], portraits[EVENT][hair]) > 8


def test_eyes_that_are_drawn_shut_are_shown_so_though_little_changes_in_the_crop() -> None:
    crops = filmed([face()] * FRAMES)
    portraits = np.full_like(crops, 220)
    size = crops.shape[1]
    eye, hair = (np.s_[size * row // 16 : size * (row + 2) // 16, size // 3 : size // 2] for row in (7, 1))
    portraits[:EVENT, eye[0], eye[1]] = portraits[:EVENT, hair[0], hair[1]] = 60
    shown = calmed(crops, portraits)[EVENT]
    assert far(shown[eye], portraits[EVENT][eye]) < 2
    assert far(shown[hair], portraits[EVENT][hair]) > 60


def test_steady_movement_is_shown_without_delay() -> None:
    crops = filmed(sliding(face(), 1.0, FRAMES))
    portraits = boiling(crops)
    assert np.array_equal(calmed(crops, portraits)[12:], portraits[12:])


def test_a_sudden_move_is_shown_in_the_very_frame() -> None:
    crops = filmed(switching(face(), shifted(face(), 6, 0), FRAMES))
    portraits = boiling(crops)
    assert far(calmed(crops, portraits)[EVENT], portraits[EVENT]) < 1


def test_another_person_under_the_same_name_starts_afresh() -> None:
    crops = filmed(switching(face(), face("man-12"), FRAMES))
    portraits = boiling(crops)
    assert np.array_equal(calmed(crops, portraits)[EVENT], portraits[EVENT])


def test_what_changes_slowly_arrives_to_the_last_level() -> None:
    """The crop stands still, so that only the average brings the new."""
    crops = np.stack([face()] * 90)
    portraits = np.stack([np.full_like(face(), level) for level in [100] * 30 + [103] * 60])
    shown = calmed(crops, portraits)
    assert shown[29].mean() == 100
    assert 100 < shown[32].mean() < 103
    assert (shown[75:] == 103).all()


def test_changing_light_is_followed() -> None:
    crops = np.stack([(face() * (1 - 0.005 * frame)).astype(np.uint8) for frame in range(60)])
    shown = calmed(crops, crops)
    assert far(shown[-1], crops[-1]) < 4 * far(crops[-1], crops[-2])


@pytest.mark.parametrize("fps", [15, 60])
def test_time_counts_and_not_frames(fps: int) -> None:
    crops = np.stack([face()] * (fps + 1))
    portraits = np.stack([np.full_like(face(), 0 if frame == 0 else 40) for frame in range(fps + 1)])
    after = round(0.2 * fps)
    expected = 40 * (1 - np.exp(-after / fps / MOMENT_S))
    assert calmed(crops, portraits, fps)[after].mean() == pytest.approx(expected, abs=0.6)


def test_two_people_do_not_mix() -> None:
    calm, crops = Calm(), np.stack([face(), face()])
    white, black = np.full_like(face(), 255), np.zeros_like(face())
    for frame in range(5):
        shown = calm([3, 4], crops, np.stack([white, black]), frame * 33)
    assert shown[0].min() == 255 and shown[1].max() == 0
    # They change places in the batch, as when one gets another slot.
    shown = calm([4, 3], crops, np.stack([black, white]), 5 * 33)
    assert shown[0].max() == 0 and shown[1].min() == 255


def test_who_comes_back_after_a_while_starts_afresh() -> None:
    calm, crop = Calm(), face()[None]
    calm([1], crop, np.zeros_like(crop), 0)
    assert calm([1], crop, np.full_like(crop, 40), FORGET_MS).mean() < 40
    assert calm([1], crop, np.full_like(crop, 90), 2 * FORGET_MS + 1).mean() == 90


def test_people_who_come_and_go_are_forgotten() -> None:
    calm, crop = Calm(), face(size=32)[None]
    for who in range(200):
        calm([who], crop, crop, who * 100)
    assert calm.faces <= FORGET_MS / 100 + 1
    calm([], crop[:0], crop[:0], 10**6)
    assert calm.faces == 0


def test_another_size_starts_afresh() -> None:
    calm = Calm()
    for size in (64, 32, 256):
        crop = face(size=size)[None]
        assert np.array_equal(calm([0], crop, crop, size), crop)


def test_the_result_is_the_callers_own_and_the_portraits_stay() -> None:
    calm, crop = Calm(), face()[None]
    given = np.full_like(crop, 80)
    first = calm([0], crop, given, 0)
    first[:] = 0
    second = calm([0], crop, given, 33)
    assert (given == 80).all() and (second == 80).all()


def test_what_does_not_fit_together_is_refused() -> None:
    crop = face()[None]
    with pytest.raises(ValueError, match="got 2 ids, crops"):
        Calm()([1, 2], crop, crop, 0)
    with pytest.raises(ValueError, match=r"portraits \(1, 64, 64, 3\)"):
        Calm()([1], crop, crop[:, :64, :64], 0)


class Restless:
    """A generator that draws plain grey and plain white in turn."""

    runtime, size = "test runtime", 32

    def __init__(self) -> None:
        self.max_batch: int | None = None
        self._calls = 0

    def __call__(self, batch: Batch) -> Batch:
        """See `Generator`."""
        self._calls += 1
        return np.full_like(batch, 215 + 40 * (self._calls % 2))

    def close(self) -> None:
        """See `Generator`."""


def levels(animator: Animator, start: int = 0) -> list[int]:
    """Grey levels of the portraits in four frames of a still face."""
    times = [start + 33 * frame for frame in range(4)]
    return [int(animator(face(), at).people[0].portrait[16, 16, 0]) for at in times]


def test_the_animator_calms_unless_it_is_told_not_to() -> None:
    animator = Animator(OneStyle(Restless()), FixedDetector(face_at(64, 64)))
    drawn = levels(animator)
    assert drawn[0] == 255 and max(np.abs(np.diff(drawn))) < 20
    animator.calm = False
    assert set(levels(animator, 200)) == {215, 255}


def test_another_style_and_another_source_start_afresh() -> None:
    style = OneStyle(Restless())
    animator = Animator(style, FixedDetector(face_at(64, 64)))
    assert levels(animator)[0] == 255
    other = Restless()
    other(np.zeros((1, 32, 32, 3), np.uint8))
    style.generator = other
    assert levels(animator, 132)[0] == 215
    animator.reset()
    assert levels(animator, 264)[0] == 215


def test_the_look_of_the_moment_decides() -> None:
    animator = Animator(OneStyle(None), FixedDetector())
    painter = Painter(lambda: animator, Viewers(time.monotonic), Taps(), Timings())
    painter.open()
    for calm in (False, True):
        painter(Reading(face(), 1.0 + calm), Look("portrait", calm=calm))
        assert animator.calm is calm


def test_a_session_passes_the_setting_on() -> None:
    assert Settings().calm
    session = Session(Settings(source="pattern", calm=False), make_detector=FixedDetector)
    assert not session.stats().calm and not session.new_animator().calm
    session.set_calm(True)
    assert session.stats().calm and session.new_animator().calm
    session.close()
