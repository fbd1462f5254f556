"""TwinGAN: one shared encoder and one shared progressively grown generator that mirrors it.

Only the batch-norm parameters differ per domain (arXiv 1809.00946, section 3), so every direction is the same
network: encode with one domain's norms, decode with another's. Pictures are RGB float [N,3,S,S] in -1 .. 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from twingan.config import NetworkConfig


class DomainNorm(nn.Module):
    """Batch normalization with one set of statistics, scale and shift per domain."""

    def __init__(self, channels: int, domains: tuple[str, ...]) -> None:
        super().__init__()
        self.norms = nn.ModuleDict({domain: nn.BatchNorm2d(channels) for domain in domains})

    def forward(self, x: Tensor, domain: str) -> Tensor:
        return cast(Tensor, self.norms[domain](x))


class ConvNorm(nn.Module):
    """3x3 convolution, domain norm, leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, domains: tuple[str, ...]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm = DomainNorm(outputs, domains)
        nn.init.kaiming_normal_(self.conv.weight, a=0.2)

    def forward(self, x: Tensor, domain: str) -> Tensor:
        return functional.leaky_relu(self.norm(self.conv(x), domain), 0.2)


@dataclass
class Code:
    """What the encoder knows of a picture: features [N,C,R,R] by resolution R, coarse to fine; R = 4 is the bottom."""

    features: dict[int, Tensor]

    def detach(self) -> Code:
        """The same values without gradient."""
        return Code({r: x.detach() for r, x in self.features.items()})


class Encoder(nn.Module):
    """Picture -> Code. Each resolution has its own entry, so that it can grow."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        width = dict(zip(config.resolutions, config.channels, strict=True))
        entry = 3 * config.patch**2
        self.entries = nn.ModuleDict({str(r): ConvNorm(entry, c, config.domains) for r, c in width.items() if r > 4})
        self.downs = nn.ModuleDict(
            {str(r): ConvNorm(c, width[r // 2], config.domains) for r, c in width.items() if r > 4}
        )
        self.convs = nn.ModuleDict({str(r): ConvNorm(c, c, config.domains) for r, c in width.items()})

    def forward(self, picture: Tensor, domain: str, fade: float = 1.0) -> Code:
        """`fade` < 1 mixes in the entry of the next coarser resolution (progressive growing)."""
        finest = r = picture.shape[-1] // self.config.patch
        x = self._entry(picture, domain)
        kept = {}
        while r > 4:
            if r != self.config.resolutions[-1]:
                x = self.convs[str(r)](x, domain)
            if r <= self.config.skip_resolution:
                kept[r] = x
            x = functional.avg_pool2d(self.downs[str(r)](x, domain), 2)
            if r == finest and fade < 1 and r > 8:
                coarse = self._entry(functional.avg_pool2d(picture, 2), domain)
                x = coarse + (x - coarse) * fade
            r //= 2
        kept[4] = self.convs["4"](x, domain)
        return Code(kept)

    def _entry(self, picture: Tensor, domain: str) -> Tensor:
        cells = functional.pixel_unshuffle(picture, self.config.patch)  # [N, 3 P P, S/P, S/P]
        return cast(Tensor, self.entries[str(cells.shape[-1])](cells, domain))


class Generator(nn.Module):
    """Code -> picture; mirrors the encoder, nearest-neighbour upsampling, UNet concatenation at low resolutions."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        width = dict(zip(config.resolutions, config.channels, strict=True))
        skip = {r: c if r <= config.skip_resolution else 0 for r, c in width.items()}
        exits = 3 * config.patch**2
        self.bottom = ConvNorm(width[4], width[4], config.domains)
        self.ups = nn.ModuleDict(
            {str(r): ConvNorm(width[r // 2] + skip[r], c, config.domains) for r, c in width.items() if r > 4}
        )
        self.convs = nn.ModuleDict({str(r): ConvNorm(c, c, config.domains) for r, c in width.items() if r > 4})
        self.exits = nn.ModuleDict({str(r): nn.Conv2d(c, exits, 3, padding=1) for r, c in width.items() if r > 4})

    def forward(self, code: Code, domain: str, size: int, fade: float = 1.0) -> Tensor:
        """`fade` < 1 mixes in the picture of the next coarser resolution (progressive growing)."""
        finest = size // self.config.patch
        x = self.bottom(code.features[4], domain)
        r = 8
        while r <= finest:
            before = x
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            if r <= self.config.skip_resolution:
                x = torch.cat([x, code.features[r]], 1)
            x = self.convs[str(r)](self.ups[str(r)](x, domain), domain)
            r *= 2
        picture = self._exit(x)
        if fade < 1 and finest > 8:
            coarse = functional.interpolate(self._exit(before), scale_factor=2.0, mode="nearest")
            picture = coarse + (picture - coarse) * fade
        return torch.tanh(picture)

    def _exit(self, x: Tensor) -> Tensor:
        return functional.pixel_shuffle(self.exits[str(x.shape[-1])](x), self.config.patch)


class TwinGAN(nn.Module):
    """Encoder and generator together."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.generator = Generator(config)

    def encode(self, picture: Tensor, domain: str, fade: float = 1.0) -> Code:
        """Code of a picture of `domain`."""
        return cast(Code, self.encoder(picture, domain, fade))

    def decode(self, code: Code, domain: str, size: int, fade: float = 1.0) -> Tensor:
        """Picture [N,3,size,size] of a code, drawn as `domain`."""
        return cast(Tensor, self.generator(code, domain, size, fade))

    def forward(self, picture: Tensor, source: str, target: str, fade: float = 1.0) -> Tensor:
        """Translate; the same domain twice reconstructs."""
        return self.decode(self.encode(picture, source, fade), target, picture.shape[-1], fade)
