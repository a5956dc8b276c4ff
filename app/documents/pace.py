"""Pace: when a scan is due after changes, so that a thousand of them cost one scan."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Seconds: a scan comes after `quiet`, under constant change every `patience`.

    The root is looked at every `look`. Without events a scan comes every `poll`, or more seldom
    where scans are slow; with them every `safety`, lest anything was lost.
    """

    quiet: float = 1.0
    patience: float = 10.0
    look: float = 6.0
    poll: float = 60.0
    safety: float = 1800.0


SHARE = 20
"""Without events, scanning takes at most one part in so many of the time."""


class Due:
    """Whether the next scan is due; `changed` may be called from any thread."""

    def __init__(self, pace: Pace, clock: Callable[[], float] = time.monotonic) -> None:
        self.polling = False
        self._pace = pace
        self._clock = clock
        self._guard = threading.Lock()
        self._first: float | None = None
        self._last = 0.0
        self._begun = clock()
        self._ended = self._begun

    def at_once(self) -> None:
        """A scan is due without waiting for quiet."""
        with self._guard:
            self._first = self._last = float("-inf")

    def changed(self) -> bool:
        """Something changed. Whether it is the first change since the last scan began."""
        with self._guard:
            self._last = self._clock()
            first = self._first is None
            if self._first is None:
                self._first = self._last
            return first

    def seconds_left(self) -> float:
        """Until the next scan; 0 when it is due."""
        with self._guard:
            return max(0.0, self._moment() - self._clock())

    def begin(self) -> None:
        """A scan begins: what changes from now on is for the next."""
        with self._guard:
            self._first = None
            self._begun = self._clock()

    def end(self, *, again: bool = False) -> None:
        """The scan ended; one that failed comes `again` as if there were constant change."""
        with self._guard:
            self._ended = self._clock()
            if again and self._first is None:
                self._first = self._ended
                self._last = self._ended + self._pace.patience

    def _moment(self) -> float:
        took = self._ended - self._begun
        wait = max(self._pace.poll, SHARE * took) if self.polling else self._pace.safety
        regular = self._ended + wait
        if self._first is None:
            return regular
        return min(regular, self._last + self._pace.quiet, self._first + self._pace.patience)
