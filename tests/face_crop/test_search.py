import numpy as np
import pytest

from face_crop.detect import MediaPipeDetector
from face_crop.face import Face
from face_crop.search import Frame, Search, close_up, distinct, look_everywhere, overlap, tiles, whole
from tests.face_crop.faces import face_at
from tests.face_crop.sequences import portrait


def blank(height: int, width: int) -> Frame:
    return np.zeros((height, width, 3), np.uint8)


class Painted:
    """A stand-in for the model: finds white squares that are at least an eighth of what it is shown."""

    def __init__(self) -> None:
        self.looks: list[tuple[int, int]] = []

    def __call__(self, picture: Frame) -> list[Face]:
        self.looks.append((picture.shape[1], picture.shape[0]))
        rows, columns = np.nonzero(picture[..., 0] == 255)
        if not rows.size or np.ptp(columns) + 1 < max(picture.shape[:2]) / 8:
            return []
        middle = (float(columns.min() + columns.max()) / 2, float(rows.min() + rows.max()) / 2)
        return [face_at(*middle, width=float(np.ptp(columns) + 1))]


def with_square(frame: Frame, x: int, y: int, side: int) -> Frame:
    frame = frame.copy()
    frame[y : y + side, x : x + side] = 255
    return frame


@pytest.mark.parametrize("shape", [(720, 1280), (1280, 720), (480, 640), (1000, 1000), (100, 5000)])
@pytest.mark.parametrize("share", [1.0, 0.5, 0.25])
def test_tiles_cover_the_frame_and_overlap(shape: tuple[int, int], share: float) -> None:
    covered = np.zeros(shape, int)
    for tile in tiles(blank(*shape), share):
        assert tile.bottom - tile.top == tile.right - tile.left == round(min(shape) * share)
        covered[tile.top : tile.bottom, tile.left : tile.right] += 1
    assert not covered.any() or covered.min() > 0
    if tiles(blank(*shape), share):
        assert covered.max() > 1


def test_a_frame_that_is_all_but_square_has_no_tiles() -> None:
    assert tiles(blank(500, 512)) == []
    assert tiles(blank(1, 1)) == []


@pytest.mark.parametrize(("x", "y"), [(320, 240), (0, 0), (639, 479), (-200, 100)])
@pytest.mark.parametrize("width", [2, 100, 2000])
def test_a_close_up_lies_inside_the_frame(x: int, y: int, width: int) -> None:
    window = close_up(blank(480, 640), face_at(x, y, width))
    assert 0 <= window.left < window.right <= 640
    assert 0 <= window.top < window.bottom <= 480


def test_what_is_seen_in_a_window_is_told_in_the_frames_pixels() -> None:
    frame = with_square(blank(480, 640), 400, 100, 80)
    (seen,) = close_up(frame, face_at(430, 150, 70)).look(Painted(), frame)
    np.testing.assert_allclose(seen.box, [399.5, 99.5, 479.5, 179.5])


def test_a_face_found_twice_counts_once() -> None:
    faces = [face_at(100, 100), face_at(103, 99), face_at(190, 100)]
    assert distinct(faces) == [faces[0], faces[2]]
    assert distinct([]) == []
    assert overlap(faces[0], faces[0]) == pytest.approx(1)
    assert overlap(faces[0], face_at(900, 900)) == 0


def test_a_face_too_small_for_the_whole_frame_is_found_in_a_tile_and_kept_in_close_ups() -> None:
    look = Painted()
    frame = with_square(blank(720, 1280), 1000, 300, 100)
    assert look(frame) == []
    search = Search(look, every=3)
    found = [len(search(frame)) for _ in range(8)]
    assert found[2:] == [1] * 6
    look.looks.clear()
    for _ in range(3):
        search(frame)
    # Three close-ups; the whole frame and one tile once.
    assert sorted(look.looks) == [(250, 250)] * 3 + [(720, 720), (1280, 720)]


def test_a_face_that_is_gone_is_gone_at_once() -> None:
    search = Search(Painted())
    assert len(search(with_square(blank(480, 640), 200, 200, 150))) == 1
    assert search(blank(480, 640)) == []


def test_every_tile_gets_its_turn() -> None:
    look = Painted()
    for x in (50, 600, 1000, 1500, 1870):
        search = Search(look)
        frame = with_square(blank(480, 1960), x, 200, 80)
        assert any(search(frame) for _ in range(8)), x


def test_a_newcomer_must_be_sure_in_a_close_up() -> None:
    def doubtful(picture: Frame) -> list[Face]:
        return [Face(face.box, face.keypoints, 0.55) for face in Painted()(picture)]

    frame = with_square(blank(480, 640), 200, 200, 150)
    assert Search(doubtful)(frame) == []
    assert look_everywhere(doubtful, frame) == []


def test_a_still_picture_is_searched_for_ever_smaller_faces() -> None:
    frame = with_square(blank(2000, 2000), 1500, 700, 80)
    (face,) = look_everywhere(Painted(), frame)
    np.testing.assert_allclose(face.box, [1499.5, 699.5, 1579.5, 779.5])


def test_real_faces_far_from_the_camera_are_found() -> None:
    picture = portrait("woman-36")
    frame = np.full((1080, 1920, 3), 90, np.uint8)
    small = picture[::2, ::2]
    frame[300:556, 1500:1756] = small
    with MediaPipeDetector(still=True) as still, MediaPipeDetector() as stream:
        assert still(frame) == []
        assert len(look_everywhere(still, frame)) == 1
        assert any(stream(frame, i) for i in range(4))


def test_the_whole_frame_is_the_whole_frame() -> None:
    window = whole(blank(3, 5))
    assert (window.left, window.top, window.right, window.bottom) == (0, 0, 5, 3)
