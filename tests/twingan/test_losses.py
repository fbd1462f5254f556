"""What each loss rewards."""

from __future__ import annotations

import torch

from twingan import losses
from twingan.networks import Code


def test_hinge_is_zero_when_the_sides_are_a_margin_apart() -> None:
    real, fake = [torch.full((2, 1, 3, 3), 1.5)], [torch.full((2, 1, 3, 3), -1.5)]
    assert losses.hinge_discriminator(real, fake) == 0
    assert losses.hinge_discriminator(fake, real) == 5
    assert losses.hinge_generator(fake) > losses.hinge_generator(real)


def test_a_checkerboard_is_punished_and_a_line_is_not() -> None:
    line, checked = torch.zeros(1, 3, 64, 64), torch.zeros(1, 3, 64, 64)
    line[..., 20:22, :] = -1
    checked[..., ::2, ::2] += 0.2
    assert losses.grid(checked) > 0.05
    assert losses.grid(line) < 0.01


def test_content_compares_every_resolution() -> None:
    code = Code({4: torch.zeros(1, 2, 4, 4), 8: torch.ones(1, 2, 8, 8)})
    other = Code({4: torch.ones(1, 2, 4, 4), 8: torch.ones(1, 2, 8, 8)})
    assert losses.content(code, code) == 0
    assert losses.content(other, code) == 0.5
