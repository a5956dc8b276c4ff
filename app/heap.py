"""Heap: keeps glibc from holding more memory than there is use for."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_ARENA_MAX = -8
"""`M_ARENA_MAX` of glibc's malloc.h."""


def few_arenas(libc: Any = None) -> bool:
    """Whether threads will share two of glibc's heaps; as `give_back` elsewhere.

    Every request that is slow has a thread of its own. With a heap for each of up to eight a core,
    what one left open is no room for the next: in a month of studies the service grew by 38 MB.
    To be called before there are threads. https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    mallopt = _glibc("mallopt", libc)
    if mallopt is None:
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    return bool(mallopt(_ARENA_MAX, 2))


def give_back(libc: Any = None) -> bool:
    """Whether anything went back; nothing is done where the C library is not glibc on Linux.

    A service that studies every night would otherwise stay as large as its largest moment: of 17
    MB that it had grown by, 10 went back. `libc` is the C library as ctypes has it, None for the
    process's own.
    https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    trim = _glibc("malloc_trim", libc)
    if trim is None:
        return False
    trim.argtypes, trim.restype = (ctypes.c_size_t,), ctypes.c_int
    return bool(trim(0))


def _glibc(name: str, libc: Any) -> Any:
    """A function of glibc's own; None with another C library or system."""
    if not sys.platform.startswith("linux"):
        return None
    mine = libc or ctypes.CDLL(None)
    return getattr(mine, name, None) if hasattr(mine, "gnu_get_libc_version") else None
