"""A small client of the real service process, for tests."""

from __future__ import annotations

import itertools
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app import protocol

PASSPHRASE = "correct horse battery"  # a test's, not a secret
WAIT = 120
SERVICE = ("-P", "-m", "app.service")


class Client:
    """Talks to a real `app.service`; each request is a protocol struct without its id."""

    def __init__(self, home: Path, program: Sequence[str]) -> None:
        environment = {**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
        self.process = subprocess.Popen(
            [sys.executable, *program, "--home", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._ids = itertools.count(1)
        self.events: queue.Queue[protocol.AnyEvent | None] = queue.Queue()
        self.seen: list[protocol.AnyEvent] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.put(protocol.decode_event(line))
        self.events.put(None)

    def raw(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def send(self, kind: type[protocol.Request], /, **fields: Any) -> str:
        id_ = str(next(self._ids))
        self.raw(protocol.encode(kind(id=id_, **fields)))
        return id_

    def until(self, id_: str, *kinds: type[protocol.Event]) -> Any:
        """The next event of `id_` of one of `kinds`; everything seen is kept in `seen`."""
        while True:
            event = self.events.get(timeout=WAIT)
            assert event is not None, "the service ended"
            self.seen.append(event)
            if event.id == id_ and isinstance(event, kinds):
                return event

    def outcome(self, id_: str) -> protocol.Done | protocol.Failed:
        found: protocol.Done | protocol.Failed = self.until(id_, protocol.Done, protocol.Failed)
        return found

    def call(self, kind: type[protocol.Request], /, **fields: Any) -> Any:
        """The result of a request as plain JSON values; an error fails the test."""
        event = self.outcome(self.send(kind, **fields))
        assert isinstance(event, protocol.Done), event
        return event.result

    def refused(self, kind: type[protocol.Request], /, **fields: Any) -> protocol.ErrorInfo:
        event = self.outcome(self.send(kind, **fields))
        assert isinstance(event, protocol.Failed), event
        assert event.error.title
        assert event.error.message
        assert event.error.next_step
        return event.error

    def open(self) -> Client:
        """Say hello and unlock, creating the ledger the first time."""
        status = self.call(protocol.Hello, version=protocol.VERSION)
        if status["key"] != "open":
            create = status["key"] == "new_passphrase"
            self.call(protocol.Unlock, passphrase=PASSPHRASE, create=create)
        return self

    def close(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(timeout=30)


@contextmanager
def service(home: Path, program: Sequence[str] = SERVICE) -> Iterator[Client]:
    """A running service, ended when the block ends."""
    client = Client(home, program)
    try:
        yield client
    finally:
        client.process.kill()
        client.process.wait()
