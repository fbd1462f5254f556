"""What people play is done on their photo."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twingan.acting import face, person
from twingan import part


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
