"""Learn to read from a photo what somebody does, so that a portrait can do the same.

    python -m twingan.act data/packed/acted/people --held-out data/packed/acted/held -o runs/reader.pt

The photos are those of `twingan.acted`, before other backgrounds and in other light. `twingan.mime` puts what was
learnt behind a graph's network.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from twingan import augment
from twingan.learning import Learning, add_arguments
from twingan.part import MAN
from twingan.pixels import to_tensor
from twingan.reader import Reader
from twingan.train import save

WEIGHTS = (3.0, 3.0, 2.0, 1.0, 1.0, 0.5, 0.5, 0.5, 1.0)
"""Of the numbers that are read, see `part.Part.told`: what is seen most counts most."""
BETA = 0.1
"""Errors above this count linearly: a face mesh errs at times."""
KEEP_SECONDS = 240.0
SHUT, OPEN = (0.15, 0.35), (0.9, 0.65)
"""Openness of eyes that are shut or open, and up to or from where it is read so."""


class People:
    """Photos of people and what they do, as `twingan.acted` wrote them.

    Args:
        path: without suffix.

    Raises:
        FileNotFoundError: not made yet; the message has the command.
    """

    def __init__(self, path: Path) -> None:
        array = path.with_suffix(".npy")
        if not array.is_file():
            raise FileNotFoundError(f"{array} is missing: make it with `python -m twingan.acted` (docs/training.md)")
        self.photos = np.load(array, mmap_mode="r")
        rows = json.loads(path.with_suffix(".json").read_text())["pictures"]
        self.told = torch.tensor([row["part"] for row in rows])

    def __len__(self) -> int:
        return len(self.photos)

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """Some by chance (torch's global generator), every other one mirrored: see `take`."""
        person, told = self.take(torch.randperm(len(self))[:count].sort().values)
        flip = torch.rand(count) < 0.5
        return torch.where(flip[:, None, None, None], person.flip(-1), person), torch.where(
            flip[:, None], mirrored(told), told
        )

    def take(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """RGBA [N,4,S,S] in -1 .. 1 and what they do, [N,9] (`part.Part.told`)."""
        return to_tensor(self.photos[numbers.numpy()]), self.told[numbers]


def mirrored(told: Tensor) -> Tensor:
    """What the mirror images of people do, [N,9]."""
    left, right, gap, smile, turned, *others = told.unbind(1)
    return torch.stack([right, left, gap, smile, -turned, *others], 1)


class Learner(Learning[Reader]):
    """A `Reader` that learns."""

    def __init__(self, rate: float) -> None:
        super().__init__(Reader(), rate)

    def step(self, person: Tensor, told: Tensor, progress: float) -> float:
        """One update; `progress` is 0 .. 1. Returns the loss."""
        off = functional.smooth_l1_loss(self.reader(augment.in_place(person)), told, reduction="none", beta=BETA)
        loss = (off * torch.tensor(WEIGHTS)).mean()
        return self.update(loss, progress)


def run(learner: Learner, people: People, steps: int, batch: int, output: Path) -> None:
    """Train; what was learnt is written every now and then, and at the end."""

    def keep(done: int) -> None:
        save({"reader": learner.learnt().state_dict(), "step": done}, output)

    bar = tqdm(range(steps), desc="acting", unit="step", mininterval=10)
    kept, done = time.monotonic(), 0
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C ends a run early, with a result
        for step in bar:
            loss = learner.step(*people.draw(batch), step / steps)
            done = step + 1
            if step % 20 == 0:
                bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
            if time.monotonic() - kept > KEEP_SECONDS:
                kept = time.monotonic()
                keep(done)
    keep(done)


@torch.no_grad()
def measured(reader: nn.Module, people: People) -> dict[str, float]:
    """How well others are read: mean absolute errors, and shares of eyes and of sexes that are read as they are."""
    torch.manual_seed(0)
    chunks = torch.arange(len(people)).chunk(-(-len(people) // 32))
    read, told = (
        torch.cat(part) for part in zip(*[_read(reader, *people.take(chunk)) for chunk in chunks], strict=True)
    )
    off, eyes, own = (read - told).abs().mean(0), read[:, :2], told[:, :2]
    names = ("left", "right", "gap", "smile", "turned", "lightness", "red", "yellow", "man")
    shares = {
        "shut": (eyes[own < SHUT[0]] < SHUT[1]),
        "open": (eyes[own > OPEN[0]] > OPEN[1]),
        "sex": (read[:, MAN] > 0.5) == (told[:, MAN] > 0.5),
    }
    errors = {f"off {name}": round(value.item(), 3) for name, value in zip(names, off, strict=True)}
    return errors | {name: round(right.float().mean().item(), 3) for name, right in shares.items()}


def _read(reader: nn.Module, person: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
    return reader(augment.in_place(person)), told


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    torch.manual_seed(options.seed)
    try:
        people, others = People(options.people), People(options.held_out)
    except OSError as error:
        raise SystemExit(str(error)) from None
    options.output.parent.mkdir(parents=True, exist_ok=True)
    learner = Learner(options.rate)
    run(learner, people, options.steps, options.batch, options.output)
    print(json.dumps(measured(learner.learnt(), others)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.act", description="Read what somebody does.")
    add_arguments(parser, people="what `twingan.acted` made", steps=4000, batch=32)
    return parser


if __name__ == "__main__":
    main()
