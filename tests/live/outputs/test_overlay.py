from __future__ import annotations

import asyncio
import io
import time
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from live.outputs.overlay import Overlays, Sprite, characters, encode_webp
from live.overlay import Paced, Wish, wish_of
from tests.live.fakes import numbered
from tests.live.outputs.scenes import SIZE, FakeStage, person, scene


def decoded(data: bytes) -> npt.NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


def test_webp_keeps_colour_order_and_alpha() -> None:
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[..., :3], picture[..., 3] = (200, 40, 20), 255
    picture[:, :20, 3] = 0
    shown = decoded(encode_webp(picture)).astype(int)
    assert np.abs(shown[32, 50] - (200, 40, 20, 255)).max() <= 6
    assert shown[32, 5, 3] == 0


def test_everybody_stands_side_by_side_by_slot() -> None:
    blue, red = np.full((SIZE, SIZE, 3), (0, 0, 200), np.uint8), np.full((SIZE, SIZE, 3), (200, 0, 0), np.uint8)
    picture = characters(scene(numbered(1), 0.0, person(0, blue), person(2, red)))
    assert picture.shape == (SIZE, 2 * SIZE, 4)
    middle = SIZE // 2
    assert tuple(picture[middle, middle]) == (0, 0, 200, 255)
    assert tuple(picture[middle, SIZE + middle]) == (200, 0, 0, 255)


def test_a_face_keeps_its_place_when_another_leaves() -> None:
    red = np.full((SIZE, SIZE, 3), (200, 0, 0), np.uint8)
    both = scene(numbered(1), 0.0, person(0), person(1, red))
    alone = scene(numbered(1), 0.0, person(1, red))
    for shown in (both, alone):
        assert tuple(characters(shown, face=1)[SIZE // 2, SIZE // 2]) == (200, 0, 0, 255)
    assert characters(alone, face=0).shape == (1, 1, 4)


def test_who_leaves_fades_and_is_gone() -> None:
    opacities = [characters(scene(numbered(1), at_s, person(0)))[..., 3].max() for at_s in (0.0, 0.75, 1.1)]
    assert opacities[0] == 255
    assert 100 < opacities[1] < 155
    assert opacities[2] == 0


def test_strength_blends_the_face_in() -> None:
    face = np.full((SIZE, SIZE, 3), (110, 120, 100), np.uint8)
    shown = replace(scene(numbered(1), 0.0, person(0, face=face)), strength=0.5)
    assert np.abs(characters(shown)[SIZE // 2, SIZE // 2, :3].astype(int) - (60, 70, 150)).max() <= 1


def test_portraits_of_two_sizes_stand_side_by_side_while_the_style_changes() -> None:
    small = np.full((SIZE // 2, SIZE // 2, 3), 9, np.uint8)
    assert characters(scene(numbered(1), 0.0, person(0), person(1, small))).shape == (SIZE, 2 * SIZE, 4)


def test_encodes_once_for_everybody_and_only_while_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[int] = []

    def counting(picture: npt.NDArray[np.uint8]) -> bytes:
        encoded.append(1)
        return b"webp"

    monkeypatch.setattr("live.outputs.overlay.encode_webp", counting)
    stage = FakeStage()

    async def watch() -> list[Sprite | None]:
        overlays = Overlays(stage)
        assert stage.taps.count == 0
        feeds = [overlays.of(0).open() for _ in range(5)]
        while not stage.taps.count:
            await asyncio.sleep(0.005)
        stage.taps.put(scene(numbered(1), time.monotonic(), person(0), sequence=7))
        seen = [await feed.next(5) for feed in feeds]
        for feed in feeds:
            feed.close()
        while stage.taps.count:
            await asyncio.sleep(0.005)
        return seen

    seen = asyncio.run(watch())
    assert [sprite.sequence if sprite else None for sprite in seen] == [7] * 5
    assert len(encoded) == 1
    stage.taps.put(scene(numbered(2)))
    assert len(encoded) == 1


def test_a_wish_is_read_from_the_address() -> None:
    assert wish_of({}) == Wish()
    query = {"fit": "cover", "mirror": "1", "face": "2", "chroma": "#00FF00", "fps": "30", "token": "x"}
    assert wish_of(query) == Wish("cover", True, 2, "00ff00", 30.0)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("fit", "stretch", "contain or cover"),
        ("mirror", "yes", "0 or 1"),
        ("face", "4", "all or 0 to 3"),
        ("face", "-1", "all or 0 to 3"),
        ("chroma", "red;background:url(x)", "six hexadecimal digits"),
        ("fps", "61", "from 1 to 60"),
        ("fps", "0", "from 1 to 60"),
        ("fps", "nan", "from 1 to 60"),
    ],
)
def test_other_values_are_refused_with_what_is_expected(key: str, value: str, expected: str) -> None:
    with pytest.raises(ValueError, match=rf"{key} must be .*{expected}"):
        wish_of({key: value})


def test_paced_gives_the_newest_at_most_so_often() -> None:
    class Endless:
        ended = False

        def __init__(self) -> None:
            self.sequence = 0

        async def next(self, timeout_s: float) -> Sprite | None:
            self.sequence += 1
            return Sprite(b"", self.sequence, 0.0, 0.0)

        def close(self) -> None:
            """Nothing is open."""

    async def watch() -> float:
        feed = Paced(Endless(), fps=50)
        began = time.monotonic()
        for _ in range(6):
            await feed.next(1)
        return time.monotonic() - began

    assert asyncio.run(watch()) >= 5 / 50 - 0.001
