"""Runtimes that execute an exported TwinGAN graph behind one Protocol."""

from engines.base import Generator, check_batch
from engines.errors import DeviceFault, EngineError
from engines.load import load_generator

__all__ = ["DeviceFault", "EngineError", "Generator", "check_batch", "load_generator"]
