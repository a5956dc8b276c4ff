"""Heartbeat: measures how evenly the window's thread runs (hidden; used by the bench)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer

BEAT_MS = 10


@dataclass(frozen=True)
class Beats:
    """Gaps between beats in milliseconds; `own` is the most processor time of ours in one gap.

    A long gap with little of it means that other programs held the processors.
    """

    beats: int
    p50: float
    p99: float
    worst: float
    over_50: int
    own: float


class Heartbeat(QObject):
    """A 10 ms timer in the window's thread that remembers every gap."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gaps: list[float] = []
        self._own = 0.0
        self._last = 0.0
        self._spent = 0.0
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin a measurement."""
        self._gaps.clear()
        self._own = 0.0
        self._last, self._spent = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> Beats:
        """End it and tell."""
        self._timer.stop()
        gaps = sorted(self._gaps) or [0.0]
        return Beats(
            beats=len(gaps),
            p50=gaps[len(gaps) // 2],
            p99=gaps[min(len(gaps) - 1, int(len(gaps) * 0.99))],
            worst=gaps[-1],
            over_50=sum(gap > 50 for gap in gaps),
            own=self._own,
        )

    def _beat(self) -> None:
        now, spent = time.perf_counter(), time.thread_time()
        self._gaps.append((now - self._last) * 1000)
        self._own = max(self._own, (spent - self._spent) * 1000)
        self._last, self._spent = now, spent
