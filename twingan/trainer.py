"""One training step of TwinGAN."""

from __future__ import annotations

import copy
from typing import Any, cast

import torch
from torch import Tensor, nn

from twingan import augment, features, losses, skin
from twingan.config import SIZES, Stage, TrainConfig
from twingan.discriminators import FeatureDiscriminator, PixelDiscriminator
from twingan.networks import Code, TwinGAN
from twingan.skin import Skin

PROGRESS = ("stage", "stage_start", "size", "step")
STEGANOGRAPHY_NOISE = 0.04
"""Standard deviation of noise on a drawing before it is encoded again: hides no message from the cycle loss."""


class Trainer:
    """Networks, optimizers and one training step.

    Args:
        config: the run.
        device: "cpu" or "cuda".
        bf16: compute in bfloat16 where that is safe.
    """

    def __init__(self, config: TrainConfig, device: str, bf16: bool) -> None:
        torch.manual_seed(config.seed)
        self.config, self.device, self.bf16 = config, device, bf16
        self.network = self._placed(TwinGAN(SIZES[config.network]))
        self.source, self.target = self.network.config.domains
        self.ema = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.features = self._placed(features.load()) if config.features else None
        self.judges = nn.ModuleDict({self.target: self._judge()})
        if config.both_ways:
            self.judges[self.source] = self._judge()
        betas = (0.0, 0.99)
        self.optimizer = torch.optim.Adam(self.network.parameters(), config.learning_rate, betas)
        trained = [p for p in self.judges.parameters() if p.requires_grad]
        self.judge_optimizer = torch.optim.Adam(trained, config.discriminator_rate, betas)
        self.stage = self.step = self.stage_start = self.size = 0

    def begin(self, stage: Stage) -> None:
        """Set a stage's learning rates and norms; where the network grows with it, its averaged twin starts afresh."""
        self.network.train(not stage.frozen)
        if stage.frozen:
            averaged = {name: value for name, value in self.ema.state_dict().items() if ".running_" in name}
            self.network.load_state_dict(averaged, strict=False)
        if stage.size != self.size:
            self.size, self.stage_start = stage.size, self.step
        for optimizer, base in (
            (self.optimizer, self.config.learning_rate),
            (self.judge_optimizer, self.config.discriminator_rate),
        ):
            for group in optimizer.param_groups:
                group["lr"] = base * stage.rate

    def train_step(self, person: Tensor, drawing: Tensor, fade: float) -> dict[str, float]:
        """One update of all networks.

        Args:
            person: RGBA [N,4,S,S] of the source domain, -1 .. 1.
            drawing: RGBA [N,4,S,S] of the target domain.
            fade: 0 .. 1, how far the finest resolution is faded in.

        Returns:
            The losses by name.
        """
        seen, clean, alpha = augment.camera(person)
        drawn = augment.warp(drawing[:, :3], turn=0.05, zoom=0.05, move=0.02)
        if self.config.brown:
            drawn = skin.retoned(drawn, skin.drawn_mask(drawn), skin.browns(len(drawn), self.config.brown_share, drawn))
        people = Skin.of(clean, alpha, self.config.brown_share)
        with self._autocast():
            terms, code = self._translate(people, seen, clean, alpha, drawn, fade)
            terms |= self._reconstruct(code, people.brown(clean), drawn, fade)
            if self.config.both_ways:
                terms |= self._translate_back(clean, drawn, fade)
            total = torch.stack(
                [getattr(self.config, name.split("/")[0]) * value for name, value in terms.items()]
            ).sum()
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self._update_ema(len(person))
        self.step += 1
        return {name: value.item() for name, value in terms.items()} | self._judged

    def _translate(
        self, people: Skin, seen: Tensor, clean: Tensor, alpha: Tensor, drawn: Tensor, fade: float
    ) -> tuple[dict[str, Tensor], Code]:
        """Source -> target and back."""
        size = seen.shape[-1]
        code = self.network.encode(people.brown(seen), self.source, fade)
        fake = self.network.decode(code, self.target, size, fade)
        terms = self._adversarial(self.target, drawn, fake)
        noisy = fake + torch.randn_like(fake) * STEGANOGRAPHY_NOISE
        again = self.network.encode(noisy, self.target, fade)
        terms["cycle"] = losses.picture(self.network.decode(again, self.source, size, fade), people.brown(clean))
        terms["content"] = losses.content(again, code.detach())
        terms["colour"] = losses.colour(fake, people.flat(clean), alpha)
        terms["brown"] = self._brown(people, seen, fake, fade)
        return terms, code

    def _brown(self, people: Skin, seen: Tensor, fake: Tensor, fade: float) -> Tensor:
        """Drawings of brown people against the averaged network's drawings of the same people with light skin."""
        chosen = people.differs
        if not (self.config.brown and chosen.any()):
            return fake.new_zeros(())
        with torch.no_grad():
            light = self.ema(people.lit(seen)[chosen], self.source, self.target, fade)
        return losses.brown(fake[chosen], light, people.change[chosen])

    def _translate_back(self, clean: Tensor, drawn: Tensor, fade: float) -> dict[str, Tensor]:
        """Target -> source and back; the paper's other direction."""
        size = drawn.shape[-1]
        code = self.network.encode(drawn, self.target, fade)
        fake = self.network.decode(code, self.source, size, fade)
        again = self.network.encode(fake + torch.randn_like(fake) * STEGANOGRAPHY_NOISE, self.source, fade)
        terms = self._adversarial(self.source, clean, fake)
        terms["cycle"] = losses.picture(self.network.decode(again, self.target, size, fade), drawn)
        terms["content"] = losses.content(again, code.detach())
        return {f"{name}/back": value for name, value in terms.items()}

    def _reconstruct(self, code: Code, clean: Tensor, drawn: Tensor, fade: float) -> dict[str, Tensor]:
        """Within a domain; the two domains take turns, which halves the cost."""
        size = drawn.shape[-1]
        if self.step % 2:
            same = self.network.decode(code, self.source, size, fade)
            return {"reconstruct/source": losses.picture(same, clean)}
        same = self.network(drawn, self.target, self.target, fade)
        return {"reconstruct/target": losses.picture(same, drawn)}

    def _adversarial(self, domain: str, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """Update the domain's discriminators, then judge the fakes for the generator.

        The features of the fakes are computed once for both.
        """
        judge = cast(nn.ModuleDict, self.judges[domain])
        real, fake = augment.discriminated(real), augment.discriminated(fake)
        seen = self._seen(fake)
        judge.requires_grad_(True)
        with torch.no_grad():
            seen_real = self._seen(real)
        loss = torch.zeros((), device=real.device)
        self._judged = {}
        for name, scores in judge.items():
            one = losses.hinge_discriminator(scores(seen_real[name]), scores(_detached(seen[name])))
            self._judged[f"judge/{name}"] = one.item()
            loss = loss + one
        self.judge_optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.judge_optimizer.step()
        judge.requires_grad_(False)
        return {name: losses.hinge_generator(scores(seen[name])) for name, scores in judge.items()}

    def _seen(self, picture: Tensor) -> dict[str, Any]:
        """What each discriminator looks at."""
        seen: dict[str, Any] = {"pixel_adversarial": picture}
        if self.features is not None:
            seen["adversarial"] = self.features(picture)
        return seen

    def _judge(self) -> nn.ModuleDict:
        judges: dict[str, nn.Module] = {"pixel_adversarial": PixelDiscriminator()}
        if self.features is not None:
            judges["adversarial"] = FeatureDiscriminator(features.LiteFeatures.channels)
        placed: nn.ModuleDict = self._placed(nn.ModuleDict(judges))
        return placed

    @torch.no_grad()
    def _update_ema(self, images: int) -> None:
        """Weights and running statistics alike, so that the averaged network is consistent.

        The average is short at first and again after every growth, whose new layers start at random.
        """
        done = (self.step - self.stage_start) * images
        keep = 0.5 ** (images / min(self.config.ema_images, max(done, 1) * 0.2 + images))
        for mean, now in zip(self.ema.state_dict().values(), self.network.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(now, 1 - keep)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device, torch.bfloat16, enabled=self.bf16)

    def _placed(self, module: nn.Module) -> Any:
        return module.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def state(self) -> dict[str, Any]:
        """Everything that an exact resume needs."""
        names = ("network", "ema", "judges", "optimizer", "judge_optimizer")
        state = {name: getattr(self, name).state_dict() for name in names}
        rng = {"cpu": torch.get_rng_state()} | ({"cuda": torch.cuda.get_rng_state()} if self.device == "cuda" else {})
        progress = {name: getattr(self, name) for name in PROGRESS}
        return state | progress | {"rng": rng, "frozen": not self.network.training}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on exactly where `state` was taken."""
        for name in ("network", "ema", "judges", "optimizer", "judge_optimizer"):
            getattr(self, name).load_state_dict(state[name])
        for name in PROGRESS:
            setattr(self, name, state[name])
        torch.set_rng_state(state["rng"]["cpu"].cpu())
        if self.device == "cuda" and "cuda" in state["rng"]:
            torch.cuda.set_rng_state(state["rng"]["cuda"].cpu())


def _detached(seen: Any) -> Any:
    return [x.detach() for x in seen] if isinstance(seen, list) else seen.detach()
