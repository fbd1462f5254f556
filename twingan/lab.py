"""L*a*b* (D65) of pictures that networks draw, as `drawn_parts.to_lab` has it: CIE 15:2018, 8.2.1.

Pictures are RGB [N,3,H,W] in -1 .. 1; L* is in 0 .. 100. The transfer function of sRGB (IEC 61966-2-1) is approximated
by a polynomial and by roots, to 0.5 of 255, and the cube root to 0.5 of L*: powers are what a CPU computes most slowly.
"""

from __future__ import annotations

import torch
from torch import Tensor

FROM_RGB = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
TO_RGB = ((3.240479, -1.537150, -0.498535), (-0.969256, 1.875991, 0.041556), (0.055648, -0.204043, 1.057311))
WHITE = (0.950456, 1.0, 1.088754)
"""X, Y and Z of white."""
LINEAR = (0.06643, 0.195, 1.76915, -1.77745, 0.75063)
"""Light of an sRGB value: factors of its powers from the first on."""
ROOT, ENCODED = 0.0003, (0.29483, -0.18774, 2.43058, -1.68963, 0.15377)
"""sRGB value of light that much brighter: a constant, factors of its second, fourth and eighth root, and of itself."""

NEAR_BLACK, CUBE_ROOT = 0.008, (-0.23881, -0.09906, 1.2757, 0.05593)
"""The cube root of light that much brighter: a constant, factors of its second and fourth root, and of itself."""


def to_lab(rgb: Tensor) -> Tensor:
    """RGB -> L*a*b*."""
    value = (rgb + 1) / 2
    linear = value * (LINEAR[0] + value * (LINEAR[1] + value * (LINEAR[2] + value * (LINEAR[3] + value * LINEAR[4]))))
    x, y, z = (share / white for share, white in zip(_mixed(linear, FROM_RGB), WHITE, strict=True))
    x, y, z = (_cube_root(light) for light in (x, y, z))
    return torch.cat([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


def to_rgb(lab: Tensor) -> Tensor:
    """L*a*b* -> RGB; what no screen can show is cut off."""
    lightness, red, yellow = lab[:, :1], lab[:, 1:2], lab[:, 2:]
    y = (lightness + 16) / 116
    xyz = (torch.where(f > 0.206893, f**3, (f - 16 / 116) / 7.787) for f in (y + red / 500, y, y - yellow / 200))
    scaled = torch.cat([value * white for value, white in zip(xyz, WHITE, strict=True)], 1)
    linear = torch.cat(_mixed(scaled, TO_RGB), 1).clamp(0, 1)
    half = (linear + ROOT).sqrt()
    quarter = half.sqrt()
    value = ENCODED[0] + ENCODED[1] * half + ENCODED[2] * quarter + ENCODED[3] * quarter.sqrt() + ENCODED[4] * linear
    return (2 * value - 1).clamp(-1, 1)


def _cube_root(light: Tensor) -> Tensor:
    """L*a*b*'s, which is a line near black."""
    half = (light + NEAR_BLACK).sqrt()
    return CUBE_ROOT[0] + CUBE_ROOT[1] * half + CUBE_ROOT[2] * half.sqrt() + CUBE_ROOT[3] * light


def far(difference: Tensor) -> Tensor:
    """Distances of colours: [N,C,H,W] -> [N,1,H,W]."""
    scaled = difference / 100  # squares of distances would not fit into float16
    return 100 * scaled.square().sum(1, keepdim=True).clamp_min(1e-7).sqrt()


def colour(value: tuple[float, float, float]) -> Tensor:
    """One colour [1,3,1,1]."""
    return torch.tensor(value).view(1, 3, 1, 1)


def _mixed(picture: Tensor, rows: tuple[tuple[float, float, float], ...]) -> list[Tensor]:
    one, two, three = picture[:, :1], picture[:, 1:2], picture[:, 2:]
    return [a * one + b * two + c * three for a, b, c in rows]
