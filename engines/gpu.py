"""Which NVIDIA GPUs this machine has, asked of the driver itself (ctypes; nothing to install)."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_MAJOR, _MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, _MINOR
_ERRORS = {
    34: "the driver is a stub of the CUDA toolkit: install the NVIDIA driver",
    35: "the NVIDIA driver is too old for this CUDA: update it",
    100: "the driver finds no GPU: check that it is plugged in and not handed to another machine or container",
    803: "driver and kernel module are of different versions: reboot",
    999: "the driver is in an unknown state: reboot",
}


@dataclass(frozen=True)
class Gpu:
    """One GPU: its name, compute capability such as "8.9", and memory in MiB."""

    name: str
    capability: str
    memory_mib: int


@dataclass(frozen=True)
class Gpus:
    """What the driver said: `cuda` is the newest CUDA it serves ("13.0"), `problem` why there is no GPU."""

    found: tuple[Gpu, ...] = ()
    cuda: str = ""
    problem: str = ""


def find_gpus(load: Callable[[str], Any] = ctypes.CDLL) -> Gpus:
    """Ask the driver; creates no context and never raises.

    Args:
        load: opens a shared library by name.
    """
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = load(name)
    except OSError:
        return Gpus(problem=f"no NVIDIA driver ({name} not found): install it if this machine has an NVIDIA GPU")
    code = driver.cuInit(0)
    if code:
        return Gpus(problem=f"CUDA error {code}: {_ERRORS.get(code, 'run `nvidia-smi` and see what it says')}")
    count = ctypes.c_int()
    driver.cuDeviceGetCount(ctypes.byref(count))
    gpus = tuple(_gpu(driver, index) for index in range(count.value))
    return Gpus(gpus, _cuda(driver), "" if gpus else _ERRORS[100])


def _cuda(driver: Any) -> str:
    version = ctypes.c_int()
    driver.cuDriverGetVersion(ctypes.byref(version))
    return f"{version.value // 1000}.{version.value % 1000 // 10}"


def _gpu(driver: Any, index: int) -> Gpu:
    device, major, minor = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    name, memory = ctypes.create_string_buffer(256), ctypes.c_size_t()
    driver.cuDeviceGet(ctypes.byref(device), index)
    driver.cuDeviceGetName(name, 256, device)
    driver.cuDeviceGetAttribute(ctypes.byref(major), _MAJOR, device)
    driver.cuDeviceGetAttribute(ctypes.byref(minor), _MINOR, device)
    driver.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
    return Gpu(name.value.decode(errors="replace"), f"{major.value}.{minor.value}", memory.value >> 20)
