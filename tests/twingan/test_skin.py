"""Where skin is found, and what making it brown leaves alone."""

from __future__ import annotations

import torch
from torch import Tensor

from twingan import skin

PEACH = torch.tensor([0.85, 0.66, 0.56])
BROWN = torch.tensor([0.35, 0.22, 0.16])
BLACK = torch.tensor([0.08, 0.07, 0.09])


def head(skin_tone: Tensor, hair: Tensor, size: int = 64) -> tuple[Tensor, Tensor]:
    """A face with hair above it on white, and its alpha."""
    picture, alpha = torch.ones(1, 3, size, size), torch.zeros(1, 1, size, size)
    picture[..., 4:26, 12:52] = (hair * 2 - 1).view(3, 1, 1)
    picture[..., 26:60, 12:52] = (skin_tone * 2 - 1).view(3, 1, 1)
    alpha[..., 4:60, 12:52] = 1
    return picture, alpha


def within(picture: Tensor) -> Tensor:
    """Colour of the face, 0 .. 1."""
    return (picture[0, :, 46, 32] + 1) / 2


def test_the_cheeks_give_the_tone_and_the_mask_is_the_face() -> None:
    person, alpha = head(PEACH, BLACK)
    tone = skin.tone(person)
    assert torch.allclose(tone.flatten(), PEACH, atol=1e-5)
    mask = skin.mask(person, alpha, tone)
    assert mask[..., 30:56, 16:48].min() > 0.9
    assert mask[..., 6:24, 16:48].max() < 0.1  # hair
    assert mask[..., :, :10].max() < 0.1  # background


def test_a_share_of_light_people_becomes_brown_and_dark_people_stay() -> None:
    torch.manual_seed(0)
    light, alpha = head(PEACH, BLACK)
    brown, _ = head(BROWN, BLACK)
    people = skin.Skin.of(torch.cat([light.expand(20, -1, -1, -1), brown]), alpha.expand(21, -1, -1, -1), share=0.5)
    browner = people.gain[:20].flatten(1).mean(1) < 0.9
    assert 3 < browner.sum() < 17
    assert torch.allclose(people.brown(brown)[20], brown[0])
    made = people.brown(light)
    assert torch.allclose(made[..., 6:22, 16:48], light[..., 6:22, 16:48], atol=0.02)  # hair as it was


def test_drawn_skin_is_lighter_but_keeps_its_order() -> None:
    tones = torch.stack([BROWN, (BROWN + PEACH) / 2, PEACH])[..., None, None]
    drawn = skin.drawn(tones).mean((1, 2, 3))
    assert (drawn > tones.mean((1, 2, 3))).all()
    assert (drawn.diff() > 0.08).all()


def test_as_drawn_changes_skin_only() -> None:
    person, alpha = head(BROWN, BLACK)
    people = skin.Skin.of(person, alpha, share=0)
    toned = people.as_drawn(person)
    assert torch.allclose(within(toned), people.drawn.flatten(), atol=0.05)
    assert torch.allclose(toned[..., 6:22, 16:48], person[..., 6:22, 16:48], atol=0.02)
