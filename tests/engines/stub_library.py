"""Shared libraries that have names and nothing behind them, written without a compiler.

The Python bindings of TensorRT refuse to load without libnvinfer, which is gigabytes and not on PyPI for 10 and 11.
With these in its place they load, and their classes, enumerations and signatures can be read. Linux on x86-64 only.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

PAGE = 0x1000
RETURN_ZERO = b"\x31\xc0\xc3"  # xor eax, eax; ret
_LOAD, _DYNAMIC, _STACK = 1, 2, 0x6474E551
_EXECUTE, _WRITE, _READ = 1, 2, 4
_HASH, _STRTAB, _SYMTAB, _STRSZ, _SYMENT, _SONAME = 4, 5, 6, 10, 11, 14


def write_stub(path: Path, functions: Sequence[str]) -> None:
    """An ELF library whose functions all return 0 or a null pointer.

    Args:
        path: file to write; its name becomes the library's.
        functions: C or mangled names to define.
    """
    code = 64 + 4 * 56  # Behind the header and four program headers.
    symbols = code + 16
    strings = b"\0" + b"".join(name.encode() + b"\0" for name in [path.name, *functions])
    table = symbols + 24 * (len(functions) + 1)
    hashes = -(-(table + len(strings)) // 8) * 8
    first = _symbols(functions, strings, code)
    chain = _one_bucket(len(functions) + 1)
    image = bytearray(PAGE * (-(-(hashes + len(chain)) // PAGE)))
    dynamic = _dynamic(path.name, strings, symbols, table, hashes)
    image[:64] = _header()
    image[64:code] = _segments(len(image), len(dynamic))
    for offset, part in ((code, RETURN_ZERO), (symbols, first), (table, strings), (hashes, chain)):
        image[offset : offset + len(part)] = part
    path.write_bytes(bytes(image) + dynamic)


def _header() -> bytes:
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)  # 64 bits, little endian, version 1.
    return ident + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 4, 64, 0, 0)


def _segments(text: int, dynamic: int) -> bytes:
    def segment(kind: int, flags: int, offset: int, size: int, align: int) -> bytes:
        return struct.pack("<IIQQQQQQ", kind, flags, offset, offset, offset, size, size, align)

    return (
        segment(_LOAD, _READ | _EXECUTE, 0, text, PAGE)
        + segment(_LOAD, _READ | _WRITE, text, dynamic, PAGE)
        + segment(_DYNAMIC, _READ | _WRITE, text, dynamic, 8)
        + segment(_STACK, _READ | _WRITE, 0, 0, 16)
    )


def _symbols(functions: Sequence[str], strings: bytes, code: int) -> bytes:
    named = b"".join(
        struct.pack("<IBBHQQ", strings.index(b"\0" + name.encode() + b"\0") + 1, 0x12, 0, 1, code, len(RETURN_ZERO))
        for name in functions
    )
    return bytes(24) + named


def _one_bucket(count: int) -> bytes:
    """A hash table in which every name has the same hash: the loader walks the chain 1, 2, ..."""
    chain = [*range(2, count), 0]
    return struct.pack(f"<{4 + len(chain)}I", 1, count, min(1, count - 1), 0, *chain)


def _dynamic(name: str, strings: bytes, symbols: int, table: int, hashes: int) -> bytes:
    soname = strings.index(b"\0" + name.encode() + b"\0") + 1
    entries = [
        (_HASH, hashes),
        (_STRTAB, table),
        (_SYMTAB, symbols),
        (_STRSZ, len(strings)),
        (_SYMENT, 24),
        (_SONAME, soname),
        (0, 0),
    ]
    return b"".join(struct.pack("<QQ", *entry) for entry in entries)
