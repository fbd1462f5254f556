from __future__ import annotations

import numpy as np
import pytest

from face_crop.align import Frame, crop_matrix
from live.views import VIEWS, Person, check_view, compose, grid, opacity_in_frame, opacity_in_panel
from tests.live.fakes import face_at, numbered

NOW = 10_000


def gradient(width: int = 160, height: int = 120) -> Frame:
    """Dark on the left, bright on the right."""
    row = np.linspace(0, 250, width).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (height, width, 3)))


def person(
    number: int, value: int, *, slot: int = 0, seen_ms: int = NOW, portrait: Frame | None = None, x: float = 80
) -> Person:
    picture = numbered(value, (32, 32)) if portrait is None else portrait
    return Person(number, slot, picture, crop_matrix(face_at(x, 55, 10), 32), seen_ms)


def test_camera_is_the_frame_itself() -> None:
    frame = gradient()
    assert compose("camera", frame, [], NOW) is frame


def test_who_only_fades_takes_no_room_from_those_who_are_there() -> None:
    there, fading = person(1, 200), person(2, 90, slot=1, seen_ms=NOW - 700)
    picture = compose("portrait", gradient(), [there, fading], NOW)
    assert (picture[:, 20:140] == 200).all()
    alone = compose("portrait", gradient(), [fading], NOW)
    assert 30 < alone[60, 80].mean() < 90


def test_who_is_missed_for_a_moment_keeps_the_place() -> None:
    both = compose("portrait", gradient(), [person(1, 200), person(2, 90, slot=1, seen_ms=NOW - 300)], NOW)
    assert (both[60, 40] == 200).all()
    assert (both[60, 120] == 90).all()


def test_no_view_changes_the_frame() -> None:
    frame = gradient()
    for view in VIEWS:
        for mirror in (False, True):
            compose(view, frame, [person(1, 200)], NOW, mirror)
    assert np.array_equal(frame, gradient())


def test_side_by_side_shows_the_camera_and_then_the_portrait() -> None:
    frame = gradient()
    picture = compose("side-by-side", frame, [person(1, 200)], NOW)
    assert picture.shape == (120, 160 + 120, 3)
    assert np.array_equal(picture[:, :160], frame)
    assert (picture[:, 160:] == 200).all()


def test_portrait_fills_the_middle_of_a_picture_as_large_as_the_camera() -> None:
    picture = compose("portrait", gradient(), [person(1, 200)], NOW)
    assert picture.shape == (120, 160, 3)
    assert (picture[:, 20:140] == 200).all()
    assert picture[:, :20].max() < 150


def test_paste_shows_the_portrait_where_the_face_is_and_the_camera_elsewhere() -> None:
    frame = gradient()
    picture = compose("paste", frame, [person(1, 255, x=40)], NOW)
    assert picture[60, 40].min() > 250
    assert np.array_equal(picture[:, 100:], frame[:, 100:])


def test_two_people_stand_side_by_side_in_the_order_of_their_slots() -> None:
    picture = compose("side-by-side", gradient(), [person(1, 100), person(2, 200, slot=1)], NOW)
    panel = picture[:, 160:]
    assert (panel[30:90, :60] == 100).all()
    assert (panel[30:90, 60:] == 200).all()


def test_mirror_turns_camera_and_portrait() -> None:
    portrait = np.zeros((32, 32, 3), np.uint8)
    portrait[:, 16:] = 250
    picture = compose("side-by-side", gradient(), [person(1, 0, portrait=portrait)], NOW, mirror=True)
    assert picture[60, 5].max() > picture[60, 155].max()
    assert picture[60, 160 + 5].min() > 240
    assert picture[60, 160 + 115].max() < 10


@pytest.mark.parametrize("view", ["side-by-side", "portrait"])
def test_without_a_face_the_panel_shows_nobody_recognisably(view: str) -> None:
    checkers = (np.indices((120, 160)).sum(axis=0) // 4 % 2 * 255).astype(np.uint8)
    frame = np.ascontiguousarray(np.repeat(checkers[:, :, None], 3, axis=2))
    picture = compose(view, frame, [], NOW)
    panel = picture[:, 160:] if view == "side-by-side" else picture
    assert 20 < panel[:30].mean() < 100
    assert np.abs(np.diff(panel[:30].astype(int), axis=1)).max() < 20, "the pattern of the frame shows"
    middle = panel[panel.shape[0] * 2 // 5, panel.shape[1] // 2].mean()
    assert middle > panel[:20].mean() + 20, "the silhouette is missing"


def test_a_portrait_is_held_then_fades_and_is_gone() -> None:
    assert [opacity_in_panel(gone) for gone in (0, 500, 750, 1000, 5000)] == [1.0, 1.0, 0.5, 0.0, 0.0]
    assert [opacity_in_frame(gone) for gone in (0, 150, 225, 300, 5000)] == [1.0, 1.0, 0.5, 0.0, 0.0]
    frame, gone = gradient(), person(1, 255, seen_ms=NOW - 800)
    whole = compose("portrait", frame, [person(1, 255)], NOW)[60, 80].mean()
    fading = compose("portrait", frame, [gone], NOW)[60, 80].mean()
    nobody = compose("portrait", frame, [], NOW)[10, 80].mean()
    assert whole > fading > nobody
    assert np.array_equal(compose("paste", frame, [gone], NOW), frame)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 5), (33, 7), (7680, 4320)])
@pytest.mark.parametrize("view", VIEWS)
def test_any_size_of_frame(view: str, size: tuple[int, int]) -> None:
    for people in ([], [person(1, 9)], [person(1, 9), person(2, 9, slot=1)]):
        picture = compose(view, numbered(50, size), people, NOW, mirror=True)
        assert picture.shape[0] == size[1]
        assert picture.dtype == np.uint8


@pytest.mark.parametrize("count", range(1, 6))
@pytest.mark.parametrize("size", [(480, 480), (640, 480), (480, 640), (1280, 300)])
def test_cells_are_equal_squares_inside_the_panel_and_do_not_overlap(count: int, size: tuple[int, int]) -> None:
    covered = np.zeros((size[1], size[0]), int)
    cells = grid(count, *size)
    assert len(cells) == count
    for left, top, width, height in cells:
        assert width == height == cells[0][2]
        assert left >= 0 and top >= 0 and left + width <= size[0] and top + height <= size[1]
        covered[top : top + height, left : left + width] += 1
    assert covered.max() == 1


def test_an_unknown_view_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"unknown view 'mosaic': choose one of side-by-side, portrait, paste, camera"):
        check_view("mosaic")
