import numpy as np
import pytest

from twingan.evaluation.flicker import clip, drawn, flicker, shown

PICTURE = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)


def test_a_clip_without_noise_and_motion_does_not_flicker() -> None:
    frames = clip(PICTURE, seed=1, noise=0, shift=0)
    assert (frames == PICTURE).all()
    assert flicker(255 - frames, frames).tolist() == [0, 0, 0, 0]


def test_doing_nothing_flickers_as_much_as_the_input() -> None:
    frames = clip(PICTURE, seed=1)
    assert flicker(frames, frames) == pytest.approx(1)


def test_halving_the_contrast_halves_the_flicker() -> None:
    frames = clip(np.full((32, 32, 3), 128, np.uint8), seed=1, noise=20, shift=0)
    assert flicker(frames // 2, frames) == pytest.approx(0.5, abs=0.03)


def test_a_portrait_that_stands_still_does_not_flicker() -> None:
    frames = clip(PICTURE, seed=1)
    assert flicker(np.zeros_like(frames), frames).max() == 0


def test_a_painter_that_boils_is_caught() -> None:
    random = np.random.default_rng(2)
    frames = clip(np.full((32, 32, 3), 128, np.uint8), seed=1, noise=2)
    boiling = drawn(lambda batch: random.integers(78, 178, batch.shape).astype(np.uint8), frames)
    assert flicker(boiling, frames).min() > 10
    assert flicker(shown(boiling, frames), frames).max() < flicker(boiling, frames).min() / 2


def test_the_seed_makes_the_clip() -> None:
    assert (clip(PICTURE, seed=5) == clip(PICTURE, seed=5)).all()
    assert (clip(PICTURE, seed=5) != clip(PICTURE, seed=6)).any()
