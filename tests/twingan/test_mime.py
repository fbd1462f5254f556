"""A portrait graph that blinks and speaks with the person, and is otherwise as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from tests.twingan.acting import person
from tests.twingan.conftest import pack
from tests.twingan.heads import CENTRES, NEARER, drawing
from twingan.brush import UNIT
from twingan.config import SIZES
from twingan.drawn_eyes import DrawnEyes
from twingan.export import PortraitGraph, write
from twingan.glasses_reader import GlassesReader
from twingan.mime import Mime, behind, main
from twingan.networks import TwinGAN
from twingan.painter import Painter
from twingan.reader import Reader
from twingan.train import save
from twingan.warm import fill


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph that draws 256 px."""
    torch.manual_seed(0)
    network = TwinGAN(SIZES["lite"])
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.normal_(norm.bias, 0, 0.1)  # biases that are alike would be stored once
    graph = PortraitGraph(network, "human", "anime", 256, 256, 128)
    path = tmp_path_factory.mktemp("plain") / "plain.onnx"
    write(graph, path, {"contract": "uint8-nhwc-v1", "drawn_size": "256", "encoded_size": "128", "steps": "3"})
    return path


@pytest.fixture(scope="module")
def made(plain: Path) -> Path:
    """The same with a mime, by the command."""
    torch.manual_seed(1)
    save({"reader": Reader().state_dict(), "step": 5}, plain.with_name("reader.pt"))
    save({"glasses": GlassesReader().state_dict(), "step": 5}, plain.with_name("glasses.pt"))
    faces = [np.dstack([drawing(where), np.full((256, 256), 255, np.uint8)]) for where in (CENTRES, NEARER)]
    drawings = pack(plain.with_name("drawings"), faces)
    output = plain.with_name("mime.onnx")
    eyes = ["--women", "some-diverse/0.png", "--men", "some-diverse/1.png"]
    learnt = ["--reader", str(plain.with_name("reader.pt")), "--glasses", str(plain.with_name("glasses.pt"))]
    main([str(plain), *learnt, "--drawings", drawings, *eyes, "-o", str(output)])
    return output


def run(path: Path, crops: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["portrait"], {"image": crops})[0])


@pytest.mark.parametrize("count", [1, 3])
def test_only_where_eyes_and_mouth_are_it_draws_something_else(plain: Path, made: Path, count: int) -> None:
    crops = np.stack([np.roll(person()[..., :3], 3 * number, 1) for number in range(count)])
    before, after = run(plain, crops), run(made, crops)
    assert after.shape == before.shape and after.dtype == np.uint8
    changed = (before != after).any(-1)
    assert changed.reshape(count, -1).any(1).all()
    rows, columns = np.where(changed.any(0))
    assert rows.min() >= 5 * UNIT and rows.max() < 13 * UNIT
    assert columns.min() >= 2.5 * UNIT and columns.max() < 13.5 * UNIT


def test_the_graph_paints_as_its_parts_do(plain: Path, made: Path) -> None:
    reader = Reader()
    reader.load_state_dict(torch.load(plain.with_name("reader.pt"), weights_only=True)["reader"])
    glasses = GlassesReader()
    glasses.load_state_dict(torch.load(plain.with_name("glasses.pt"), weights_only=True)["glasses"])
    mime = Mime(reader, glasses, Painter({"woman": DrawnEyes.of(drawing()), "man": DrawnEyes.of(drawing(NEARER))}))
    crops = person()[None, ..., :3].copy()
    with torch.no_grad():
        head = torch.from_numpy(run(plain, crops)).float().permute(0, 3, 1, 2)
        wanted = mime(torch.from_numpy(crops), head).numpy()
    assert np.abs(run(made, crops).astype(int) - wanted).max() <= 12  # its weights are float16
    assert np.abs(run(made, crops).astype(int) - wanted).mean() < 0.05


def test_it_says_what_it_is(plain: Path, made: Path) -> None:
    note = {entry.key: entry.value for entry in onnx.load(made).metadata_props}
    assert note["contract"] == "uint8-nhwc-v1" and note["steps"] == "3"
    assert note["eyes"] == "some-diverse/0.png, some-diverse/1.png"


def test_its_network_can_be_trained_further(plain: Path, made: Path) -> None:
    torch.manual_seed(2)
    one, other = TwinGAN(SIZES["lite"]), TwinGAN(SIZES["lite"])
    other.load_state_dict(one.state_dict())
    assert fill(one, plain) == fill(other, made)
    assert all(torch.equal(value, other.state_dict()[name]) for name, value in one.state_dict().items())


def test_what_cannot_have_a_mime_is_refused(plain: Path, made: Path, tmp_path: Path) -> None:
    eyes = DrawnEyes.of(drawing())
    mime = Mime(Reader(), GlassesReader(), Painter({"woman": eyes, "man": eyes}))
    with pytest.raises(ValueError, match="without a mime"):
        behind(onnx.load(made), mime)
    small = PortraitGraph(TwinGAN(SIZES["tiny"]), "human", "anime", SIZES["tiny"].size, SIZES["tiny"].size)
    write(small, tmp_path / "small.onnx", {})
    with pytest.raises(ValueError, match="256 px only"):
        behind(onnx.load(tmp_path / "small.onnx"), mime)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"--women": "none.webp"}, "none.webp.*name others"),
        ({"--reader": "missing.pt"}, "no readable checkpoint"),
        ({"--glasses": "missing.pt"}, "no readable checkpoint"),
        ({"--drawings": "missing"}, "twingan.pack"),
    ],
)
def test_what_is_missing_is_named(plain: Path, made: Path, change: dict[str, str], message: str) -> None:
    asked = {
        "--reader": str(plain.with_name("reader.pt")),
        "--glasses": str(plain.with_name("glasses.pt")),
        "--drawings": str(plain.with_name("drawings")),
        "--women": "some-diverse/0.png",
        "--men": "some-diverse/1.png",
        "-o": str(plain.with_name("never.onnx")),
    } | change
    with pytest.raises(SystemExit, match=message):
        main([str(plain), *[word for pair in asked.items() for word in pair]])
    assert not plain.with_name("never.onnx").exists()


@pytest.mark.parametrize(("option", "maker"), [("--reader", r"twingan\.act"), ("--glasses", r"twingan\.glasses")])
def test_a_checkpoint_of_something_else_is_no_reader(plain: Path, made: Path, option: str, maker: str) -> None:
    learnt = {name: str(plain.with_name(f"{name[2:]}.pt")) for name in ("--reader", "--glasses")}
    other = plain.with_name("other.pt")
    save({"ema": {}, "step": 1}, other)
    asked = [word for pair in (learnt | {option: str(other)}).items() for word in pair]
    with pytest.raises(SystemExit, match=maker):
        main([str(plain), *asked, "--drawings", str(plain.with_name("drawings")), "-o", "never.onnx"])
