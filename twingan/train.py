"""Train TwinGAN.

    python -m twingan.train --config configs/human2anime-lite.toml [--seconds 9000] [--device cuda]

Runs on a CPU (bf16 where it has AVX512-BF16 or AMX) and on one GPU with the same code; goes on from `out`/last.pt when
that exists. Writes losses.csv, samples/*.png and last.pt into the configuration's `out` folder.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import signal
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from twingan import warm, weights
from twingan.config import Stage, TrainConfig, load
from twingan.data import Domain
from twingan.networks import TwinGAN
from twingan.rarity import even_out
from twingan.samples import sample_sheet
from twingan.trainer import Trainer


class Log:
    """losses.csv: the mean of every loss over `every` steps, a row each."""

    def __init__(self, path: Path, every: int = 50) -> None:
        self.path, self.every = path, every
        self.sums: dict[str, list[Tensor]] = defaultdict(list)
        self.start = time.monotonic()

    def add(self, trainer: Trainer, size: int, values: dict[str, Tensor]) -> dict[str, float]:
        """Collect one step; returns the means when a row was written, else nothing."""
        for name, value in values.items():
            self.sums[name].append(value)
        if trainer.step % self.every:
            return {}
        means = {name: torch.stack(rows).float().mean().item() for name, rows in sorted(self.sums.items())}
        self.sums.clear()
        new = not self.path.exists()
        with self.path.open("a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["step", "size", "seconds", *means])
            seconds = round(time.monotonic() - self.start, 1)
            writer.writerow([trainer.step, size, seconds, *(f"{value:.4f}" for value in means.values())])
        return means


def run(
    config: TrainConfig, device: str, seconds: float, bf16: bool | None = None, start: Path | None = None
) -> Trainer:
    """Train from where `config.out` stands (else from `start`) until the stages or `seconds` are over."""
    out = Path(config.out)
    (out / "samples").mkdir(parents=True, exist_ok=True)
    trainer = Trainer(config, device, can_bf16(device) if bf16 is None else bf16)
    if (out / "last.pt").exists():
        trainer.restore(torch.load(out / "last.pt", map_location=device, weights_only=True))
    elif start:
        begin_with(trainer, start)
    end = time.monotonic() + seconds
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C ends a run as the time limit does: with a checkpoint
        while trainer.stage < len(config.stages) and time.monotonic() < end:
            _run_stage(trainer, config.stages[trainer.stage], out, end)
    save(trainer.state(), out / "last.pt")
    return trainer


def begin_with(trainer: Trainer, start: Path) -> None:
    """Give a new run the weights of a released graph, or light weights of the same network (`twingan.weights`)."""
    if start.is_dir():
        trainer.begin_with(weights.read(start))
        return
    size = trainer.config.stages[0].size
    drawn = warm.fill(trainer.network, start).drawn
    if drawn != size:
        warm.learn_size(trainer.network, trainer.config.source, drawn, size, trainer.autocast())
    trainer.ema.load_state_dict(trainer.network.state_dict())


def _run_stage(trainer: Trainer, stage: Stage, out: Path, end: float) -> None:
    """What is left of the stage that the trainer is in, or as much of it as there is time for."""
    people = Domain(trainer.config.source, stage.size, device=trainer.device)
    drawings = Domain(trainer.config.target, stage.size, device=trainer.device)
    if trainer.config.colour:
        even_out(people, drawings)
    log = Log(out / "losses.csv")
    trainer.begin(stage)
    saved = time.monotonic()
    over = saved + stage.seconds
    bar = tqdm(initial=trainer.done, total=stage.steps, unit="step", desc=f"{stage.size} px", mininterval=10)
    while trainer.done < stage.steps and time.monotonic() < min(end, over):
        fade = min(1.0, trainer.done / stage.fade) if stage.fade else 1.0
        values = trainer.train_step(people, drawings, stage.batch, fade)
        if means := log.add(trainer, stage.size, values):
            bar.set_postfix({name: f"{value:.2f}" for name, value in means.items()}, refresh=False)
        if trainer.step % trainer.config.sample_every == 0:
            sample_sheet(trainer.ema, trainer.config, stage.size, fade, out / "samples" / f"{trainer.step:06d}.png")
        if time.monotonic() - saved > trainer.config.checkpoint_minutes * 60:
            save(trainer.state(), out / "last.pt")
            saved = time.monotonic()
        bar.update()
    bar.close()
    if trainer.done >= stage.steps or time.monotonic() >= over:
        trainer.next_stage()


def save(state: dict[str, Any], path: Path) -> None:
    """Write a checkpoint; an interrupted write leaves the last one whole."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def keep(network: TwinGAN, sides: warm.Sides, output: Path) -> None:
    """Write a network that a graph was the beginning of, as `twingan.export` reads it; it is no step older."""
    state = network.cpu().state_dict()
    save({"ema": state, "step": sides.steps, "encoded": sides.encoded, "frozen": True}, output)


def can_bf16(device: str) -> bool:
    """Whether bfloat16 pays on this machine."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m twingan.train", description="Train TwinGAN; resumes by itself.")
    parser.add_argument("--config", type=Path, required=True, help="TOML file, see configs/")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop (with a checkpoint) after so long")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=["cpu", "cuda"])
    parser.add_argument("--start", type=Path, help="begin a new run with the weights of a graph or light weights")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `kill` too ends a run with a checkpoint
    try:
        run(load(options.config), options.device, options.seconds, start=options.start)
    except (FileNotFoundError, ValueError, ImportError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
