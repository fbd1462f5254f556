from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from engines.load import load_generator
from face_crop.align import Frame
from face_crop.detect import MediaPipeDetector
from face_crop.track import Tracker
from live.animate import Animator, in_batches
from live.demo import CLIP, SECONDS_WITH_FACES
from tests.graphs import make_graph
from tests.live.fakes import FixedDetector, GatedGenerator, OneStyle, face_at, numbered


def clip_frame(time_s: float) -> Frame:
    with av.open(str(CLIP)) as container:
        container.seek(int(time_s * av.time_base))
        frame = next(frame for frame in container.decode(video=0) if (frame.time or 0) >= time_s)
        return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


@pytest.mark.parametrize("faces", sorted(SECONDS_WITH_FACES))
def test_people_of_the_demo_clip_become_portraits(faces: int, tmp_path: Path) -> None:
    generator = load_generator(make_graph(tmp_path / "white.onnx", 32, "invert"), "cpu")
    animator = Animator(OneStyle(generator), MediaPipeDetector(), view="side-by-side")
    frame = clip_frame(sum(SECONDS_WITH_FACES[faces]) / 2)
    animation = animator(frame, 0)
    animator.close()
    assert animation.faces == faces
    assert set(animation.stage_ms) == {"detect", "crop", "generate", "calm", "paste"}
    assert np.array_equal(animation.picture[:, :640], frame)
    # Inverted skin is bluish: red is the weakest channel in the middle of each portrait.
    panel = animation.picture[:, 640:].astype(int)
    side = 480 if faces == 1 else 240
    for column in range(480 // side):
        middle = panel[(480 // 2 if faces != 4 else 120), column * side + side // 2]
        assert middle[2] > middle[0], middle


def test_all_faces_go_through_one_call() -> None:
    generator = GatedGenerator()
    animator = Animator(OneStyle(generator), FixedDetector(face_at(20), face_at(70), face_at(120)))
    animation = animator(numbered(1, (160, 60)), 0)
    assert animation.faces == 3
    assert generator.batches == [3]


def test_more_faces_than_the_generator_takes_at_once_are_split() -> None:
    generator = GatedGenerator(size=8, max_batch=2)
    crops = np.arange(3, dtype=np.uint8)[:, None, None, None] + np.zeros((3, 8, 8, 3), np.uint8)
    assert np.array_equal(in_batches(generator, crops), crops)
    assert generator.batches == [2, 1]


def test_without_a_face_nothing_is_generated() -> None:
    generator = GatedGenerator()
    animation = Animator(OneStyle(generator), FixedDetector())(numbered(1), 0)
    assert animation.faces == 0
    assert generator.batches == []


def test_the_camera_view_generates_nothing_and_still_counts_faces() -> None:
    generator = GatedGenerator()
    animation = Animator(OneStyle(generator), FixedDetector(face_at()), view="camera")(numbered(7), 0)
    assert (animation.faces, generator.batches) == (1, [])
    assert (animation.picture == 7).all()


def test_without_a_style_the_camera_is_shown_all_the_same() -> None:
    animation = Animator(OneStyle(None), FixedDetector(face_at()))(numbered(7), 0)
    assert animation.faces == 1
    assert (animation.picture[:, :64] == 7).all()


def test_a_face_that_is_missed_for_some_frames_keeps_its_portrait_and_is_not_drawn_from_the_background() -> None:
    generator, detector = GatedGenerator(), FixedDetector(face_at())
    animator = Animator(OneStyle(generator), detector, view="portrait")
    first = animator(numbered(200), 1000)
    detector.faces = []
    missed = animator(numbered(10), 1200)
    assert generator.batches == [1]
    assert missed.faces == 0
    assert missed.picture[24, 32].tolist() == first.picture[24, 32].tolist() == [200, 200, 200]
    gone = animator(numbered(10), 2100)
    assert gone.picture.max() < 150


def test_after_a_cut_nobody_shares_the_panel_with_those_of_the_scene_before() -> None:
    detector = FixedDetector(face_at(12), face_at(32))
    animator = Animator(OneStyle(GatedGenerator()), detector, view="portrait")
    animator(numbered(200), 1000)
    detector.faces = [face_at(55, 40)]
    after = animator(numbered(100), 1033)
    assert [person.seen_ms for person in after.lately] == [1033]
    assert after.picture[24, 32].tolist() == [100, 100, 100], "the one portrait fills the panel"


def test_those_who_come_together_are_shown_in_the_order_in_which_they_stand() -> None:
    for mirror in (False, True):
        animator = Animator(OneStyle(GatedGenerator()), FixedDetector(face_at(45), face_at(15)), mirror=mirror)
        people = animator(numbered(1), 0).people
        places = [-float(person.crop_from_frame[0, 2]) for person in people]
        assert places == sorted(places, reverse=mirror)


def test_a_reset_reaches_the_detector() -> None:
    detector = FixedDetector()
    Animator(OneStyle(None), detector).reset()
    assert detector.resets == 1


def test_a_reset_forgets_the_portraits_at_once() -> None:
    detector = FixedDetector(face_at())
    animator = Animator(OneStyle(GatedGenerator()), detector, view="portrait")
    animator(numbered(200), 1000)
    detector.faces = []
    animator.reset()
    assert animator(numbered(10), 1030).picture.max() < 150


def test_view_and_mirror_change_between_two_frames() -> None:
    animator = Animator(OneStyle(GatedGenerator()), FixedDetector(), view="camera")
    frame = numbered(0)
    frame[:, :32] = 200
    assert animator(frame, 0).picture[0, 0, 0] == 200
    animator.mirror = True
    assert animator(frame, 33).picture[0, 0, 0] == 0
    animator.view = "side-by-side"
    assert animator(frame, 66).picture.shape == (48, 64 + 48, 3)


def test_close_releases_the_detector() -> None:
    detector = FixedDetector()
    Animator(OneStyle(None), detector, Tracker()).close()
    assert detector.closed


def test_frozen_stands_still_and_costs_nothing_but_can_still_be_turned() -> None:
    generator = GatedGenerator()
    animator = Animator(OneStyle(generator), FixedDetector(face_at()), view="camera")
    ramp = np.tile(np.arange(64, dtype=np.uint8)[None, :, None], (48, 1, 3))
    animator(ramp, 0)
    animator.frozen = True
    animation = animator(numbered(200), 33)
    assert np.array_equal(animation.picture, ramp)
    assert animation.time_ms == 0
    animator.mirror = True
    assert np.array_equal(animator(numbered(201), 66).picture, ramp[:, ::-1])
    animator.frozen, animator.mirror = False, False
    assert animator(numbered(202), 99).picture[0, 0, 0] == 202


def test_frozen_before_the_first_frame_shows_that_one() -> None:
    animator = Animator(OneStyle(GatedGenerator()), FixedDetector(), view="camera")
    animator.frozen = True
    assert animator(numbered(5), 0).picture[0, 0, 0] == 5
    assert animator(numbered(6), 33).picture[0, 0, 0] == 5
    animator.reset()
    assert animator(numbered(7), 66).picture[0, 0, 0] == 7


def test_outputs_get_portraits_in_a_view_that_shows_none() -> None:
    generator = GatedGenerator()
    animator = Animator(OneStyle(generator), FixedDetector(face_at()), view="camera")
    assert animator(numbered(1), 0).lately == ()
    animator.always = True
    assert len(animator(numbered(2), 33).lately) == 1


@pytest.mark.parametrize(("strength", "expected"), [(0.0, 100), (0.5, 155 / 2 + 50), (1.0, 155)])
@pytest.mark.parametrize("view", ["portrait", "paste"])
def test_strength_blends_portrait_and_face(view: str, strength: float, expected: float, tmp_path: Path) -> None:
    generator = load_generator(make_graph(tmp_path / "negative.onnx", 32, "invert"), "cpu")
    animator = Animator(OneStyle(generator), FixedDetector(face_at()), view=view)
    animator.strength = strength
    picture = animator(numbered(100), 0).picture
    assert picture[24, 32].mean() == pytest.approx(expected, abs=2)
