"""The discriminators of a run: what they look at, how they learn, and what they say to the generator."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn

from twingan import augment, components, losses
from twingan.batches import CONDITIONS
from twingan.config import TrainConfig
from twingan.discriminators import FeatureDiscriminator, PixelDiscriminator
from twingan.features import LiteFeatures
from twingan.weights import shapes

PARTS = "parts_adversarial/"
"""How the names of the discriminators of parts begin; those of losses are the same."""
Shown = tuple[dict[str, Any], Tensor | None]
"""What each discriminator looks at (`seen`), and what the pictures should match where that is known:
`CONDITIONS` values each, [N,K,1,1]."""


class Judges(nn.ModuleDict):
    """Discriminators by domain, and by the name of the loss that they make.

    Args:
        config: the run.
        source, target: names of the domains.
        device: "cpu" or "cuda".
    """

    def __init__(self, config: TrainConfig, source: str, target: str, device: str) -> None:
        told = CONDITIONS if config.colour else 0
        domains = {target: _of_domain(config, told, parts=config.parts_adversarial > 0)}
        if config.both_ways:
            domains[source] = _of_domain(config, 0, parts=False)
        super().__init__(domains)
        self.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        trained = [p for p in self.parameters() if p.requires_grad]
        self.optimizer = torch.optim.Adam(trained, config.discriminator_rate, (0.0, 0.99), fused=device == "cuda")

    def judge(self, domain: str, real: Shown, fake: Shown) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Update the domain's discriminators, then judge the fakes for the generator.

        Returns:
            losses by name: the generator's, and the discriminators' own (detached).
        """
        judges = self._of(domain)
        judges.requires_grad_(True)
        own = {name: self._own_loss(name, judge, real, fake) for name, judge in judges.items()}
        self.optimizer.zero_grad(set_to_none=True)
        torch.stack(list(own.values())).sum().backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        judges.requires_grad_(False)
        lacks = {
            name: losses.hinge_generator(judge(fake[0][name], _told(name, fake))) for name, judge in judges.items()
        }
        return lacks, {f"judge/{name}": value.detach() for name, value in own.items()}

    def begin_with(self, state: dict[str, Tensor]) -> None:
        """Take those weights of another run's discriminators that fit; else their conditions or widths differ."""
        for domain in self:
            for name, judge in self._of(domain).items():
                start = f"{domain}.{name}."
                given = {key.removeprefix(start): x for key, x in state.items() if key.startswith(start)}
                if shapes(given) == shapes(judge.state_dict()):
                    judge.load_state_dict(given)

    def _of(self, domain: str) -> nn.ModuleDict:
        return cast(nn.ModuleDict, self[domain])

    @staticmethod
    def _own_loss(name: str, judge: nn.Module, real: Shown, fake: Shown) -> Tensor:
        scores = judge(real[0][name], _told(name, real)), judge(_detached(fake[0][name]), _told(name, fake))
        return losses.hinge_discriminator(*scores)


def seen(picture: Tensor, features: LiteFeatures | None, *, parts: bool) -> dict[str, Any]:
    """What each discriminator looks at: parts of the face, the pixels, the features; by its name.

    Args:
        picture: [N,3,S,S] in -1 .. 1.
        features: the network that the projected one looks through.
        parts: also those of `twingan.components`.
    """
    shown: dict[str, Any] = {}
    if parts:
        shown |= {PARTS + name: part for name, part in components.seen(picture).items()}
    picture = augment.discriminated(picture)
    shown["pixel_adversarial"] = picture
    if features is not None:
        shown["adversarial"] = features(picture)
    return shown


def _of_domain(config: TrainConfig, conditions: int, *, parts: bool) -> nn.ModuleDict:
    width = config.judge_width
    judges: dict[str, nn.Module] = {"pixel_adversarial": PixelDiscriminator(conditions, width)}
    if config.features:
        judges["adversarial"] = FeatureDiscriminator(LiteFeatures.channels, conditions, 2 * width)
    if parts:
        judges |= {PARTS + name: judge for name, judge in components.judges(width).items()}
    return nn.ModuleDict(judges)


def _told(name: str, shown: Shown) -> Tensor | None:
    """What a discriminator is told; of parts nothing: men's eyes are to be as open as all, drawn men's are not."""
    return None if name.startswith(PARTS) else shown[1]


def _detached(shown: Any) -> Any:
    return [x.detach() for x in shown] if isinstance(shown, list) else shown.detach()
