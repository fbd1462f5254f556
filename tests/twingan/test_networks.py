"""One network, one set of norms a domain: what TwinGAN is."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from twingan.config import SIZES, NetworkConfig
from twingan.networks import TwinGAN

TINY = SIZES["tiny"]


@pytest.fixture
def network() -> TwinGAN:
    torch.manual_seed(0)
    return TwinGAN(TINY).eval()


def different_norms(network: TwinGAN) -> None:
    for module in network.modules():
        if isinstance(module, nn.ModuleDict) and "anime" in module and isinstance(module["anime"], nn.BatchNorm2d):
            nn.init.normal_(module["anime"].weight)


@pytest.mark.parametrize("size", [16, 32, 64])
@pytest.mark.parametrize("target", ["human", "anime"])
def test_every_direction_and_size_of_growing_keeps_the_shape(network: TwinGAN, size: int, target: str) -> None:
    pictures = torch.rand(3, 3, size, size) * 2 - 1
    drawn = network(pictures, "human", target)
    assert drawn.shape == pictures.shape
    assert drawn.abs().max() <= 1


def test_domains_share_all_but_the_norms(network: TwinGAN) -> None:
    picture = torch.rand(1, 3, 32, 32) * 2 - 1
    assert torch.equal(network(picture, "human", "anime"), network(picture, "human", "human"))
    different_norms(network)
    assert not torch.equal(network(picture, "human", "anime"), network(picture, "human", "human"))
    own = {name for name, _ in network.named_parameters() if ".norms." in name}
    shared = {name for name, _ in network.named_parameters() if ".norms." not in name}
    assert {name for name in own if ".human." in name} == {name.replace(".anime.", ".human.") for name in own}
    assert shared
    assert not any("human" in name or "anime" in name for name in shared)


def test_no_concatenation_above_the_limit() -> None:
    narrow = TwinGAN(NetworkConfig(channels=(16, 16, 8, 8), skip_resolution=4)).eval()
    code = narrow.encode(torch.rand(1, 3, 64, 64), "human")
    assert set(code.features) == {4}


def test_fade_moves_from_the_coarser_picture_to_the_finer(network: TwinGAN) -> None:
    picture = torch.rand(1, 3, 32, 32) * 2 - 1
    coarse = network(picture, "human", "anime", fade=0.0)
    assert torch.allclose(coarse[..., ::2, ::2], coarse[..., 1::2, 1::2]), "at fade 0 it is the coarse picture enlarged"
    almost = network(picture, "human", "anime", fade=0.999)
    full = network(picture, "human", "anime", fade=1.0)
    assert (almost - full).abs().max() < 0.05


def test_lite_stays_within_its_budget() -> None:
    macs = 0

    def count(module: nn.Conv2d, _: object, output: torch.Tensor) -> None:
        nonlocal macs
        macs += module.weight[0].numel() * output[0].numel()

    lite = TwinGAN(SIZES["lite"]).eval()
    for module in lite.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(count)
    with torch.no_grad():
        lite(torch.zeros(1, 3, 256, 256), "human", "anime")
    assert macs <= 2.3e9, f"{macs / 1e9:.2f} GMAC"
    assert lite.config.size == 256
