"""Who wears glasses is learnt from photos, and how dark they are."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tests.twingan.acting import EYES, person
from tests.twingan.conftest import pack
from twingan.evaluation import face_parts as parts
from twingan.glasses import Learner, Wearers, darkness, main, measured
from twingan.pixels import to_tensor

FRAME = (15, 10, 20)
SIDE = 256


def lenses() -> np.ndarray:
    """bool [S,S]: two rectangles about the eyes."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for x, y in EYES:
        cv2.rectangle(mask, _corner(x - 0.09, y - 0.06), _corner(x + 0.09, y + 0.06), 1, -1)
    return mask > 0


def wearing(number: int, light: float = 1.0) -> np.ndarray:
    """RGBA: somebody with glasses, lenses darkened to so much light."""
    picture = bare(number)
    picture[lenses(), :3] = np.round(picture[lenses(), :3] * light)
    for x, y in EYES:
        cv2.rectangle(picture, _corner(x - 0.09, y - 0.06), _corner(x + 0.09, y + 0.06), (*FRAME, 255), 3)
    return picture


def bare(number: int) -> np.ndarray:
    """RGBA: somebody without."""
    picture = person()
    picture[..., :3] = (picture[..., :3] * (0.8 + 0.025 * number)).clip(0, 255)
    return picture


def _corner(x: float, y: float) -> tuple[int, int]:
    return round(x * SIDE), round(y * SIDE)


class SeesFrames:
    """Stands for the face parser where its weights are not installed: lenses are where there is a frame."""

    def __init__(self, _folder: Path) -> None:
        pass

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        left, top = _corner(EYES[0][0] - 0.09, EYES[0][1])
        framed = pictures[:, top, left].max(1) < 40
        return np.asarray((framed[:, None, None] * lenses() * parts.GLASSES).astype(np.uint8))


@pytest.fixture
def people(tmp_path: Path) -> str:
    """Sixteen, every other one with glasses, two of them held out."""
    return pack(tmp_path / "people", [wearing(n) if n // 2 % 2 else bare(n) for n in range(16)])


@pytest.fixture
def wearers(people: str) -> Wearers:
    return Wearers.of(people, SeesFrames(Path()))  # type: ignore[arg-type]


def test_wearers_are_found_and_a_third_of_those_who_are_drawn(wearers: Wearers) -> None:
    assert wearers.worn.sum() == 6 and len(wearers.worn) == 14
    torch.manual_seed(0)
    _, worn, _ = wearers.draw(12)
    assert worn.sum() == 4


def test_glasses_that_are_made_dark_count_as_dark(wearers: Wearers) -> None:
    torch.manual_seed(0)
    everybody = torch.arange(14)
    plain, worn, clear = wearers.take(everybody)
    dimmed, _, dark = wearers.take(everybody, darkened=1.0)
    changed = (plain - dimmed).abs().amax((1, 2, 3)) > 0.1
    assert torch.equal(changed, worn > 0)
    assert clear.max() < 0.3 and dark[worn > 0].mean() > 0.4


@pytest.mark.parametrize(("light", "dark"), [(1.0, 0.0), (0.15, 1.0)])
def test_lenses_are_as_dark_as_what_is_seen_through_them(light: float, dark: float) -> None:
    photo, mask = to_tensor(wearing(8, light)[None])[:, :3], torch.from_numpy(lenses())[None, None].float()
    assert darkness(photo, mask).item() == pytest.approx(dark, abs=0.1)


def test_sixteen_people_are_learnt_in_seconds(wearers: Wearers) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(2)
    learner = Learner(rate=3e-3)
    losses = [learner.step(*wearers.draw(12), step / 40) for step in range(40)]
    assert np.mean(losses[-5:]) < 0.4 * np.mean(losses[:5])
    read = measured(learner.reader.eval(), wearers)
    assert read["with"] == read["without"] == 1


def test_the_command_learns_the_same_from_the_same_seed(
    people: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parts, "FaceParser", SeesFrames)
    for name in ("one", "other"):
        main([people, "--held-out", people, "--steps", "2", "--batch", "6", "-o", str(tmp_path / name)])
    assert set(json.loads(capsys.readouterr().out.splitlines()[-1])) == {"with", "without", "off lenses"}
    one, other = (torch.load(tmp_path / name, weights_only=True)["glasses"] for name in ("one", "other"))
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_people_without_glasses_teach_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "FaceParser", SeesFrames)
    nobody = pack(tmp_path / "bare", [bare(n) for n in range(8)])
    with pytest.raises(SystemExit, match="wears glasses"):
        main([nobody, "--held-out", nobody, "-o", str(tmp_path / "never.pt")])


def test_what_is_missing_is_named(people: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="npm"):
        main([people, "--held-out", people, "--extras", str(tmp_path), "-o", str(tmp_path / "never.pt")])
