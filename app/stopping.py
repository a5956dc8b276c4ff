"""Stopping: how work is asked to stop, by Ctrl-C or by whatever holds."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets; the second Ctrl-C ends the command."""
    stop = threading.Event()

    def interrupt(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


class Until:
    """A stop signal that is set while something holds."""

    def __init__(self, holds: Callable[[], bool]) -> None:
        self._holds = holds

    def is_set(self) -> bool:
        """Whether to stop."""
        return self._holds()
