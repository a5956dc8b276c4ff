"""Lines: the window's end of the protocol, and the answer of a service that could not be set up."""

from __future__ import annotations

import logging
import threading
from typing import BinaryIO

import msgspec

from app import protocol
from app.errors import NightschoolError
from app.protocol import ErrorInfo

logger = logging.getLogger("service")


class Lines:
    """The window's end of the protocol: one writer at a time, silent once the window is gone."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._lock = threading.Lock()

    def send(self, event: protocol.Event) -> None:
        """Write one event as one line."""
        line = protocol.encode(event)
        with self._lock:
            try:
                self._out.write(line)
                self._out.flush()
            except (BrokenPipeError, ValueError):
                logger.info("the window is gone")


class Refusal:
    """Answers every request with one error, when the assistant could not even be set up."""

    def __init__(self, error: NightschoolError, lines: Lines) -> None:
        self._error = ErrorInfo.of(error)
        self._lines = lines

    def serve(self, source: BinaryIO) -> None:
        """Refuse until the source ends."""
        while line := source.readline(protocol.MAX_LINE):
            self._lines.send(protocol.Failed(id=id_of(line), error=self._error))


def id_of(line: bytes) -> str:
    """The id of a request that is otherwise wrong, so that its sender is not left waiting."""
    try:
        return msgspec.json.decode(line, type=_OnlyId).id
    except msgspec.DecodeError:
        return ""


class _OnlyId(msgspec.Struct):
    id: str = ""
