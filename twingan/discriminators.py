"""Discriminators of one domain: on pretrained features, and on pixels. Higher output = more real."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm


class MinibatchStd(nn.Module):
    """Appends the batch's mean standard deviation as a channel (PGGAN, arXiv 1710.10196, section 3)."""

    def forward(self, x: Tensor) -> Tensor:
        deviation = x.float().var(0, unbiased=False).add(1e-8).sqrt().mean()
        return torch.cat([x, deviation.to(x.dtype).expand(len(x), 1, *x.shape[2:])], 1)


class PixelDiscriminator(nn.Module):
    """Patch discriminator on pixels with spectral norm and minibatch statistics; judges line and texture.

    Picture [N,3,S,S], and [N,conditions,1,1] of what it should match, -> [scores [N,1,S/16,S/16]].
    """

    def __init__(self, conditions: int = 0, width: int = 32) -> None:
        super().__init__()
        widths = [width, width * 2, width * 4]
        layers: list[nn.Module] = [nn.PixelUnshuffle(2)]
        inputs = 4 * (3 + conditions)
        for outputs in widths:
            layers += [_spectral(inputs, outputs, 4, 2), nn.LeakyReLU(0.2)]
            inputs = outputs
        layers += [MinibatchStd(), _spectral(inputs + 1, inputs, 3, 1), nn.LeakyReLU(0.2), _spectral(inputs, 1, 1, 1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, picture: Tensor, conditions: Tensor | None = None) -> list[Tensor]:
        return [self.layers(_beside(picture, conditions))]


class FeatureHead(nn.Module):
    """A small discriminator on one scale of projected features [N,C,R,R], and conditions, -> scores [N,1,r,r]."""

    def __init__(self, channels: int, downs: int, conditions: int = 0, width: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(downs):
            layers += [_spectral(channels, width, 4, 2), nn.LeakyReLU(0.2)]
            channels = width
        self.downs = nn.Sequential(*layers, MinibatchStd())
        judging = [_spectral(channels + 1 + conditions, width, 3, 1), nn.LeakyReLU(0.2), _spectral(width, 1, 1, 1)]
        self.judging = nn.Sequential(*judging)

    def forward(self, features: Tensor, conditions: Tensor | None = None) -> Tensor:
        return cast(Tensor, self.judging(_beside(self.downs(features), conditions)))


class RandomProjection(nn.Module):
    """Fixed random mixing of channels and of scales, coarse into fine (Projected GANs, arXiv 2111.01007, section 3.2).

    It keeps a discriminator from looking at a few telling features alone. Features [N,C_i,R_i,R_i], fine to coarse, ->
    the same resolutions with `width` channels each.
    """

    def __init__(self, channels: tuple[int, ...], width: int = 64) -> None:
        super().__init__()
        self.across_channels = nn.ModuleList([nn.Conv2d(c, width, 1, bias=False) for c in channels])
        self.across_scales = nn.ModuleList([nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in channels])
        for parameter in self.parameters():
            nn.init.kaiming_normal_(parameter)
            parameter.requires_grad_(False)

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        mixed: list[Tensor] = []
        coarser: Tensor | None = None
        layers = reversed(list(zip(features, self.across_channels, self.across_scales, strict=True)))
        for tap, channel, scale in layers:
            own = channel(tap)
            if coarser is not None:
                own = (own + functional.interpolate(coarser, size=own.shape[-2:], mode="bilinear")) / 2**0.5
            coarser = scale(own)
            mixed.insert(0, coarser)
        return mixed


class FeatureDiscriminator(nn.Module):
    """Heads over randomly projected features of a frozen network (Projected GANs). Scores: one tensor a scale."""

    def __init__(self, channels: tuple[int, ...], conditions: int = 0, width: int = 64) -> None:
        super().__init__()
        self.projection = RandomProjection(channels, width)
        self.heads = nn.ModuleList([FeatureHead(width, d, conditions, width) for d in range(len(channels) - 1, -1, -1)])

    def forward(self, features: list[Tensor], conditions: Tensor | None = None) -> list[Tensor]:
        return [head(x, conditions) for head, x in zip(self.heads, self.projection(features), strict=True)]


def _beside(x: Tensor, conditions: Tensor | None) -> Tensor:
    """[N,C,H,W] with conditions [N,K,1,1] as planes: [N,C+K,H,W]."""
    return x if conditions is None else torch.cat([x, conditions.to(x).expand(-1, -1, *x.shape[2:])], 1)


def _spectral(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Module:
    # Half of the kernel is cut off, not added: a 4x4 kernel of stride 2 halves the side.
    return spectral_norm(nn.Conv2d(inputs, outputs, kernel, stride, padding=(kernel - 1) // 2))
