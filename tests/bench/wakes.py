"""Wakes: what processes cost while nothing happens: processor time, and how often threads wake."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

Thread = tuple[int, str]
"""Process and thread number."""


@dataclass(frozen=True)
class Wakes:
    """Of all processes together in so many seconds: processor seconds, and each thread's wakes."""

    seconds: float
    cpu: float
    each: dict[Thread, int]

    @property
    def busiest(self) -> float:
        """Wakes a second of the thread that woke most often."""
        return max(self.each.values(), default=0) / self.seconds

    @property
    def together(self) -> float:
        """Wakes a second of all threads."""
        return sum(self.each.values()) / self.seconds


class WakeCounter:
    """Counts from its making on (Linux: voluntary switches of context, as /proc tells them)."""

    def __init__(self, processes: Sequence[psutil.Process]) -> None:
        self._processes = processes
        self._began = time.monotonic()
        self._cpu = self._seconds()
        self._before = self._counts()

    def stop(self) -> Wakes:
        """What it was until now."""
        after = self._counts()
        return Wakes(
            seconds=time.monotonic() - self._began,
            cpu=self._seconds() - self._cpu,
            each={thread: count - self._before.get(thread, 0) for thread, count in after.items()},
        )

    def _seconds(self) -> float:
        times = [one.cpu_times() for one in self._processes]
        return float(sum(one.user + one.system for one in times))

    def _counts(self) -> dict[Thread, int]:
        found = {}
        for one in self._processes:
            for task in Path(f"/proc/{one.pid}/task").iterdir():
                told = (task / "status").read_text()
                count = told.partition("\nvoluntary_ctxt_switches:")[2].split()[0]
                found[one.pid, task.name] = int(count)
        return found
