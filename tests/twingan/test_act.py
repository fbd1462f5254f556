"""A reader learns what people of photos do."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tests.twingan.acting import EYES, SKIN, person
from twingan.act import Learner, People, main, measured, mirrored
from twingan.data import save


def winking(left: bool, right: bool, mouth: bool) -> np.ndarray:
    """RGBA: the person of `person()`, eyes open or not, and an open mouth or not."""
    picture = person()
    for (x, y), is_open in zip(EYES, (left, right), strict=True):
        if not is_open:
            cv2.ellipse(picture, (round(x * 256), round(y * 256)), (14, 8), 0, 0, 360, (*SKIN, 255), -1)
    if mouth:
        cv2.ellipse(picture, (128, 185), (16, 12), 0, 0, 360, (60, 20, 20, 255), -1)
    return picture


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight, each doing something else."""
    acts = [(left, right, mouth) for left in (True, False) for right in (True, False) for mouth in (True, False)]
    told = [[float(left), float(right), float(mouth), *[0.0] * 5, 1.0] for left, right, mouth in acts]
    path = tmp_path_factory.mktemp("acted") / "people"
    rows = [{"file": "acted", "group": "", "weight": 1.0, "validation": False, "part": part} for part in told]
    save(path, np.stack([winking(*act) for act in acts]), {"pictures": rows})
    return path


def test_eight_people_are_learnt_in_seconds(people: Path) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(2)
    learner, shown = Learner(rate=3e-3), People(people)
    losses = [learner.step(*shown.draw(8), step / 60) for step in range(60)]
    assert np.mean(losses[-5:]) < 0.25 * np.mean(losses[:5])
    read = measured(learner.reader.eval(), shown)
    assert read["shut"] == read["open"] == read["sex"] == 1
    assert read["off gap"] < 0.4


def test_mirrored_people_wink_with_the_other_eye() -> None:
    told = torch.tensor([[1, 0, 0.3, 0.4, 0.2, 0.5, 0.6, 0.7, 1]])
    assert torch.equal(mirrored(told), torch.tensor([[0, 1, 0.3, 0.4, -0.2, 0.5, 0.6, 0.7, 1]]))


def test_the_same_seed_teaches_the_same(people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "other"):
        asked = [str(people), "--held-out", str(people), "--steps", "3", "--batch", "4", "-o", str(tmp_path / name)]
        main(asked)
    assert '"shut"' in capsys.readouterr().out
    one, other = (torch.load(tmp_path / name, weights_only=True) for name in ("one", "other"))
    assert one["step"] == 3
    assert all(torch.equal(value, other["reader"][name]) for name, value in one["reader"].items())


def test_what_there_is_is_kept_now_and_then(people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twingan.act.KEEP_SECONDS", 0.0)
    kept: list[int] = []
    monkeypatch.setattr("twingan.act.save", lambda state, _: kept.append(state["step"]))
    main([str(people), "--held-out", str(people), "--steps", "2", "--batch", "2", "-o", str(tmp_path / "kept.pt")])
    assert kept == [1, 2, 2]


def test_people_that_were_not_made_are_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"twingan\.acted"):
        main([str(tmp_path / "none"), "--held-out", str(tmp_path / "none"), "-o", str(tmp_path / "never.pt")])


def test_ctrl_c_ends_a_run_with_a_result(people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_learner: Learner, _person: object, _told: object, progress: float) -> float:
        if progress > 0:
            raise KeyboardInterrupt
        return 0.0

    monkeypatch.setattr(Learner, "step", interrupted)
    main([str(people), "--held-out", str(people), "--steps", "9", "--batch", "2", "-o", str(tmp_path / "short.pt")])
    assert torch.load(tmp_path / "short.pt", weights_only=True)["step"] == 1
