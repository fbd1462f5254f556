"""Sizes of the network and the settings of a training run."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class NetworkConfig:
    """One architecture, two sizes.

    Attributes:
        channels: feature channels at feature resolution 4, 8, 16, ... (the finest last).
        patch: pixels of the picture that make one feature cell along each axis: pictures enter by pixel unshuffle
            and leave by pixel shuffle, so the finest feature resolution is `size / patch`.
        skip_resolution: UNet concatenations up to this feature resolution (the original's
            `pggan_unet_max_concat_hw`): finer ones would keep the photo's texture and small eyes.
        domains: names of the domains, each with its own set of batch-norm parameters.
    """

    channels: tuple[int, ...] = (192, 192, 160, 96, 64, 24)
    patch: int = 2
    skip_resolution: int = 16
    domains: tuple[str, ...] = ("human", "anime")

    @property
    def resolutions(self) -> tuple[int, ...]:
        """Feature resolutions, coarse to fine."""
        return tuple(4 << level for level in range(len(self.channels)))

    @property
    def size(self) -> int:
        """Largest picture side in pixels."""
        return self.resolutions[-1] * self.patch


SIZES = {
    "tiny": NetworkConfig(channels=(32, 32, 24, 16)),
    "lite": NetworkConfig(),
    "full": NetworkConfig(channels=(256, 256, 256, 256, 128, 64)),
}
"""`tiny` (64 px) for tests and trials; `lite` for CPUs; `full` with the paper's 256 channels."""


@dataclass(frozen=True)
class Stage:
    """One step of progressive growing: pictures of `size`, `steps` steps of `batch`, faded in over `fade` steps.

    `rate` multiplies both learning rates. In a `frozen` stage the batch norms keep the averaged statistics that they
    have: what is trained is then exactly what is exported (Ioffe 2017, arXiv 1702.03275, on why the two differ).
    `seconds` ends a stage early, for a machine that is lent by the minute; a resume begins to count afresh.
    """

    size: int
    steps: int
    batch: int
    fade: int = 0
    rate: float = 1.0
    frozen: bool = False
    seconds: float = float("inf")


@dataclass(frozen=True)
class TrainConfig:
    """A training run; read from a TOML file (see `configs/`).

    Attributes:
        source, target: paths without suffix of packed domains (see `twingan.pack`); their domains' names.
        stages: progressive growing, coarse to fine.
        both_ways: also train target->source adversarially (the paper's full objective); costs twice as much.
        adversarial, pixel_adversarial: weights of the projected and of the pixel discriminator.
        crowd, variety: weights of the distance between drawings and real ones as crowds, and of the lack of variety
            among drawings (`twingan.crowd`; need `features`).
        steady: weight of the difference between drawings of the same person in two places.
        cycle, reconstruct, content, grid: weights of the losses of `twingan.losses`.
        colour, eyes: weights of those of `twingan.likeness`. `colour` 0 is for targets without human hair and skin;
            otherwise both domains need colours (`twingan.palette`, `twingan.dye`), and the discriminators are told them
            and the sex.
        features: draw on a pretrained feature network for the discriminator; False for a pixel discriminator only.
        feature_size: side in pixels to which pictures are enlarged before that network looks at them.
        judge_width: channels of the pixel discriminator's first layer; the projected one's heads have twice as many.
    """

    source: str = "data/packed/human"
    target: str = "data/packed/anime"
    network: str = "lite"
    stages: tuple[Stage, ...] = (Stage(64, 1000, 8),)
    both_ways: bool = False
    features: bool = True
    feature_size: int = 128
    judge_width: int = 32
    adversarial: float = 1.0
    pixel_adversarial: float = 0.5
    crowd: float = 10.0
    variety: float = 1.0
    steady: float = 2.0
    cycle: float = 5.0
    reconstruct: float = 5.0
    content: float = 1.0
    colour: float = 1.0
    eyes: float = 5.0
    grid: float = 20.0
    learning_rate: float = 1e-3
    discriminator_rate: float = 1e-3
    ema_images: float = 10_000
    seed: int = 0
    sample_every: int = 500
    checkpoint_minutes: float = 5.0
    out: str = "runs/default"

    @property
    def architecture(self) -> NetworkConfig:
        """The network's size, its two domains named after the packed files.

        Raises:
            ValueError: both have the same name.
        """
        names = Path(self.source).stem, Path(self.target).stem
        if names[0] == names[1]:
            raise ValueError(f"source and target are both called {names[0]!r}: rename one of the packed files")
        return dataclasses.replace(SIZES[self.network], domains=names)

    @property
    def brown_share(self) -> float:
        """Share of the light-skinned people that get brown skin: it is rare in the data."""
        return 0.25 if self.colour else 0.0


def load(path: Path) -> TrainConfig:
    """Read a TOML file.

    Raises:
        ValueError: for an unknown key, naming it and the known ones.
    """
    values: dict[str, Any] = tomllib.loads(path.read_text())
    known = {field.name for field in dataclasses.fields(TrainConfig)}
    if unknown := sorted(values.keys() - known):
        raise ValueError(f"{path}: unknown setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    values["stages"] = tuple(
        Stage(**stage) for stage in values.get("stages", [{"size": 64, "steps": 1000, "batch": 8}])
    )
    return TrainConfig(**values)
