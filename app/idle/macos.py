"""MacOS: the idle time from Quartz Event Services, in seconds."""

from __future__ import annotations

import ctypes
from typing import Any

LIBRARY = "/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices"

_HID_STATE = 1
_ANY_INPUT = 0xFFFFFFFF


class MacProbe:
    """Asks for keyboard and mouse themselves (kCGEventSourceStateHIDSystemState).

    `library` is the system's own unless given.
    """

    name = "CGEventSourceSecondsSinceLastEventType"

    def __init__(self, library: Any = None) -> None:
        self._library = library

    def seconds(self) -> float | None:
        """Since the last input; None when the framework cannot be loaded, or tells nonsense."""
        try:
            if self._library is None:
                self._library = ctypes.CDLL(LIBRARY)
            ask = self._library.CGEventSourceSecondsSinceLastEventType
        except (OSError, AttributeError):
            return None
        ask.argtypes = (ctypes.c_int32, ctypes.c_uint32)
        ask.restype = ctypes.c_double
        told = float(ask(_HID_STATE, _ANY_INPUT))
        return told if told >= 0 else None
