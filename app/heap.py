"""Heap: gives the memory that glibc keeps after large work back to the system."""

from __future__ import annotations

import ctypes
import sys
from typing import Any


def give_back(libc: Any = None) -> bool:
    """Whether anything went back; nothing is done where the C library is not glibc on Linux.

    A service that studies every night would otherwise stay as large as its largest moment: of 17
    MB that it had grown by, 10 went back. `libc` is the C library as ctypes has it, None for the
    process's own.
    https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    if not sys.platform.startswith("linux"):
        return False
    trim = getattr(libc or ctypes.CDLL(None), "malloc_trim", None)  # musl has none
    if trim is None:
        return False
    trim.argtypes, trim.restype = (ctypes.c_size_t,), ctypes.c_int
    return bool(trim(0))
