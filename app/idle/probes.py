"""Probes: every way to ask how long a person has been idle, and the first that answers."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from typing import Protocol

logger = logging.getLogger("idle")


class Probe(Protocol):
    """One way to ask."""

    @property
    def name(self) -> str:
        """What it asks, for the log."""

    def seconds(self) -> float | None:
        """Since the last input; None when it does not know."""


class Idle:
    """Asks the probe that answered last, else each in turn; none knows: None, and that is active.

    For one thread.
    """

    def __init__(self, probes: Sequence[Probe]) -> None:
        self._probes = tuple(probes)
        self._last: Probe | None = None

    def seconds(self) -> float | None:
        """Since the last input, None when nothing here knows."""
        if self._last is not None and (told := self._last.seconds()) is not None:
            return told
        for probe in self._probes:
            if probe is not self._last and (told := probe.seconds()) is not None:
                logger.info("idle time by %s", probe.name)
                self._last = probe
                return told
        self._last = None
        return None


def of_this_system() -> Idle:
    """The probes that may be believed here, best first."""
    # Imported where they work: jeepney is there on Linux alone.
    if sys.platform == "win32":
        from app.idle.windows import WindowsProbe

        return Idle([WindowsProbe()])
    if sys.platform == "darwin":
        from app.idle.macos import MacProbe

        return Idle([MacProbe()])
    from app.idle.session_bus import FREEDESKTOP, GNOME, BusProbe
    from app.idle.x11 import X11Probe

    found: list[Probe] = [BusProbe(GNOME)]
    if not under_wayland():
        found.append(X11Probe())
    return Idle([*found, BusProbe(FREEDESKTOP)])


def under_wayland() -> bool:
    """Whether the X server, if any, hears only a part of the input."""
    session = os.environ.get("XDG_SESSION_TYPE", "")
    return bool(os.environ.get("WAYLAND_DISPLAY")) or session == "wayland"
