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
from twingan.hair_reader import HairReader
from twingan.mime import MAKERS, Mime, behind, main, read
from twingan.mimed import PREFIX, without_mime
from twingan.networks import TwinGAN
from twingan.painter import Painter
from twingan.pixels import to_tensor
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
    for name, network in readers().items():
        save({name: network.state_dict(), "step": 5}, plain.with_name(f"{name}.pt"))
    faces = [np.dstack([drawing(where), np.full((256, 256), 255, np.uint8)]) for where in (CENTRES, NEARER)]
    drawings = pack(plain.with_name("drawings"), faces)
    output = plain.with_name("mime.onnx")
    eyes = ["--women", "some-diverse/0.png", "--men", "some-diverse/1.png"]
    main([str(plain), *learnt(plain), "--drawings", drawings, *eyes, "-o", str(output)])
    return output


def readers() -> dict[str, nn.Module]:
    """Untaught ones, no two norms of which are alike, and that are never sure of hair."""
    hair = HairReader()
    networks = {"reader": Reader(), "glasses": GlassesReader(), "hair": hair}
    for network in networks.values():
        for norm in network.modules():
            if isinstance(norm, nn.BatchNorm2d):
                for values in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
                    assert values is not None
                    nn.init.uniform_(values, 0.5, 1.5)
    assert hair.tell.bias is not None
    nn.init.constant_(hair.tell.bias, -99.0)
    return networks


def learnt(plain: Path) -> list[str]:
    """The flags that name what was learnt."""
    return [word for name in MAKERS for word in (f"--{name}", str(plain.with_name(f"{name}.pt")))]


def kept(plain: Path) -> dict[str, nn.Module]:
    """What the files of `made` hold."""
    networks = {"reader": Reader(), "glasses": GlassesReader(), "hair": HairReader()}
    return {name: read(plain.with_name(f"{name}.pt"), network, name) for name, network in networks.items()}


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
    eyes = {"woman": DrawnEyes.of(drawing()), "man": DrawnEyes.of(drawing(NEARER))}
    mime = Mime(*kept(plain).values(), Painter(eyes))  # type: ignore[call-arg,arg-type]
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


def test_without_its_mime_it_is_the_graph_that_it_was(plain: Path, made: Path, tmp_path: Path) -> None:
    bare = without_mime(onnx.load(made))
    onnx.save(bare, tmp_path / "bare.onnx")
    crops = person()[None, ..., :3].copy()
    assert np.array_equal(run(tmp_path / "bare.onnx", crops), run(plain, crops))
    assert not any(PREFIX in entry.name for entry in bare.graph.initializer)
    assert len(without_mime(bare).graph.node) == len(bare.graph.node)


def test_its_networks_can_be_had_from_it(plain: Path, made: Path) -> None:
    photo = to_tensor(person()[None, ..., :3].copy())
    for name, own in kept(plain).items():
        had = read(made, type(own)(), name)
        with torch.no_grad():
            assert torch.allclose(had.eval()(photo), own.eval()(photo), rtol=0.01, atol=0.02), name


def test_a_new_mime_takes_the_place_of_the_old_one(plain: Path, made: Path) -> None:
    other = made.with_name("other.onnx")
    reads_alike = [word for name in MAKERS for word in (f"--{name}", str(made))]
    eyes = ["--women", "some-diverse/1.png", "--men", "some-diverse/1.png"]
    main([str(made), *reads_alike, "--drawings", str(plain.with_name("drawings")), *eyes, "-o", str(other)])
    crops = person()[None, ..., :3].copy()
    changed = np.abs(run(other, crops).astype(int) - run(made, crops)).max(-1)[0] > 20
    assert changed.any() and np.flatnonzero(changed.any(1)).max() < 11 * UNIT  # the mouth stays
    assert other.stat().st_size < made.stat().st_size * 1.02


def test_what_cannot_have_a_mime_is_refused(plain: Path, made: Path, tmp_path: Path) -> None:
    eyes = DrawnEyes.of(drawing())
    mime = Mime(Reader(), GlassesReader(), HairReader(), Painter({"woman": eyes, "man": eyes}))
    small = PortraitGraph(TwinGAN(SIZES["tiny"]), "human", "anime", SIZES["tiny"].size, SIZES["tiny"].size)
    write(small, tmp_path / "small.onnx", {})
    with pytest.raises(ValueError, match="256 px only"):
        behind(onnx.load(tmp_path / "small.onnx"), mime)
    other = onnx.load(plain)
    del other.graph.node[-1:]
    with pytest.raises(ValueError, match=r"twingan\.export"):
        behind(other, mime)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"--women": "none.webp"}, "none.webp.*name others"),
        ({"--reader": "missing.pt"}, "no readable checkpoint"),
        ({"--glasses": "missing.pt"}, "no readable checkpoint"),
        ({"--hair": "missing.onnx"}, "missing.onnx"),
        ({"--drawings": "missing"}, "twingan.pack"),
    ],
)
def test_what_is_missing_is_named(plain: Path, made: Path, change: dict[str, str], message: str) -> None:
    asked = (
        dict(zip(*[iter(learnt(plain))] * 2, strict=True))
        | {
            "--drawings": str(plain.with_name("drawings")),
            "--women": "some-diverse/0.png",
            "--men": "some-diverse/1.png",
            "-o": str(plain.with_name("never.onnx")),
        }
        | change
    )
    with pytest.raises(SystemExit, match=message):
        main([str(plain), *[word for pair in asked.items() for word in pair]])
    assert not plain.with_name("never.onnx").exists()


@pytest.mark.parametrize("name", MAKERS)
def test_a_checkpoint_of_something_else_is_no_reader(plain: Path, made: Path, name: str) -> None:
    other = plain.with_name("other.pt")
    save({"ema": {}, "step": 1}, other)
    for wrong, message in ((other, MAKERS[name]), (plain, f"no mime with a network '{name}'")):
        asked = [*learnt(plain), f"--{name}", str(wrong), "--drawings", str(plain.with_name("drawings"))]
        with pytest.raises(SystemExit, match=message):
            main([str(plain), *asked, "-o", "never.onnx"])
