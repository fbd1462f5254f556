"""The discriminators of a run: what they look at, how they learn, and what they say to the generator."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn

from twingan import augment, losses
from twingan.batches import CONDITIONS
from twingan.config import TrainConfig
from twingan.discriminators import FeatureDiscriminator, PixelDiscriminator
from twingan.features import LiteFeatures
from twingan.weights import shapes

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
        domains = {target: _of_domain(config, told)}
        if config.both_ways:
            domains[source] = _of_domain(config, 0)
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
        self._learning(True)
        own = {name: self._own_loss(name, judge, real, fake) for name, judge in judges.items()}
        self.optimizer.zero_grad(set_to_none=True)
        torch.stack(list(own.values())).sum().backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self._learning(False)
        lacks = {name: losses.hinge_generator(judge(fake[0][name], fake[1])) for name, judge in judges.items()}
        return lacks, {f"judge/{name}": value.detach() for name, value in own.items()}

    def begin_with(self, state: dict[str, Tensor]) -> None:
        """Take the weights of another run's discriminators where all fit; else their conditions or widths differ."""
        if shapes(state) == shapes(self.state_dict()):
            self.load_state_dict(state)

    def _learning(self, on: bool) -> None:
        """Whether gradients reach what is trained; random projections never are."""
        for parameter in self.optimizer.param_groups[0]["params"]:
            parameter.requires_grad_(on)

    def _of(self, domain: str) -> nn.ModuleDict:
        return cast(nn.ModuleDict, self[domain])

    @staticmethod
    def _own_loss(name: str, judge: nn.Module, real: Shown, fake: Shown) -> Tensor:
        scores = judge(real[0][name], real[1]), judge(_detached(fake[0][name]), fake[1])
        return losses.hinge_discriminator(*scores)


def seen(picture: Tensor, features: LiteFeatures | None) -> dict[str, Any]:
    """What each discriminator looks at, by its name: the pixels, the features.

    Args:
        picture: [N,3,S,S] in -1 .. 1.
        features: the network that the projected one looks through.
    """
    picture = augment.discriminated(picture)
    shown: dict[str, Any] = {"pixel_adversarial": picture}
    return shown if features is None else shown | {"adversarial": features(picture)}


def _of_domain(config: TrainConfig, conditions: int) -> nn.ModuleDict:
    width = config.judge_width
    judges: dict[str, nn.Module] = {"pixel_adversarial": PixelDiscriminator(conditions, width)}
    if config.features:
        judges["adversarial"] = FeatureDiscriminator(LiteFeatures.channels, conditions, 2 * width)
    return nn.ModuleDict(judges)


def _detached(shown: Any) -> Any:
    return [x.detach() for x in shown] if isinstance(shown, list) else shown.detach()
