"""What can be said of a graph's file before any runtime opens it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from engines.errors import EngineError

_LFS = b"version https://git-lfs"
_ZIP = b"PK\x03\x04"


def check_graph_file(path: str | Path) -> Path:
    """The path, if a file is there that may be an ONNX graph.

    Raises:
        EngineError: nothing is there, or something that is certainly another thing; the remedy is named.
    """
    path = Path(path)
    if path.is_dir():
        raise EngineError(f"{path} is a folder, expected an ONNX file{_if_saved_model(path)}")
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except FileNotFoundError:
        raise EngineError(f"the model {path} does not exist: check the path; released models lie in models/") from None
    except OSError as error:
        raise EngineError(f"the model {path} cannot be read ({error.strerror}): check its permissions") from None
    _check_head(path, head)
    return path


def sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_head(path: Path, head: bytes) -> None:
    if not head:
        raise EngineError(f"the model {path} is empty: fetch it again")
    if head.startswith(_LFS):
        raise EngineError(f"{path} is a git-LFS pointer, not the model itself: run `git lfs pull`")
    if head.startswith(_ZIP) or path.suffix in {".pt", ".pth"}:
        raise EngineError(f"{path} looks like a PyTorch checkpoint: export it with `python -m twingan.export`")
    if path.suffix in {".plan", ".engine"}:
        raise EngineError(f"{path} is a TensorRT plan: name the .onnx graph, its plan is found in the engine cache")
    if path.suffix == ".pb":
        raise EngineError(f"{path} is a TensorFlow graph: convert it with `python -m twingan.import_graph {path}`")


def _if_saved_model(path: Path) -> str:
    if (path / "saved_model.pb").is_file():
        return f": convert this SavedModel with `python -m twingan.import_graph {path}`"
    return ""
