"""Ticket: one order on its way through the engine, and whether it was told to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import IntEnum

from app.engine_wire import Answer
from app.errors import StoppedError


class Priority(IntEnum):
    """What goes first; an order of a smaller number also interrupts a running larger one."""

    QUICK = 0
    CHAT = 1
    STUDY = 2


class Ticket:
    """An order's number, priority, and stop flag; `stop` may be called from any thread."""

    def __init__(self, id_: int, priority: Priority, emit: Callable[[Answer], None]) -> None:
        self.id = id_
        self.priority = priority
        self.emit = emit
        self.received = time.monotonic()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        return self._stopped

    def stop(self) -> None:
        self._stopped = True

    def check(self) -> None:
        """Raises StoppedError when told to stop."""
        if self._stopped:
            raise StoppedError(
                "Stopped", "The work was stopped because somebody asked for it.", "Start it again."
            )
