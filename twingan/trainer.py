"""One training step of TwinGAN."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from twingan import augment, features, judges, likeness, losses
from twingan.batches import Drawings, Sitters
from twingan.config import Stage, TrainConfig
from twingan.crowd import Crowds, variety
from twingan.data import Domain
from twingan.judges import Judges
from twingan.networks import Code, TwinGAN

PROGRESS = ("stage", "stage_start", "size", "step", "done")
Judged = tuple[Tensor, Tensor | None]
"""Pictures [N,3,S,S], and what they should match where that is known: `CONDITIONS` values each, [N,K,1,1]."""
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
        self.network = self._placed(TwinGAN(config.architecture))
        self.source, self.target = self.network.config.domains
        self.ema = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.features = self._placed(features.load(config.feature_size)) if config.features else None
        self.crowds = Crowds()
        self.judges = Judges(config, self.source, self.target, device)
        betas = (0.0, 0.99)
        trained = self.network.parameters()
        self.optimizer = torch.optim.Adam(trained, config.learning_rate, betas, fused=device == "cuda")
        self.stage = self.step = self.stage_start = self.size = self.done = 0

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
            (self.judges.optimizer, self.config.discriminator_rate),
        ):
            for group in optimizer.param_groups:
                group["lr"] = base * stage.rate

    def next_stage(self) -> None:
        """The present stage is over; `done` counts its steps."""
        self.stage, self.done = self.stage + 1, 0

    def train_step(self, people: Domain, drawings: Domain, batch: int, fade: float) -> dict[str, Tensor]:
        """One update of all networks.

        Args:
            people, drawings: the two domains, at the same picture size.
            batch: how many of each.
            fade: 0 .. 1, how far the finest resolution is faded in.

        Returns:
            The losses by name; scalars left on the device, so that nothing waits for it.
        """
        coloured = bool(self.config.colour)
        sitters = Sitters.draw(people, batch, self.config.brown_share, coloured=coloured)
        drawn = Drawings.draw(drawings, batch, coloured=coloured)
        with self.autocast():
            terms = self._terms(sitters, drawn, fade)
            total = torch.stack(
                [getattr(self.config, name.split("/")[0]) * value for name, value in terms.items()]
            ).sum()
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self._update_ema(batch)
        self.step += 1
        self.done += 1
        return {name: value.detach() for name, value in terms.items()} | self._judged

    def _terms(self, sitters: Sitters, drawings: Drawings, fade: float) -> dict[str, Tensor]:
        """All losses by name; those that need a second pass take turns, which nearly halves the cost of a step."""
        clean, drawn = sitters.clean, drawings.pictures
        fake, code = self._translate(sitters.seen, fade)
        terms = self._adversarial(self.target, (drawn, drawings.told), (fake, sitters.told))
        terms["grid"] = losses.grid(fake)
        if sitters.wanted:
            terms["eyes"] = likeness.eyes(fake)
            terms["colour"] = likeness.colour(fake, sitters.toned, sitters.alpha, sitters.wanted)
        if self.step % 2:
            terms |= self._reconstruct(code, clean, drawn, fade) | self._crowd(fake, drawn)
        elif self.step % 4:
            terms |= self._steady(fake, sitters, fade)
        else:
            terms |= self._cycle(fake, code, clean, fade)
        if self.config.both_ways:
            terms |= self._translate_back(clean, drawn, fade)
        return terms

    def _translate(self, seen: Tensor, fade: float) -> tuple[Tensor, Code]:
        """Source -> target, and the code on the way."""
        code = self.network.encode(seen, self.source, fade)
        return self.network.decode(code, self.target, seen.shape[-1], fade), code

    def _cycle(self, fake: Tensor, code: Code, clean: Tensor, fade: float) -> dict[str, Tensor]:
        """Back to the source."""
        noisy = fake + torch.randn_like(fake) * STEGANOGRAPHY_NOISE
        again = self.network.encode(noisy, self.target, fade)
        back = self.network.decode(again, self.source, clean.shape[-1], fade)
        return {"cycle": losses.picture(back, clean), "content": losses.content(again, code.detach())}

    def _translate_back(self, clean: Tensor, drawn: Tensor, fade: float) -> dict[str, Tensor]:
        """Target -> source and back; the paper's other direction."""
        size = drawn.shape[-1]
        code = self.network.encode(drawn, self.target, fade)
        fake = self.network.decode(code, self.source, size, fade)
        again = self.network.encode(fake + torch.randn_like(fake) * STEGANOGRAPHY_NOISE, self.source, fade)
        terms = self._adversarial(self.source, (clean, None), (fake, None))
        terms["cycle"] = losses.picture(self.network.decode(again, self.target, size, fade), drawn)
        terms["content"] = losses.content(again, code.detach())
        return {f"{name}/back": value for name, value in terms.items()}

    def _reconstruct(self, code: Code, clean: Tensor, drawn: Tensor, fade: float) -> dict[str, Tensor]:
        """Within a domain; the two domains take turns, which halves the cost."""
        size = drawn.shape[-1]
        if self.step % 4 == 1:
            same = self.network.decode(code, self.source, size, fade)
            return {"reconstruct/source": losses.picture(same, clean)}
        same = self.network(drawn, self.target, self.target, fade)
        return {"reconstruct/target": losses.picture(same, drawn)}

    def _crowd(self, fake: Tensor, drawn: Tensor) -> dict[str, Tensor]:
        """Drawings and real ones as crowds, as they are: what a discriminator sees is altered at random."""
        if self.features is None:
            return {}
        with torch.no_grad():
            real = self.features(drawn)
        seen = self.features(fake)
        return {"crowd": self.crowds.distance(seen, real), "variety": variety(seen, real)}

    def _steady(self, fake: Tensor, sitters: Sitters, fade: float) -> dict[str, Tensor]:
        """The same people before another background, in another light, are drawn the same."""
        again, _ = self._translate(augment.elsewhere(sitters.clean, sitters.alpha), fade)
        return {"steady": losses.picture(again, fake.detach())}

    def _adversarial(self, domain: str, real: Judged, fake: Judged) -> dict[str, Tensor]:
        """What the domain's discriminators, once updated, find the fakes to lack.

        The features of the fakes are computed once for both.
        """
        seen = self._seen(fake[0])
        with torch.no_grad():
            seen_real = self._seen(real[0])
        terms, self._judged = self.judges.judge(domain, (seen_real, real[1]), (seen, fake[1]))
        return terms

    def _seen(self, picture: Tensor) -> dict[str, Any]:
        return judges.seen(picture, self.features)

    def begin_with(self, state: dict[str, Any]) -> None:
        """Begin a new run with the averaged network of another, and with its discriminators where all of them fit.

        Args:
            state: a checkpoint, or light weights.

        Raises:
            ValueError: they are of another network.
        """
        try:
            self.ema.load_state_dict(state["ema"])
            self.network.load_state_dict(state["ema"])
        except RuntimeError as error:
            reason = str(error).splitlines()[1].strip()
            raise ValueError(f"the weights to start with are of another network ({reason})") from None
        self.judges.begin_with(state["judges"])

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

    def autocast(self) -> torch.autocast:
        """Computes in bfloat16 where that is safe and wanted."""
        return torch.autocast(self.device, torch.bfloat16, enabled=self.bf16)

    def _placed(self, module: nn.Module) -> Any:
        return module.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def state(self) -> dict[str, Any]:
        """Everything that an exact resume needs."""
        state = {name: part.state_dict() for name, part in self._kept().items()}
        rng = {"cpu": torch.get_rng_state()} | ({"cuda": torch.cuda.get_rng_state()} if self.device == "cuda" else {})
        progress = {name: getattr(self, name) for name in PROGRESS}
        return state | progress | {"rng": rng, "frozen": not self.network.training, "crowds": self.crowds.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on exactly where `state` was taken."""
        for name, part in self._kept().items():
            part.load_state_dict(state[name])
        for name in PROGRESS:
            setattr(self, name, state[name])
        self.crowds.restore(state["crowds"])
        torch.set_rng_state(state["rng"]["cpu"].cpu())
        if self.device == "cuda" and "cuda" in state["rng"]:
            torch.cuda.set_rng_state(state["rng"]["cuda"].cpu())

    def _kept(self) -> dict[str, Any]:
        """What has a state of its own, by its name in a checkpoint."""
        networks = {"network": self.network, "ema": self.ema, "judges": self.judges}
        return networks | {"optimizer": self.optimizer, "judge_optimizer": self.judges.optimizer}
