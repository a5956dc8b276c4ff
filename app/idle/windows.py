"""Windows: the idle time from GetLastInputInfo and GetTickCount, both in milliseconds."""

from __future__ import annotations

import ctypes
from typing import Any

_WRAP = 1 << 32
"""The tick count begins anew after 49.7 days."""


class LastInput(ctypes.Structure):
    """LASTINPUTINFO of winuser.h."""

    _fields_ = (("size", ctypes.c_uint32), ("time", ctypes.c_uint32))


class WindowsProbe:
    """Asks for this session; `user32` and `kernel32` are the system's own unless given."""

    name = "GetLastInputInfo"

    def __init__(self, user32: Any = None, kernel32: Any = None) -> None:
        self._user32 = user32
        self._kernel32 = kernel32

    def seconds(self) -> float | None:
        """Since the last input in this session."""
        windll: Any = getattr(ctypes, "windll", None)
        user32 = self._user32 or windll.user32
        kernel32 = self._kernel32 or windll.kernel32
        last = LastInput(size=ctypes.sizeof(LastInput))
        if not user32.GetLastInputInfo(ctypes.byref(last)):
            return None
        return float((kernel32.GetTickCount() - last.time) % _WRAP) / 1000
