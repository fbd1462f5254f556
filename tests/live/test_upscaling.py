"""Upscaling of the live picture: from the switch to what the outputs get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.base import Batch
from engines.errors import EngineError
from engines.load import load_generator
from face_crop.align import Frame
from live.__main__ import settings_from
from live.animate import Animation, Animator, Moment
from live.booth.prints import upscaled
from live.flags import parser
from live.outputs.overlay import characters
from live.outputs.scene import Scene
from live.session import Session
from live.settings import Settings
from live.styles import Styles
from live.upscaling import Upscaling
from live.views import PANELS, compose
from tests.graphs import make_graph
from tests.live.fakes import FixedDetector, GatedGenerator, OneStyle, face_at, numbered, until
from tests.upscale.test_doubler import steepest


@dataclass
class Plain:
    """Doubles by repeating pixels, and counts the portraits of each call."""

    counts: list[int] = field(default_factory=list)

    def __call__(self, portraits: Batch) -> Batch:
        self.counts.append(len(portraits))
        return portraits.repeat(2, axis=1).repeat(2, axis=2)


def animator_of(upscaling: Upscaling | None, view: str = "portrait", *faces: float, size: int = 16) -> Animator:
    """Faces at these x of a frame; their portraits are the crops, of this side."""
    detector = FixedDetector(*(face_at(x) for x in faces or (32.0,)))
    return Animator(OneStyle(GatedGenerator(size)), detector, view=view, calm=False, upscaling=upscaling)


def switched_on(double: Callable[[Batch], Batch]) -> Upscaling:
    upscaling = Upscaling(lambda: double)
    upscaling.use(2)
    return upscaling


def ramp(width: int = 64) -> Frame:
    return np.tile(np.linspace(0, 255, width).astype(np.uint8)[None, :, None], (48, 1, 3))


def lined() -> Frame:
    """A dark outline across the face, as wide as in drawings."""
    frame = np.full((48, 64, 3), 240, np.uint8)
    cv2.circle(frame, (32, 26), 9, (200, 120, 90), -1, cv2.LINE_AA)
    cv2.circle(frame, (32, 26), 9, (30, 30, 40), 2, cv2.LINE_AA)
    return frame


def sides(animation: Animation) -> list[int]:
    return [len(person.portrait) for person in animation.people]


@pytest.mark.parametrize("upscaling", [None, Upscaling(lambda: pytest.fail("nobody asked for it"))])
def test_it_is_off_by_default_and_costs_nothing(upscaling: Upscaling | None) -> None:
    animation = animator_of(upscaling)(ramp(), 0)
    assert sides(animation) == [16]
    assert "upscale" not in animation.stage_ms


def test_each_portrait_gets_twice_the_side() -> None:
    plain = Plain()
    animation = animator_of(switched_on(plain), "portrait", 20, 100)(ramp(128), 0)
    assert sides(animation) == [32, 32]
    assert plain.counts == [2]
    assert animation.stage_ms["upscale"] >= 0


@pytest.mark.parametrize("view", ["paste", "camera"])
def test_views_with_small_faces_do_without(view: str) -> None:
    assert view not in PANELS
    plain = Plain()
    animator = animator_of(switched_on(plain), view)
    animator.always = True
    assert sides(animator(ramp(), 0)) == [16]
    assert plain.counts == []


def test_a_portrait_that_is_kept_belongs_to_the_same_place_of_the_frame() -> None:
    """A picture frozen, or a person remembered, before the view changed: pasted as if it had never been enlarged."""
    before = animator_of(None)(ramp(), 0)
    after = animator_of(switched_on(Plain()))(ramp(), 0)
    pasted = [compose("paste", ramp(), each.people, 0).astype(int) for each in (before, after)]
    assert np.abs(pasted[0] - pasted[1]).max() <= 8
    assert np.abs(pasted[0] - ramp()).max() <= 8


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_strength_blends_in_the_face_at_the_larger_side(strength: float, tmp_path: Path) -> None:
    generator = load_generator(make_graph(tmp_path / "negative.onnx", 32, "invert"), "cpu")
    animator = Animator(OneStyle(generator), FixedDetector(face_at()), upscaling=switched_on(Plain()))
    drawn = animator(numbered(100), 0).people[0].drawn(strength)
    assert drawn.shape == (64, 64, 3)
    assert drawn.mean() == pytest.approx(100 + 55 * strength, abs=2)


def test_overlays_show_people_of_before_and_after_the_switch_beside_each_other() -> None:
    before, after = (animator_of(each)(ramp(), 0).people[0] for each in (None, switched_on(Plain())))
    scene = Scene(ramp(), ramp(), (before, after), 0, 0.0, 1, "portrait", strength=0.5)
    assert characters(scene).shape == (32, 64, 4)


def test_a_recording_does_not_change_its_size_when_it_is_switched() -> None:
    for view in PANELS:
        before, after = (animator_of(each, view)(ramp(), 0).picture for each in (None, switched_on(Plain())))
        assert before.shape == after.shape


@pytest.mark.parametrize(("arguments", "scale"), [([], 1), (["--upscale", "2"], 2)])
def test_a_flag_switches_it_on_from_the_start(arguments: list[str], scale: int) -> None:
    assert settings_from(parser().parse_args(arguments)).upscale == scale


def test_calm_comes_first() -> None:
    """It compares crops and portraits, which are of one size as long as nothing is enlarged."""
    animator = animator_of(switched_on(Plain()))
    animator.calm = True
    assert [sides(animator(ramp(), at)) for at in (0, 33)] == [[32], [32]]


def test_a_style_of_another_size_is_enlarged_as_well() -> None:
    animator = animator_of(switched_on(Plain()))
    animator(ramp(), 0)
    animator._styles = OneStyle(GatedGenerator(8))
    assert sides(animator(ramp(), 33)) == [16]


def test_prints_enlarge_what_was_drawn_and_not_what_was_enlarged_already() -> None:
    animation = animator_of(switched_on(Plain()))(ramp(), 0)
    seen: list[tuple[int, ...]] = []

    def four_times(picture: Frame) -> Frame:
        seen.append(picture.shape)
        return np.asarray(cv2.resize(picture, None, fx=4, fy=4), np.uint8)

    person = upscaled(Moment(ramp(), animation.people, 0.0, False), four_times).people[0]  # type: ignore[arg-type]
    assert seen == [(16, 16, 3)]
    assert person.portrait.shape == (64, 64, 3)
    pasted = compose("paste", ramp(), [person], 0).astype(int)
    assert np.abs(pasted - ramp()).max() <= 12


def test_it_is_loaded_once_when_first_wanted_and_goes_off_again() -> None:
    loaded: list[Plain] = []

    def load() -> Plain:
        loaded.append(Plain())
        return loaded[-1]

    upscaling = Upscaling(load)
    upscaling.use(1)
    assert not loaded
    for scale in (2, 1, 2):
        upscaling.use(scale)
        assert (upscaling.scale, upscaling.in_force is not None) == (scale, scale == 2)
    assert len(loaded) == 1


def test_the_network_itself_makes_lines_sharper_than_plain_enlarging_does() -> None:
    upscaling = Upscaling()
    upscaling.use(2)
    animation = animator_of(upscaling, size=64)(lined(), 0)
    portrait = animation.people[0].portrait
    face = animation.people[0].face
    assert face is not None
    plain = cv2.resize(face, portrait.shape[:2], interpolation=cv2.INTER_CUBIC)
    assert steepest(portrait) > 1.15 * steepest(np.asarray(plain, np.uint8))


@pytest.mark.parametrize("scale", [0, 3, 4])
def test_other_scales_are_refused(scale: int) -> None:
    with pytest.raises(ValueError, match=r"upscale must be 1 \(off\) or 2"):
        Upscaling().use(scale)


def missing() -> Plain:
    raise EngineError("the model is missing: fetch it again")


def test_without_its_file_the_stream_goes_on_and_the_reason_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").touch()
    session = Session(
        Settings(source="pattern", models=tmp_path, upscale=2),
        styles=Styles(tmp_path, load=lambda path, device: GatedGenerator()),
        upscaling=Upscaling(missing),
        make_detector=lambda: FixedDetector(face_at()),
    )
    session.start()
    try:
        until(lambda: session.stats().state == "live")
        stats = session.stats()
        assert (stats.upscale, stats.faults) == (1, 0)
        assert stats.message == "Upscaling stays off: the model is missing: fetch it again"
        with pytest.raises(EngineError, match="fetch it again"):
            session.set_upscale(2)
        session.set_upscale(1)
        assert session.stats().message == ""
    finally:
        session.close()


def test_a_session_starts_with_it_and_times_it(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").touch()
    session = Session(
        Settings(source="pattern", models=tmp_path, upscale=2),
        styles=Styles(tmp_path, load=lambda path, device: GatedGenerator()),
        upscaling=Upscaling(Plain),
        make_detector=lambda: FixedDetector(face_at()),
    )
    session.start()
    try:
        until(lambda: "upscale" in session.stats().stage_ms)
        assert session.stats().upscale == 2
        moment = session.moment()
        assert moment is not None
        assert len(moment.people[0].portrait) == 32
    finally:
        session.close()
