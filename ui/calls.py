"""Calls: one request on its way to the service, and everything that comes back for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec
from PySide6.QtCore import QObject, Signal

from app.protocol import (
    AnyEvent,
    Done,
    ErrorInfo,
    Failed,
    PartReading,
    Progress,
    Reading,
    Request,
    Started,
    Token,
)

T = TypeVar("T")


class Call(QObject, Generic[T]):
    """A request that was sent; ends with exactly one of `done` and `failed`."""

    started = Signal(object)
    reading = Signal(object)
    part = Signal(object)
    token = Signal(str)
    progress = Signal(object)
    done = Signal(object)
    failed = Signal(object)

    def __init__(self, request: Request, result: type[T], parent: QObject) -> None:
        super().__init__(parent)
        self.request = request
        self.finished = False
        self._result = result

    def then(
        self, on_done: Callable[[T], Any], on_failed: Callable[[ErrorInfo], Any] | None = None
    ) -> Call[T]:
        """Call `on_done` with the result, or `on_failed` with the error."""
        self.done.connect(on_done)
        if on_failed is not None:
            self.failed.connect(on_failed)
        return self

    def take(self, event: AnyEvent) -> None:
        """Hand an event on. Raises msgspec.ValidationError for a result that is not as agreed."""
        if isinstance(event, Done):
            result = msgspec.convert(event.result, self._result)
            self._end()
            self.done.emit(result)
        elif isinstance(event, Failed):
            self.fail(event.error)
        elif isinstance(event, Token):
            self.token.emit(event.text)
        elif isinstance(event, Started):
            self.started.emit(event)
        elif isinstance(event, Reading):
            self.reading.emit(event)
        elif isinstance(event, PartReading):
            self.part.emit(event)
        elif isinstance(event, Progress):
            self.progress.emit(event)

    def fail(self, error: ErrorInfo) -> None:
        """End without a result."""
        if not self.finished:
            self._end()
            self.failed.emit(error)

    def _end(self) -> None:
        self.finished = True
        self.deleteLater()
