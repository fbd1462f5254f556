"""Errors of the engine room. Each message is one line that names what was got, what was expected and the remedy."""

from __future__ import annotations


class EngineError(ValueError):
    """A graph, plan or runtime that cannot be used; the message is fit to be shown to the user as it is."""


class DeviceError(EngineError):
    """The device failed while a batch ran (out of memory, lost device, kernel error).

    The generator is of no more use: close it and load it again, or load one for the CPU.
    """
