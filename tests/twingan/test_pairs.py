"""People get a real drawing in their colours, and a network learns to draw it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.twingan.heads import drawing
from tests.twingan.test_dye import drawn_head
from twingan import drawn_parts
from twingan.config import SIZES
from twingan.data import Domain
from twingan.evaluation.face_parts import HAIR
from twingan.lengths import of_drawings, of_people
from twingan.networks import TwinGAN
from twingan.paired import Pairs, Pupil, main
from twingan.pixels import on_white
from twingan.shares import shared_out
from twingan.stencils import Colours, Stencils, eyeless
from twingan.wardrobe import wardrobe

BLACK, BROWN = (20, 20, 24), (120, 70, 40)


def rgba(picture: np.ndarray) -> np.ndarray:
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])


def lab(*colour: int) -> np.ndarray:
    return drawn_parts.colour_to_lab([value / 255 for value in colour])


def test_nobody_goes_without_and_nothing_goes_to_too_many() -> None:
    rng = np.random.default_rng(0)
    costs = rng.uniform(0.1, 0.12, (200, 8)).astype(np.float32)
    costs[:, 0] -= 0.05  # what everybody would take
    chosen = shared_out(costs, np.full(8, 40, np.float32))
    taken = np.bincount(chosen, minlength=8)
    assert taken.sum() == 200 and taken.max() < 60
    alone = shared_out(costs, np.full(8, 1000, np.float32))
    assert (alone == 0).all()


def test_what_suits_nobody_is_not_given() -> None:
    costs = np.array([[0.1, np.inf], [np.inf, np.inf], [0.3, 0.2]], np.float32)
    assert shared_out(costs, np.full(2, 9, np.float32)).tolist() == [0, -1, 1]


def test_a_stencil_takes_any_colours_and_has_no_eyes() -> None:
    head = drawing()
    stencil = Stencils.of(rgba(head))
    assert stencil is not None
    skin = drawn_parts.skin_of(drawn_parts.to_lab(head))
    dyed = (stencil.dyed(Colours(lab(*BLACK), skin, None))[0] * 255).astype(np.uint8)
    parts = drawn_parts.find(dyed)
    assert parts is not None
    assert np.linalg.norm(parts.hair_colour - lab(*BLACK)) < 6
    before = drawn_parts.find(head)
    assert before is not None
    blind = drawn_parts.to_lab(eyeless(head, before))
    middle = slice(105, 130), slice(60, 196)
    assert (
        np.linalg.norm(blind[middle] - skin, axis=-1).mean()
        < 0.3 * np.linalg.norm(drawn_parts.to_lab(head)[middle] - skin, axis=-1).mean()
    )


def test_paper_stays_white_whatever_the_colours() -> None:
    picture = rgba(drawn_head(size=256))
    picture[:40, :40, 3] = 0
    stencil = Stencils.of(picture)
    assert stencil is not None
    dyed = stencil.dyed(Colours(lab(*BROWN), lab(250, 220, 200), lab(10, 20, 200)))[0]
    assert (dyed[:40, :40] == 1).all()
    assert stencil.shrunk(32).dyed(Colours(lab(*BROWN), lab(250, 220, 200), None)).shape == (1, 32, 32, 3)


def row(name: str, group: str) -> dict[str, str]:
    return {"file": f"anime/{name}.png", "group": group}


def test_a_wardrobe_has_the_drawings_that_are_named() -> None:
    head, flat = rgba(drawn_head(size=256)), np.full((256, 256, 4), 255, np.uint8)
    note = {"pictures": [row("one", "woman"), row("blank", "woman"), row("other", "woman"), row("he", "man")]}
    drawings = np.stack([head, flat, head, head])
    stencils, men = wardrobe(drawings, note, ["anime/he.png", "anime/one.png"])
    assert men.tolist() == [True, False] and len(stencils) == 2
    for useless in ("anime/blank.png", "anime/lost.png"):
        with pytest.raises(ValueError, match=f"{useless} is not packed, or its hair"):
            wardrobe(drawings, note, ["anime/one.png", useless])
    with pytest.raises(ValueError, match="no drawings are named"):
        wardrobe(drawings, note, [])


def test_hair_is_as_long_as_it_reaches() -> None:
    labels = np.zeros((3, 64, 64), np.uint8)
    labels[:, :20] = HAIR
    labels[1:, 36:48, :10] = HAIR
    labels[2, 48:, :10] = HAIR
    assert of_people(labels).tolist() == [0, 1, 2]


def test_a_list_says_how_long_the_hair_of_drawings_is(tmp_path: Path) -> None:
    path = tmp_path / "heads.txt"
    path.write_text("anime/b.webp long\nanime/a.webp short\n\n")
    assert list(of_drawings(path).items()) == [("anime/b.webp", 2), ("anime/a.webp", 0)]
    path.write_text("anime/a.webp\n")
    with pytest.raises(ValueError, match=r"got the line 'anime/a.webp', expected `folder/file` and one of short, med"):
        of_drawings(path)
    with pytest.raises(ValueError, match="cannot be read as a list"):
        of_drawings(tmp_path / "missing.txt")


@pytest.fixture
def pairs(domains: tuple[str, str], tmp_path: Path) -> tuple[Pairs, Domain]:
    """The discs of people, and discs of other colours for each."""
    note = json.loads(Path(domains[0]).with_suffix(".json").read_text())
    rows = [row for row in note["pictures"] if not row["validation"]]
    path = tmp_path / "pairs"
    np.save(path.with_suffix(".npy"), np.load(Path(domains[1]).with_suffix(".npy"))[: len(rows)])
    path.with_suffix(".json").write_text(json.dumps({"pictures": rows}))
    drawings = Domain(str(path), 64)
    return Pairs(Domain(domains[0], 32), drawings), drawings


def test_people_are_moved_and_their_drawings_are_not(
    pairs: tuple[Pairs, Domain], monkeypatch: pytest.MonkeyPatch
) -> None:
    person, drawn = pairs[0].draw(8)
    assert person.shape == (8, 3, 32, 32) and drawn.shape == (8, 3, 64, 64)
    monkeypatch.setattr("twingan.paired.augment.in_place", on_white)
    seen, wanted = Pairs(pairs[1], pairs[1]).draw(8)
    still = on_white(pairs[1].take(torch.arange(len(pairs[1]))))
    assert all(any(torch.equal(one, other) for other in still) for one in wanted)
    assert not any(torch.equal(one, other) for one, other in zip(seen, wanted, strict=True))
    assert ((seen - wanted).abs().mean((1, 2, 3)) < (seen - wanted.flip(-1)).abs().mean((1, 2, 3)) + 0.1).all()


def test_pairs_of_other_people_are_refused(pairs: tuple[Pairs, Domain], domains: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="made for other people"):
        Pairs(Domain(domains[0], 32, validation=True), pairs[1])


def test_a_network_learns_its_pairs(pairs: tuple[Pairs, Domain]) -> None:
    torch.manual_seed(0)
    pupil = Pupil(TwinGAN(SIZES["tiny"]), 64, rate=1e-2)
    whole, wanted = pairs[0].draw(16)

    def unlike() -> float:
        with torch.no_grad():
            drawn = pupil.network.decode(pupil.network.encode(whole, "human"), "anime", 64)
        return (functional.avg_pool2d(drawn, 4) - functional.avg_pool2d(wanted, 4)).abs().mean().item()

    before = unlike()
    for step in range(60):
        pupil.step(pairs[0].draw(8), step / 60)
    assert unlike() < 0.5 * before


def test_the_command_refuses_what_it_cannot_use(domains: tuple[str, str], tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text(f'source = "{domains[0]}"\ntarget = "{domains[1]}"\nnetwork = "tiny"\n')
    rest = ["--config", str(config), "--people", domains[0], "--pairs", domains[1], "-o", str(tmp_path / "x.pt")]
    with pytest.raises(SystemExit, match="not a valid ONNX graph"):
        main([str(config), *rest])
