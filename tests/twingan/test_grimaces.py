"""People shut their eyes and open their mouth, and all else of the photo stays."""

from __future__ import annotations

import numpy as np

from tests.twingan.acting import EYES, IRIS, SIDE, SKIN, face, person
from twingan import grimaces
from twingan.face_points import Photo


def greens(photo: Photo, side: int) -> int:
    """Pixels of the iris colour near an eye."""
    x, y = (round(share * SIDE) for share in EYES[side])
    near = photo[y - 14 : y + 14, x - 18 : x + 18, :3].astype(int)
    return int((np.abs(near - np.array(IRIS)).max(-1) < 30).sum())


def test_a_shut_eye_is_skin_and_the_other_stays() -> None:
    photo = person()
    shut = grimaces.shut(photo, face(), 0, 1.0)
    assert greens(shut, 0) < 0.25 * greens(photo, 0)
    assert greens(shut, 1) == greens(photo, 1)
    assert np.abs(shut[115, 100, :3].astype(int) - np.array(SKIN)).max() < 20
    assert np.array_equal(shut[150:], photo[150:])


def test_half_shut_is_between() -> None:
    photo = person()
    seen = [greens(grimaces.shut(photo, face(), 1, share), 1) for share in (0.0, 0.5, 1.0)]
    assert seen[0] == greens(photo, 1) > seen[1] > seen[2]


def test_an_open_mouth_is_dark_and_the_chin_goes_down() -> None:
    photo = person()
    opened = grimaces.opened(photo, face(), 0.12)
    assert opened[183, 128, :3].max() < 70
    assert np.array_equal(opened[:170], photo[:170])  # above the lips
    assert np.array_equal(opened[:, :100], photo[:, :100])  # beside the mouth
    chins = [int(np.flatnonzero(picture[:, 128, 3])[-1]) for picture in (photo, opened)]
    assert chins[0] < chins[1] < chins[0] + 18


def test_nothing_asked_changes_nothing() -> None:
    assert np.array_equal(grimaces.opened(person(), face(), 0.0), person())
    assert np.array_equal(grimaces.shut(person(), face(), 0, 0.0), person())
