import numpy as np
import pytest

from face_crop.align import Frame, crop, inverse
from face_crop.detect import MediaPipeDetector
from stills.paint import BATCH, Finder, Painted, Painter, Request, View, middle_square
from stills.plan import Job
from tests.face_crop.sequences import compose, portrait

SIZE = 32


class Inverting:
    """A generator that inverts, and notes how many crops it got at once."""

    size = SIZE
    runtime = "inverting"

    def __init__(self, max_batch: int | None = None) -> None:
        self.max_batch = max_batch
        self.calls: list[int] = []

    def __call__(self, batch: Frame) -> Frame:
        self.calls.append(len(batch))
        return 255 - batch

    def close(self) -> None:
        pass


def job(name: str) -> Job:
    from pathlib import Path

    return Job(Path(name), Path(name), name)


def plain(value: int, faces: int = 1, height: int = 100, width: int = 200) -> Request:
    frame = np.full((height, width, 3), value, np.uint8)
    return Request(job(str(value)), frame, [middle_square(frame, SIZE)] * faces)


def paint_all(painter: Painter, requests: list[Request]) -> list[Painted]:
    return [painted for request in requests for painted in painter.add(request)] + painter.flush()


def test_every_picture_gets_its_own_portraits_whatever_the_batches() -> None:
    generator = Inverting()
    done = paint_all(Painter(generator), [plain(i, faces=1 + i % 3) for i in range(30)])
    assert [painted.job.label for painted in done] == [str(i) for i in range(30)]
    for i, painted in enumerate(done):
        assert len(painted.results) == 1 + i % 3
        assert all((result == 255 - i).all() for result in painted.results)
        assert all((before == i).all() for before, _ in painted.pairs)
    assert max(generator.calls) == BATCH
    assert len(generator.calls) < 15


def test_the_limit_of_the_generator_is_kept() -> None:
    generator = Inverting(max_batch=3)
    paint_all(Painter(generator), [plain(1, faces=7)])
    assert generator.calls == [3, 3, 1]


def test_huge_pictures_do_not_wait_for_each_other() -> None:
    painter = Painter(Inverting())
    assert painter.add(plain(1)) == []
    assert len(painter.add(plain(2, height=5000, width=8000))) == 2


@pytest.mark.parametrize(("view", "shape"), [("portrait", (SIZE, SIZE, 3)), ("side-by-side", (SIZE, 2 * SIZE, 3))])
def test_one_result_for_each_face(view: View, shape: tuple[int, ...]) -> None:
    (painted,) = paint_all(Painter(Inverting(), view), [plain(10, faces=2)])
    assert [result.shape for result in painted.results] == [shape, shape]
    assert (painted.results[0][:, -SIZE:] == 245).all()
    assert (painted.results[0][:, :-SIZE] == 10).all()


def test_pasted_portraits_lie_on_their_faces_in_one_picture() -> None:
    frame = compose([portrait("man-12"), portrait("woman-36")], 512, 1024)
    with MediaPipeDetector(still=True) as detector:
        matrices = Finder(SIZE, detector)(frame)
    (painted,) = paint_all(Painter(Inverting(), "paste"), [Request(job("x"), frame, matrices)])
    assert len(matrices) == 2
    assert [result.shape for result in painted.results] == [frame.shape]
    for matrix in matrices:
        x, y = (inverse(matrix) @ (SIZE / 2, SIZE / 2, 1)).astype(int)
        near = np.s_[y - 20 : y + 20, x - 20 : x + 20]
        inverted = 255 - frame[near].mean(axis=(0, 1))
        np.testing.assert_allclose(painted.results[0][near].mean(axis=(0, 1)), inverted, atol=12)
    assert (painted.results[0][:5, :5] == frame[:5, :5]).all()


def test_the_largest_face_alone() -> None:
    frame = compose([portrait("man-12"), portrait("woman-36")], 512, 1024)
    with MediaPipeDetector(still=True) as detector:
        every, largest = Finder(SIZE, detector)(frame), Finder(SIZE, detector, largest_only=True)(frame)
    np.testing.assert_array_equal(largest, every[:1])
    assert np.hypot(*largest[0][0, :2]) <= np.hypot(*every[1][0, :2])


@pytest.mark.parametrize(("height", "width"), [(64, 64), (64, 96), (96, 64)])
def test_a_ready_crop_is_taken_whole_from_edge_to_edge(height: int, width: int) -> None:
    frame = np.zeros((height, width, 3), np.uint8)
    top, left = (height - 64) // 2, (width - 64) // 2
    ready = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    frame[top : top + 64, left : left + 64] = ready
    (matrix,) = Finder(SIZE, None)(frame)
    averaged = ready.reshape(32, 2, 32, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(crop(frame, matrix, SIZE), averaged, atol=1)
