"""Where skin is found, and what making it brown leaves alone."""

from __future__ import annotations

import torch
from torch import Tensor

from twingan import losses, skin

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


def test_a_drawing_whose_hair_has_the_colour_of_its_skin_has_no_mask() -> None:
    told, _ = head(PEACH, BLACK)
    alike, _ = head(PEACH, PEACH + 0.05)
    assert skin.drawn_mask(told)[..., 30:56, 16:48].min() > 0.9
    assert skin.drawn_mask(alike).max() == 0


def test_light_people_become_brown_and_brown_people_lit_and_nobody_both() -> None:
    torch.manual_seed(0)
    light, alpha = head(PEACH, BLACK)
    brown, _ = head(BROWN, BLACK)
    people = skin.Skin.of(torch.cat([light.expand(20, -1, -1, -1), brown]), alpha.expand(21, -1, -1, -1), share=0.5)
    assert 3 < people.differs[:20].sum() < 17
    assert people.differs[20]
    assert torch.allclose(people.brown(brown)[20], brown[0])
    assert torch.allclose(people.lit(light)[0], light[0])
    assert torch.allclose(within(people.lit(brown)[20:]), torch.tensor(skin.LIGHT), atol=0.08)
    made = people.brown(light)
    assert torch.allclose(made[..., 6:22, 16:48], light[..., 6:22, 16:48], atol=0.02)  # hair as it was


def test_flat_skin_has_neither_lights_nor_shadows() -> None:
    person, alpha = head(PEACH, BLACK)
    lit = person.clone()
    lit[..., 40:44, 30:34] = torch.tensor([0.95, 0.85, 0.78]).view(3, 1, 1) * 2 - 1
    flat = skin.Skin.of(lit, alpha, share=0).flat(lit)
    assert (within(flat[..., 4:, :]) - PEACH).abs().max() < 0.03


def test_the_brown_loss_wants_the_light_drawing_made_brown() -> None:
    light, _ = head(PEACH, BLACK)
    change = torch.tensor([0.46, 0.33, 0.27]).view(1, 3, 1, 1)
    right = skin.retoned(light, skin.drawn_mask(light), change)
    smeared = right.clone()
    smeared[..., 50:54, 16:48] = -1
    assert losses.brown(right, light, change) < 1e-5
    assert losses.brown(smeared, light, change) > 0.01
    assert losses.brown(light, light, change) > losses.brown(smeared, light, change)


def test_a_white_spot_on_the_nose_is_not_taught() -> None:
    light, _ = head(PEACH, BLACK)
    spotted = light.clone()
    spotted[..., 36:39, 31:34] = 1
    assert torch.allclose(skin.without_glare(spotted), light, atol=1e-5)


def test_where_hair_has_the_colour_of_skin_only_the_face_below_the_eyes_counts() -> None:
    light, _ = head(PEACH, PEACH + 0.05)
    change = torch.tensor([0.46, 0.33, 0.27]).view(1, 3, 1, 1)
    brown_face = light.clone()
    brown_face[..., 26:60, 12:52] = skin.retoned(light, torch.ones_like(light[:, :1]), change)[..., 26:60, 12:52]
    assert losses.brown(brown_face, light, change) < 0.01  # the hair may stay
    assert losses.brown(light, light, change) > 0.02
