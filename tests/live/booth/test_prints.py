from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from face_crop.align import Frame, crop_matrix
from live.booth import prints
from live.booth.fonts import find_font
from live.booth.prints import MARGIN, PRINT_SIZE, original_of, portrait_of, print_of, upscaled
from live.booth.theme import load_theme
from live.views import Person
from tests.live.booth.people import BLUE, GREEN, RED, moment, person
from tests.live.fakes import face_at
from upscale import Upscaler

THEME = load_theme()
GROUND = (0x14, 0x0D, 0x24)  # the theme's background


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(np.asarray(pixel, int) - colour).max() < 12)


def test_camera_left_and_portrait_right() -> None:
    sheet = print_of(moment(person(GREEN)), THEME, "en", "2026-11-22")
    assert sheet.shape == (1200, 1800, 3)
    side = (PRINT_SIZE[0] - 3 * MARGIN) // 2
    middle = MARGIN + side // 2
    assert near(sheet[middle, MARGIN + side // 8], RED)
    assert near(sheet[middle, MARGIN + side * 7 // 8], BLUE)
    assert near(sheet[middle, 2 * MARGIN + side + side // 2], GREEN)
    assert near(sheet[5, 5], GROUND)


def test_a_mirror_turns_both() -> None:
    original = original_of(moment(person(GREEN), mirror=True), 200)
    assert near(original[100, 20], BLUE)
    assert near(original[100, 180], RED)


def test_a_theme_without_the_camera_shows_the_portrait_only(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text("original = false")
    sheet = print_of(moment(person(GREEN)), load_theme(tmp_path / "t.toml"), "en", "")
    assert near(sheet[500, 900], GREEN)
    for colour in (RED, BLUE):
        assert not (np.abs(sheet.astype(int) - colour).max(2) < 12).any()


def test_two_people_stand_beside_each_other_on_the_themes_ground() -> None:
    two = moment(person(RED, 200), person(GREEN, 440, slot=1))
    portrait = portrait_of(two, 200, "#23183c")
    assert near(portrait[100, 50], RED)
    assert near(portrait[100, 150], GREEN)
    assert near(portrait[10, 100], (0x23, 0x18, 0x3C))


def gradient() -> Frame:
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[..., 0] = np.linspace(0, 255, 640)
    frame[..., 1] = np.linspace(0, 255, 480)[:, None]
    return frame


def test_an_upscaled_print_shows_the_same_people_in_the_same_places() -> None:
    plain = moment(person(GREEN, 200), person(RED, 440, slot=1))
    large = upscaled(plain, Upscaler(2))
    assert [p.portrait.shape[0] for p in large.people] == [2 * p.portrait.shape[0] for p in plain.people]
    for picture in (original_of, portrait_of):
        difference = picture(plain, 400).astype(int) - picture(large, 400)
        assert np.abs(difference).mean() < 4


def test_beyond_the_frame_there_are_no_stripes() -> None:
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[:, ::8] = 255  # repeated border pixels would go on as stripes
    at_the_top = moment(person(GREEN, 320))
    tall = type(at_the_top)(frame, (person_at_top(),), 0.0, mirror=False)
    shown = original_of(tall, 256).astype(int)
    assert np.abs(np.diff(shown[4], axis=0)).max() < 8
    assert np.abs(np.diff(shown[200], axis=0)).max() > 50


def person_at_top() -> Person:
    somebody = person(GREEN)
    return Person(0, 0, somebody.portrait, crop_matrix(face_at(320, 60, 40), 64), 0)


def test_words_are_written_in_the_themes_colour() -> None:
    sheet = print_of(moment(person(GREEN)), THEME, "en", "2026-11-22")
    accent = tuple(bytes.fromhex(THEME.colours["accent"][1:]))
    assert (np.abs(sheet.astype(int) - accent).max(2) < 12).sum() > 1000


def test_the_logo_is_printed(tmp_path: Path) -> None:
    Image.new("RGB", (300, 100), (250, 200, 0)).save(tmp_path / "logo.png")
    (tmp_path / "t.toml").write_text("logo = 'logo.png'")
    sheet = print_of(moment(person(GREEN)), load_theme(tmp_path / "t.toml"), "en", "")
    rows, columns = np.nonzero(np.abs(sheet.astype(int) - (250, 200, 0)).max(2) < 12)
    assert len(rows) > 20_000
    assert columns.min() > PRINT_SIZE[0] // 2
    assert rows.min() > PRINT_SIZE[1] - prints.FOOT - MARGIN


def test_a_long_title_stays_on_the_sheet(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(f"title = '{'Long ' * 30}'")
    sheet = print_of(moment(person(GREEN)), load_theme(tmp_path / "t.toml"), "en", "")
    assert near(sheet[-prints.FOOT :, -MARGIN // 2].max(0), GROUND)


def test_without_a_font_the_print_speaks_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.booth.fonts.CANDIDATES", ())
    japanese = print_of(moment(person(GREEN)), THEME, "ja", "2026-11-22")
    english = print_of(moment(person(GREEN)), THEME, "en", "2026-11-22")
    assert not prints.writes(THEME, "ja")
    np.testing.assert_array_equal(japanese, english)


def test_a_font_is_taken_only_if_it_knows_every_letter() -> None:
    if find_font("A", 20, "DejaVuSans-Bold.ttf") is None:
        pytest.skip("no font on this machine")
    found = find_font("写真", 20, "DejaVuSans-Bold.ttf")
    assert found is None or found.getname()[0] != "DejaVu Sans"
    assert find_font("\U0010fff0", 20) is None
