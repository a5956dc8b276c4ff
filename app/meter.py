"""Meter: processor time of Nightschool's own processes while a piece of work goes on."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import psutil

from app.energy import SYSTEM, EnergyGauge
from app.usage_records import Usage

PACE_S = 2.0
"""Looking through all processes takes some ms."""

Process = tuple[int, float]
"""Its number and when it began: numbers are given again."""


class Meter:
    """Counts from its making on: the service, the engine, the trainer, and all other children.

    `sample` is called often. What a child uses between the last sample and its end is not seen, so
    the figure is a little too small, never too large.
    """

    def __init__(self, system: Path = SYSTEM) -> None:
        self._gauge = EnergyGauge(system)
        self._before = _times()
        self._last = dict(self._before)
        self._due = time.monotonic() + PACE_S

    def sample(self) -> None:
        """Look, unless that was done just now."""
        if time.monotonic() >= self._due:
            self._look()

    def usage(self) -> Usage:
        """What was used until now."""
        self._look()
        energy = self._gauge.used()
        return Usage(
            cpu_seconds=round(sum(t - self._before.get(p, 0.0) for p, t in self._last.items()), 2),
            energy_wh=round(energy.wh, 3) if energy else None,
            energy_of=energy.of if energy else "",
        )

    def _look(self) -> None:
        self._last |= _times()
        self._gauge.sample()
        self._due = time.monotonic() + PACE_S


def _times() -> dict[Process, float]:
    """Processor seconds of this process and everything it started that still runs."""
    found = {}
    me = psutil.Process()
    for process in (me, *me.children(recursive=True)):
        with contextlib.suppress(psutil.Error):  # it ended just now
            times = process.cpu_times()
            found[process.pid, process.create_time()] = times.user + times.system
    return found
