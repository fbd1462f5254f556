"""The exported graph is the network."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from face_crop.align import crop, crop_matrix
from face_crop.detect import MediaPipeDetector
from twingan.config import SIZES, Stage, TrainConfig
from twingan.export import CONTRACT, PortraitGraph, main, write
from twingan.networks import TwinGAN
from twingan.train import run

IMAGES = Path(__file__).parents[1] / "images"
RELEASED = sorted((Path(__file__).parents[2] / "models").glob("*.onnx"))


@pytest.fixture(scope="module")
def network() -> TwinGAN:
    """Lite with statistics and norms that differ from their start, so that a wrong fold shows."""
    torch.manual_seed(0)
    network = TwinGAN(SIZES["lite"])
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.normal_(norm.bias, 0, 0.2)
            nn.init.normal_(norm.running_mean, 0, 0.2)  # type: ignore[arg-type]
            nn.init.uniform_(norm.running_var, 0.5, 2)  # type: ignore[arg-type]
    return network.eval()


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    """uint8 [N,256,256,3]: real, aligned faces."""
    found = []
    with MediaPipeDetector(still=True) as detector:
        for path in sorted(IMAGES.glob("*.webp")):
            picture = np.asarray(Image.open(path).convert("RGB"))
            found += [crop(picture, crop_matrix(face, 256), 256) for face in detector(picture)]
    assert len(found) >= 4
    return np.stack(found)


def session(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


@torch.no_grad()
def drawn_by_torch(network: TwinGAN, crops: np.ndarray, target: str, drawn: int) -> np.ndarray:
    x = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 127.5 - 1
    x = network(functional.avg_pool2d(x, 256 // drawn), "human", target)
    if drawn < 256:
        x = functional.interpolate(x, size=256, mode="bicubic")
    return ((x.clamp(-1, 1) + 1) * 127.5).permute(0, 2, 3, 1).numpy()


@pytest.mark.parametrize(
    ("target", "drawn", "half", "tolerance"),
    [
        ("anime", 256, False, 1.0),
        ("human", 256, False, 1.0),
        ("anime", 128, False, 1.0),
        ("anime", 256, True, 2.0),  # float16 weights round at 1/2048 of their value
    ],
)
def test_the_graph_draws_what_the_network_draws(
    network: TwinGAN, crops: np.ndarray, tmp_path: Path, target: str, drawn: int, half: bool, tolerance: float
) -> None:
    path = tmp_path / "graph.onnx"
    write(PortraitGraph(network, "human", target, 256, drawn), path, {"contract": CONTRACT}, half=half)
    portraits = session(path).run(None, {"image": crops})[0]
    wanted = drawn_by_torch(network, crops, target, drawn)
    assert portraits.dtype == np.uint8
    assert np.abs(portraits.astype(np.float64) - wanted).max() <= tolerance
    assert portraits.std() > 5, "a flat picture would agree with anything"


def test_any_batch_gives_the_same_portraits(network: TwinGAN, crops: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "graph.onnx"
    write(PortraitGraph(network, "human", "anime", 256, 256), path, {}, half=True)
    runtime = session(path)
    together = runtime.run(None, {"image": crops})[0]
    for one, portrait in zip(crops, together, strict=True):
        alone = runtime.run(None, {"image": one[None]})[0][0]
        assert np.abs(alone.astype(int) - portrait).max() <= 1


def test_the_file_says_what_it_is_and_names_no_machine(domains: tuple[str, str], tmp_path: Path) -> None:
    config = TrainConfig(*domains, network="tiny", stages=(Stage(64, 2, 2),), features=False, out=str(tmp_path / "run"))
    run(config, "cpu", 600, bf16=False)
    settings = tmp_path / "run.toml"
    stage = "{ size = 64, steps = 2, batch = 2 }"
    settings.write_text(f'source = "{domains[0]}"\ntarget = "{domains[1]}"\nnetwork = "tiny"\nstages = [{stage}]\n')
    output = tmp_path / "tiny.onnx"
    main([str(tmp_path / "run" / "last.pt"), "--config", str(settings), "-o", str(output)])
    model = onnx.load(output)
    notes = {entry.key: entry.value for entry in model.metadata_props}
    assert {
        "contract",
        "source_domain",
        "target_domain",
        "size",
        "crop_recipe",
        "training_data",
        "revision",
        "steps",
    } <= notes.keys()
    assert (notes["target_domain"], notes["size"], notes["steps"]) == ("anime", "64", "2")
    shape = model.graph.input[0].type.tensor_type.shape.dim
    assert shape[0].dim_param, "the batch must be free"
    assert [d.dim_value for d in shape][1:] == [64, 64, 3]
    assert b"site-packages" not in output.read_bytes()
    assert len({i.data_type for i in model.graph.initializer} & {onnx.TensorProto.FLOAT16}) == 1


def test_an_unreadable_checkpoint_is_one_line(tmp_path: Path, domains: tuple[str, str]) -> None:
    broken, settings = tmp_path / "broken.pt", tmp_path / "c.toml"
    broken.write_bytes(b"no checkpoint")
    settings.write_text('network = "tiny"\n')
    with pytest.raises(SystemExit, match="no readable checkpoint"):
        main([str(broken), "--config", str(settings), "-o", str(tmp_path / "x.onnx")])


def edges(picture: np.ndarray) -> float:
    return float(cv2.Laplacian(picture, cv2.CV_32F).std())


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.stem)
def test_a_released_model_draws_something_else_for_everyone(path: Path, crops: np.ndarray) -> None:
    portraits = session(path).run(None, {"image": crops})[0]
    lost = [edges(p) / edges(cv2.GaussianBlur(p, (0, 0), 1.5)) for p in portraits]
    assert min(lost) > 1.8, "a portrait is a blur: blurring it takes little away"
    small = np.stack([cv2.resize(p, (8, 8), interpolation=cv2.INTER_AREA) for p in portraits]).astype(float)
    others = [np.abs(small[i] - small[j]).mean() for i in range(len(small)) for j in range(i)]
    assert min(others) > 3, "two people became the same picture"
    assert path.with_suffix(".md").is_file(), "no model card"
    json.dumps({entry.key: entry.value for entry in onnx.load(path).metadata_props})
