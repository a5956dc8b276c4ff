"""Idleness: whether the person has asked for nothing for a while, and how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

IDLE_SECONDS = 300.0
"""So long nothing may have been asked for before work begins that nobody asked for."""


class Idleness:
    """Hears of every request that a person is behind; safe to use from many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._under_way = 0
        self._last = clock()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Something that a person asked for is done inside."""
        with self._guard:
            self._under_way += 1
        try:
            yield
        finally:
            with self._guard:
                self._under_way -= 1
                self._last = self._clock()

    @property
    def long(self) -> bool:
        """Whether nothing is under way, and nothing was for `IDLE_SECONDS`."""
        with self._guard:
            return not self._under_way and self._clock() - self._last >= IDLE_SECONDS
