"""Runtimes that execute an exported TwinGAN graph behind one Protocol."""

from engines.base import Generator, check_batch
from engines.errors import DeviceError, EngineError
from engines.load import load_generator

__all__ = ["DeviceError", "EngineError", "Generator", "check_batch", "load_generator"]
