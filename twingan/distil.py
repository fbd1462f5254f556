"""Teach a smaller network to draw what a larger one draws.

    python -m twingan.distil runs/human2anime-full/last.pt --config configs/human2anime-full.toml \\
        --student configs/human2anime-lite.toml --begin runs/human2anime-lite/light -o runs/human2anime-lite/taught.pt

The large network's drawing of the very picture is known, so no discriminator is needed: the student is told what to
draw, pixel by pixel and as a frozen feature network sees it. Colours are asked for once more, by the people's own: a
student need not learn its teacher's slips.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from twingan import features, likeness, losses
from twingan.batches import Sitters
from twingan.config import TrainConfig, load
from twingan.data import Domain
from twingan.export import averaged, read_checkpoint
from twingan.networks import TwinGAN
from twingan.schedule import Averaged
from twingan.train import can_bf16, save

SEEN = 0.2
"""Weight of the difference that the feature network sees, beside that of the pixels."""
COLOUR = 0.3
"""Weight of `likeness.colour`, whose gradient is twice as large as the pixels' with it (measured)."""
EMA_STEPS = 50
"""Half-life of the averaged student, which is what is kept."""


class Distiller:
    """A frozen teacher and the student that learns its drawings, norms frozen as they are.

    Args:
        teacher, student: trained at `size`; the student is trained in place.
        size: side of the pictures.
        device: "cpu" or "cuda".
        rate: Adam's learning rate at the start; it falls to zero along a cosine.
    """

    def __init__(self, teacher: TwinGAN, student: TwinGAN, size: int, device: str, rate: float = 4e-4) -> None:
        self.teacher = teacher.to(device).eval().requires_grad_(False)
        self.student = student.to(device).eval()
        self.features = features.load().to(device)
        self.size, self.device = size, device
        optimizer = torch.optim.Adam(self.student.parameters(), rate, (0.9, 0.99))
        self.learning = Averaged(self.student, optimizer, rate, EMA_STEPS)

    def step(self, sitters: Sitters, progress: float) -> dict[str, Tensor]:
        """One update; `progress` 0 .. 1 is how much of the run is done. Returns the losses by name."""
        with torch.autocast(self.device, torch.bfloat16, enabled=can_bf16(self.device)):
            with torch.no_grad():
                wanted = self._draw(self.teacher, sitters.seen)
                wanted_maps = self.features(wanted)
            drawn = self._draw(self.student, sitters.seen)
            maps = self.features(drawn)
        terms = {
            "picture": losses.unlike(drawn, wanted),
            "seen": SEEN * losses.alike(maps, wanted_maps),
        }
        if sitters.wanted:
            terms["colour"] = COLOUR * likeness.colour(drawn, sitters.toned, sitters.alpha, sitters.wanted)
        self.learning.update(torch.stack(list(terms.values())).sum(), progress)
        return {name: value.detach() for name, value in terms.items()}

    def _draw(self, network: TwinGAN, seen: Tensor) -> Tensor:
        source, target = network.config.domains
        drawn: Tensor = network(seen, source, target)
        return drawn


def run(distiller: Distiller, config: TrainConfig, steps: int, batch: int) -> TwinGAN:
    """Train the student; returns it, averaged over the last steps."""
    torch.manual_seed(config.seed)
    people = Domain(config.source, distiller.size, device=distiller.device)
    bar = tqdm(range(steps), desc="taught", unit="step", mininterval=10)
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C ends a run early, with a result
        for step in bar:
            sitters = Sitters.draw(people, batch, config.brown_share, coloured=bool(config.colour))
            terms = distiller.step(sitters, step / steps)
            if step % 20 == 0:
                bar.set_postfix({name: f"{value.item():.3f}" for name, value in terms.items()}, refresh=False)
    return distiller.learning.learnt()


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m twingan.distil", description="Teach a smaller network.")
    parser.add_argument("teacher", type=Path, help="its checkpoint or light weights")
    parser.add_argument("--config", type=Path, required=True, help="the teacher's TOML file")
    parser.add_argument("--student", type=Path, required=True, help="the student's TOML file")
    parser.add_argument("--begin", type=Path, required=True, help="checkpoint or light weights the student begins with")
    parser.add_argument("--size", type=int, default=128, help="side in pixels that both have grown to (default 128)")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=["cpu", "cuda"])
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    config = load(options.student)
    teacher, _ = _trained(options.teacher, load(options.config))
    student, begun = _trained(options.begin, config)
    taught = run(Distiller(teacher, student, options.size, options.device), config, options.steps, options.batch)
    save({"ema": taught.cpu().state_dict(), "step": begun + options.steps, "frozen": True}, options.output)


def _trained(path: Path, config: TrainConfig) -> tuple[TwinGAN, int]:
    """The averaged network of a checkpoint with frozen norms, and the steps it was trained for."""
    state = read_checkpoint(path)
    if not state.get("frozen"):
        raise SystemExit(f"{path}: end its run with a frozen stage first (docs/training.md)")
    return averaged(state, config), int(state["step"])


if __name__ == "__main__":
    main()
