from __future__ import annotations

import cv2
import numpy as np
import pytest

from face_crop.align import Frame
from face_crop.paste import soft_mask
from live.outputs.matte import cut_out, drawn_share

SIZE = 128
HAIR = (60, 30, 90)


def drawing(hair: tuple[int, int, int] = HAIR) -> Frame:
    """Hair around a pale face with white eyes on white paper, and a white shirt that reaches the lower border."""
    big = np.full((4 * SIZE, 4 * SIZE, 3), 255, np.uint8)
    cv2.ellipse(big, (256, 256), (170, 200), 0, 0, 360, hair, -1)
    cv2.rectangle(big, (160, 400), (352, 511), hair, 24)
    cv2.rectangle(big, (172, 412), (340, 511), (255, 255, 255), -1)
    cv2.ellipse(big, (256, 290), (110, 140), 0, 0, 360, (250, 240, 236), -1)
    for x in (216, 296):
        cv2.circle(big, (x, 250), 20, (255, 255, 255), -1)
    return np.asarray(cv2.resize(big, (SIZE, SIZE), interpolation=cv2.INTER_AREA), np.uint8)


def test_paper_is_transparent_and_the_drawing_is_not() -> None:
    share = drawn_share(drawing())
    assert share[4, 4] == share[60, 4] == share[4, 64] == 0
    assert share[64, 30] == 255, "hair"
    assert share[72, 64] == 255, "a pale face"
    assert share[62, 54] == 255, "white eyes"
    assert share[115, 64] == 255, "a white shirt that only the lower border meets"


def test_the_edge_is_free_of_white_so_that_no_halo_shows_on_black() -> None:
    cut = cut_out(drawing())
    alpha = cut[..., 3]
    edge = (alpha > 40) & (alpha < 250)
    edge[:16], edge[-16:], edge[:, :16], edge[:, -16:] = False, False, False, False  # feathered by the borders
    edge &= np.hypot(*np.mgrid[-64:64, -64:64] / [[[50.0]], [[42.0]]]) > 0.9  # of the hair, not of the face
    assert edge.sum() > 30
    assert np.abs(cut[edge][:, :3].astype(int) - HAIR).max(axis=1).mean() < 40


def test_alpha_is_the_share_of_ink() -> None:
    """Area-averaged black and white has a known answer: alpha is 1 - grey."""
    picture = np.full((SIZE, SIZE, 3), 255, np.uint8)
    picture[:, 50:78] = 0
    picture[:, 49] = picture[:, 78] = 128
    share = drawn_share(picture)
    assert share[10, 49] == pytest.approx(127, abs=8)
    assert share[10, 47] == 0
    assert share[10, 60] == 255


def test_a_photograph_keeps_the_soft_mask_of_paste_back() -> None:
    photo = np.random.default_rng(1).integers(0, 200, (SIZE, SIZE, 3), dtype=np.uint8)
    cut = cut_out(photo)
    assert np.abs(cut[..., 3] / 255 - soft_mask(SIZE)).max() < 0.01
    assert np.array_equal(cut[..., :3], photo)


def test_hair_that_reaches_the_corner_of_the_soft_mask_is_kept() -> None:
    picture = drawing()
    cv2.rectangle(picture, (16, 90), (30, 120), HAIR, -1)
    alpha = cut_out(picture)[100, 22, 3]
    assert alpha > 200 > soft_mask(SIZE)[100, 22] * 255


def test_a_gap_of_a_pixel_in_a_line_lets_no_paper_in() -> None:
    picture = drawing((200, 200, 200))
    cv2.rectangle(picture, (40, 14), (88, 30), (255, 255, 255), -1)
    cv2.rectangle(picture, (40, 14), (88, 30), (20, 20, 20), 1)
    picture[22, 40] = 255
    assert drawn_share(picture)[22, 50] == 255


@pytest.mark.parametrize("size", [1, 2, 16, 257])
def test_any_size(size: int) -> None:
    cut = cut_out(np.full((size, size, 3), 255, np.uint8))
    assert cut.shape == (size, size, 4)


def test_a_stroke_beside_the_head_is_no_part_of_the_character() -> None:
    stray = drawing()
    cv2.circle(stray, (10, 10), 4, HAIR, -1)
    assert np.array_equal(drawn_share(stray), drawn_share(drawing()))
