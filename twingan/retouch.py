"""Draw eyes and mouths anew, like those of real drawings, and leave all else as it was.

    python -m twingan.retouch runs/human2anime-lite/sharp.pt --config configs/human2anime-lite.toml \\
        --drawings data/packed/dyed/anime-256 -o runs/human2anime-lite/retouched.pt

A discriminator of whole pictures sees eyes in few of its scores, and training longer for their sake changes heads that
were good. Here discriminators of eyes and mouth alone (`twingan.lines.Parts`) compare with real drawings, while
everywhere else the network must draw what it drew before.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from twingan import augment, likeness, losses
from twingan.components import LEFT, MOUTH, RIGHT
from twingan.config import load
from twingan.data import Domain
from twingan.export import averaged, read_checkpoint
from twingan.likeness import area_of, cells
from twingan.lines import Parts
from twingan.networks import TwinGAN
from twingan.schedule import along_cosine, averaging
from twingan.train import can_bf16, save

KEPT, TONES, STEADY, EYES = 10.0, 0.4, 3.0, 2.0
"""Weights: of what is drawn elsewhere, of the mean tones within, of being the same in another light, and of
`likeness.eyes`."""
JUDGED = 0.25
"""Weight of each discriminator."""
MARGIN = 0.5
"""Sixteenths of the side by which what may change is smaller than what is judged."""
CELLS = 16
"""Tones are compared as means of cells, so many a side."""
EMA_STEPS = 100
"""Half-life of the averaged network, which is what is kept."""


class Retoucher:
    """A frozen network, and its copy that learns to draw better eyes.

    Args:
        network: sharpened, its statistics frozen.
        drawn: side of what it draws.
        parts: what judges eyes and mouths.
        device: "cpu" or "cuda".
        rate: Adam's learning rate at the start; it falls to zero along a cosine.
    """

    def __init__(self, network: TwinGAN, drawn: int, parts: Parts, device: str, rate: float) -> None:
        self.before = network.to(device).eval().requires_grad_(False)
        self.network = copy.deepcopy(self.before).requires_grad_(True)
        self.drawn, self.parts, self.device, self.rate = drawn, parts, device, rate
        self.source, self.target = network.config.domains
        self.optimizer = torch.optim.Adam(self.network.parameters(), rate, (0.9, 0.99))
        self.mean = averaging(self.network, EMA_STEPS)
        self.elsewhere = 1 - _parts_of_face(drawn).to(device)

    def step(self, person: Tensor, progress: float) -> dict[str, Tensor]:
        """One update.

        Args:
            person: RGBA [N,4,S,S] in -1 .. 1 of the side that is encoded.
            progress: 0 .. 1, how much of the run is done.

        Returns:
            The losses by name, detached.
        """
        along_cosine(self.optimizer, self.rate, progress)
        seen, clean, alpha = augment.camera(person)
        with torch.autocast(self.device, torch.bfloat16, enabled=can_bf16(self.device)):
            with torch.no_grad():
                before = self._draw(self.before, seen)
            drawn = self._draw(self.network, seen)
            again = self._draw(self.network, augment.elsewhere(clean, alpha))
        terms = self._terms(drawn.float(), before.float(), again.float())
        self.optimizer.zero_grad(set_to_none=True)
        torch.stack(list(terms.values())).sum().backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.mean.update_parameters(self.network)
        return {name: value.detach() for name, value in terms.items()}

    def _terms(self, drawn: Tensor, before: Tensor, again: Tensor) -> dict[str, Tensor]:
        kept, was = drawn * self.elsewhere, before * self.elsewhere
        return {
            "kept": KEPT * losses.unlike(kept, was),
            "tones": TONES * losses.picture(cells(drawn, CELLS), cells(before, CELLS)),
            "steady": STEADY * losses.picture(again, drawn.detach()),
            "eyes": EYES * likeness.eyes(drawn),
            "judged": JUDGED * self.parts.lack(drawn),
        }

    def _draw(self, network: TwinGAN, seen: Tensor) -> Tensor:
        return network.decode(network.encode(seen, self.source), self.target, self.drawn)


def _parts_of_face(side: int) -> Tensor:
    """[1,1,S,S]: 1 within eyes and mouth, 0 elsewhere, soft between."""
    inside = torch.zeros(1, 1, side, side)
    for top, bottom, left, right in (LEFT, RIGHT, MOUTH):
        area_of(inside, (top + MARGIN, bottom - MARGIN, left + MARGIN, right - MARGIN)).fill_(1)
    return functional.avg_pool2d(inside, side // 16 + 1, 1, side // 32, count_include_pad=False)


def run(retoucher: Retoucher, people: Domain, steps: int, batch: int) -> TwinGAN:
    """Train; returns the network, averaged over the last steps."""
    bar = tqdm(range(steps), desc="retouched", unit="step", mininterval=10)
    for step in bar:
        terms = retoucher.step(people.draw(batch), step / steps)
        if step % 20 == 0:
            bar.set_postfix({name: f"{value.item():.3f}" for name, value in terms.items()}, refresh=False)
    return cast(TwinGAN, retoucher.mean.module.eval())


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    config = load(options.config)
    torch.manual_seed(config.seed)
    state = read_checkpoint(options.checkpoint)
    if not state.get("encoded"):
        raise SystemExit(f"{options.checkpoint} is not sharpened: run `python -m twingan.sharpen` first")
    encoded, drawn = state["encoded"], 2 * state["encoded"]
    try:
        parts = Parts(Domain(options.drawings, drawn, device=options.device), options.device)
        people = Domain(config.source, encoded, device=options.device)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    retoucher = Retoucher(averaged(state, config), drawn, parts, options.device, options.rate)
    network = run(retoucher, people, options.steps, options.batch)
    retouched = {"ema": network.cpu().state_dict(), "step": state["step"], "encoded": encoded, "frozen": True}
    save(retouched, options.output)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.retouch", description="Better eyes, the rest unchanged.")
    parser.add_argument("checkpoint", type=Path, help="what `twingan.sharpen` made")
    parser.add_argument("--config", type=Path, required=True, help="the run's TOML file")
    parser.add_argument("--drawings", required=True, help="packed real drawings of the size that is drawn")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1.2e-4, help="learning rate (default %(default)s)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=["cpu", "cuda"])
    parser.add_argument("-o", "--output", type=Path, required=True)
    return parser


if __name__ == "__main__":
    main()
