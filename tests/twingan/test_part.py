"""What people play is done on their photo, and drawn."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twingan.acting import face, person
from tests.twingan.test_drawn_eyes import CENTRES, around, drawing, head
from twingan import part
from twingan.drawn_eyes import DrawnEyes
from twingan.drawn_mouth import MOUTH
from twingan.drawn_parts import Lab, to_lab, to_picture
from twingan.part import Part, turned


@pytest.fixture(scope="module")
def eyes() -> dict[str, DrawnEyes]:
    return {"woman": DrawnEyes.of(drawing())}


def playing(openness: float = 1.0, gap: float = 0.0, turned: float = 0.0) -> Part:
    return Part((openness, openness), gap, 0.0, turned, part.BROWN, man=False)


def test_a_photo_and_its_part_agree() -> None:
    random = np.random.default_rng(0)
    seen = [part.played(person(), face(), False, random) for _ in range(40)]
    assert any(min(what.openness) < 0.1 for _, what in seen)
    assert any(what.openness == (1.0, 1.0) for _, what in seen)
    for photo, what in seen:
        changed = np.abs(photo.astype(int) - person()).max(-1) > 30
        assert changed[105:122, 85:172].any() == (min(what.openness) < 0.9)  # the eyes
        assert changed[182:195].any() or what.gap < 0.4
        assert not what.man


def test_somebody_with_open_eyes_and_a_closed_mouth_is_drawn_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "SPEAKS", 0.0)
    monkeypatch.setattr(part, "BLINKS", 0.0)
    photo, what = part.played(person(), face(nose=0.05), True, np.random.default_rng(0))
    assert np.array_equal(photo, person())
    assert what.openness == (1.0, 1.0) and what.gap == 0 and what.man
    assert what.turned == pytest.approx(0.1, abs=0.03)


def test_irises_are_brown_blue_or_green_like_the_person_s() -> None:
    def coloured(colour: tuple[int, int, int]) -> tuple[float, float, float]:
        photo = person()
        photo[(photo[..., :3] == (30, 90, 40)).all(-1), :3] = colour
        return part.iris(photo, face())

    assert coloured((52, 32, 24)) == pytest.approx(part.BROWN, abs=4)
    assert coloured((88, 104, 128)) == pytest.approx(part.BLUE, abs=8)
    assert coloured((100, 112, 84)) == pytest.approx(part.GREEN, abs=8)


def test_a_head_plays_its_part(eyes: dict[str, DrawnEyes]) -> None:
    awake, asleep, talking = (
        to_lab(part.drawn(drawing(), what, eyes)[..., :3])
        for what in (playing(), playing(openness=0.0), playing(gap=1.0))
    )
    brown = [(around(lab, *CENTRES[0])[:, 2] > 22).sum() for lab in (awake, asleep)]
    assert brown[0] > 50 > 10 > brown[1]
    assert (around(talking, *MOUTH)[:, 1] > 25).sum() > 100 + (around(awake, *MOUTH)[:, 1] > 25).sum()


def test_only_what_is_drawn_is_opaque_also_where_it_was_before_the_head_turned(eyes: dict[str, DrawnEyes]) -> None:
    straight, aside = (part.drawn(drawing(), playing(turned=by), eyes) for by in (0.0, 0.8))
    for picture in (straight, aside):
        assert 0.03 < (picture[..., 3] == 255).mean() < 0.2
        assert picture[:70, :, 3].max() == 0
    assert (aside[..., 3] >= straight[..., 3]).all()
    plain = straight[..., 3] == 0
    assert np.abs(straight[plain][:, :3].astype(int) - drawing()[plain]).max() <= 1


def test_a_turned_face_moves_and_its_outline_stays(eyes: dict[str, DrawnEyes]) -> None:
    lab = head(eyes["woman"], (1.0, 1.0))
    moved = turned(lab, 0.8)
    for edge in (np.s_[:4], np.s_[-4:], np.s_[:, :4], np.s_[:, -4:]):
        assert np.abs(moved[edge] - lab[edge]).max() < 5

    def eyes_of(picture: Lab) -> list[tuple[float, float]]:
        """Middle and width of each."""
        found = [np.flatnonzero((half > 22).any(0)) for half in np.hsplit(picture[100:140, :, 2], 2)]
        return [(float(columns.mean()), float(np.ptp(columns))) for columns in found]

    (left, wide), (right, _) = eyes_of(lab)
    (left_now, wider), (right_now, narrower) = eyes_of(moved)
    assert left_now > left + 3 and right_now > right + 3
    assert wider > wide > narrower  # the far side of the face
    assert np.abs(to_picture(turned(lab, 0.0)).astype(int) - to_picture(lab)).max() <= 1
