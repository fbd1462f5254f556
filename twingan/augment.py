"""Augmentation of pictures, float [N,C,S,S] in -1 .. 1: of what the camera may deliver, and of what a
discriminator sees. All random numbers come from torch's global generator, so that a seed repeats a run."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def camera(person: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What a webcam might make of a person, and the clean picture that the network should know it as.

    The person is flipped, moved, turned and scaled a little and put before a random background: the photo's own, a
    flat colour, a gradient or another photo's. Light, contrast, colour cast, blur and sensor noise go on top of the
    input alone. The clean picture has a white background, as the drawings have.

    Args:
        person: RGBA [N,4,S,S]; alpha -1 is background.

    Returns:
        (input [N,3,S,S], clean [N,3,S,S], alpha [N,1,S,S] in 0 .. 1).
    """
    person = warp(person, turn=0.12, zoom=0.08, move=0.04)
    rgb, alpha = person[:, :3], (person[:, 3:] + 1) / 2
    clean = rgb * alpha + (1 - alpha)
    return in_place(person), clean, alpha


def in_place(person: Tensor) -> Tensor:
    """The input of `camera` for people who are not to be moved: RGBA [N,4,S,S] -> [N,3,S,S]."""
    rgb, alpha = person[:, :3], (person[:, 3:] + 1) / 2
    return _light(rgb * alpha + _backgrounds(rgb) * (1 - alpha))


def elsewhere(clean: Tensor, alpha: Tensor) -> Tensor:
    """Another input for what `camera` gave: the same people in the same place, another background, light and noise."""
    return _light(clean + (_backgrounds(clean) - 1) * (1 - alpha))


def warp(x: Tensor, turn: float, zoom: float, move: float, *, flip: bool = True) -> Tensor:
    """Random flip, rotation (radians, standard deviation), zoom and shift (shares of the side)."""
    n, device = len(x), x.device
    angle, scale = torch.randn(n, device=device) * turn, torch.exp(torch.randn(n, device=device) * zoom)
    side = torch.where(torch.rand(n, device=device) < 0.5 * flip, -1.0, 1.0)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    shift = torch.randn(n, 2, device=device) * 2 * move
    theta = torch.stack([cos * side, -sin, shift[:, 0], sin * side, cos, shift[:, 1]], 1).view(n, 2, 3)
    grid = functional.affine_grid(theta.to(x), list(x.shape), align_corners=False)
    return functional.grid_sample(x, grid, padding_mode="border", align_corners=False)


def discriminated(x: Tensor) -> Tensor:
    """DiffAugment's color, translation and cutout (Zhao et al. 2020, arXiv 2006.10738), mild for colour.

    Each picture draws its own; differentiable, so that the generator learns through it.
    """
    n, _, size, _ = x.shape
    x = x + (_uniform(n, x) - 0.5) * 0.3
    mean = x.mean(1, keepdim=True)
    x = mean + (x - mean) * (0.7 + 0.6 * _uniform(n, x))
    mean = x.mean((1, 2, 3), keepdim=True)
    x = mean + (x - mean) * (0.8 + 0.4 * _uniform(n, x))
    return _moved(x, size // 8) * _cutout(x, size // 3)


def _moved(x: Tensor, reach: int) -> Tensor:
    """Each picture moved by up to `reach` whole pixels each way; its border is repeated."""
    n, channels, size, _ = x.shape
    places = torch.arange(size, device=x.device)
    rows, columns = (
        (places + torch.randint(-reach, reach + 1, (n, 1), device=x.device)).clamp(0, size - 1) for _ in range(2)
    )
    x = x.gather(2, rows[:, None, :, None].expand(n, channels, size, size))
    return x.gather(3, columns[:, None, None, :].expand(n, channels, size, size))


def _cutout(x: Tensor, side: int) -> Tensor:
    """A mask [N,1,S,S] with one square of zeros (mid grey) a picture."""
    n, size = len(x), x.shape[-1]
    places = torch.arange(size, device=x.device)
    starts = (torch.randint(-(side // 2), size - side // 2, (n, 1), device=x.device) for _ in range(2))
    rows, columns = (((places >= start) & (places < start + side)).to(x) for start in starts)
    return 1 - rows[:, None, :, None] * columns[:, None, None, :]


def _backgrounds(photo: Tensor) -> Tensor:
    """A background for each photo: 40 % its own, 20 % another photo blurred, 25 % flat, 15 % a gradient."""
    n, _, size, _ = photo.shape
    small = functional.avg_pool2d(photo.roll(1, 0), size // 8)
    other = functional.interpolate(small, size=size, mode="bilinear", align_corners=False)
    corners = torch.rand(n, 3, 2, 2, device=photo.device) * 2 - 1
    gradient = functional.interpolate(corners, size=size, mode="bilinear", align_corners=True)
    flat = corners[:, :, :1, :1].expand_as(photo)
    choice = _uniform(n, photo)
    return torch.where(
        choice < 0.4, photo, torch.where(choice < 0.6, other, torch.where(choice < 0.85, flat, gradient))
    )


def _light(x: Tensor) -> Tensor:
    n, _, size, _ = x.shape
    linear = ((x + 1) / 2).clamp(1e-3, 1)
    gamma = torch.exp(_normal(n, x) * 0.25)
    cast = 1 + torch.randn(n, 3, 1, 1, device=x.device) * 0.05
    x = (linear**gamma * cast * (1 + _normal(n, x) * 0.08)).clamp(0, 1) * 2 - 1
    soft = functional.interpolate(functional.avg_pool2d(x, 2), size=size, mode="bilinear", align_corners=False)
    x = torch.lerp(x, soft, (_uniform(n, x) < 0.3).to(x))
    return x + torch.randn_like(x) * _uniform(n, x) * 0.06


def _uniform(n: int, like: Tensor) -> Tensor:
    return torch.rand(n, 1, 1, 1, device=like.device)


def _normal(n: int, like: Tensor) -> Tensor:
    return torch.randn(n, 1, 1, 1, device=like.device)
