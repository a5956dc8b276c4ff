"""Single instance: a second window of the same home hands over what it was given and goes away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

RAISE = b"raise\n"
TAKEN = b"ok\n"
PATIENCE_MS = 400
TAKING_MS = 15_000
"""How long a window may take to answer: one that was just started is still being put together."""

LOCK = ".window.lock"
LONGEST = 64 * 1024
"""Bytes of one message; more paths than that go in several."""


class HandOver(msgspec.Struct, forbid_unknown_fields=True):
    """Files and folders to be taught, as whole paths."""

    teach: list[str]


def server_name(home: Path) -> str:
    """A name of its own for every home; it tells nothing about the path."""
    digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()
    return f"nightschool-{digest[:24]}"


def messages(paths: Sequence[str]) -> Iterator[bytes]:
    """Lines of JSON that hand over all paths, none longer than `LONGEST` (one path always fits)."""
    waiting: list[str] = []
    size = 0
    for path in paths:
        cost = len(msgspec.json.encode(path)) + 1
        if waiting and size + cost > LONGEST - 64:
            yield msgspec.json.encode(HandOver(waiting)) + b"\n"
            waiting, size = [], 0
        waiting.append(path)
        size += cost
    if waiting:
        yield msgspec.json.encode(HandOver(waiting)) + b"\n"


class SingleInstance(QObject):
    """In the first window, `wanted` says that another one was started, `teach_wanted` with what."""

    wanted = Signal()
    teach_wanted = Signal(list)

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._name = server_name(home)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        # A file manager may start a process for each of many files at once.
        self._server.setListenBacklogSize(512)
        self._server.newConnection.connect(self._greet)
        self._heard: dict[QLocalSocket, bytearray] = {}

    def is_first(self, paths: Sequence[str] = (), *, quiet: bool = False) -> bool:
        """Become the first window; or hand `paths` to it, raise it unless `quiet`, return False."""
        if self._handed_over(paths, quiet=quiet):
            return False
        # One at a time: of many processes started at once exactly one becomes the first.
        with suppress(OSError):  # what is wrong with the home, the service says better
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = QLockFile(str(self._home / LOCK))
        lock.tryLock(TAKING_MS)
        try:
            if self._handed_over(paths, quiet=quiet):
                return False
            # Nobody answers: a socket file left by a window that was killed may go.
            QLocalServer.removeServer(self._name)
            self._server.listen(self._name)
            return True
        finally:
            lock.unlock()

    def close(self) -> None:
        """Let the next window be the first."""
        self._server.close()

    # ------------------------------------------------------------------ the second window's part

    def _handed_over(self, paths: Sequence[str], *, quiet: bool) -> bool:
        """Whether a first window is there; with paths, whether it took them."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(PATIENCE_MS):
            return False
        for message in messages(paths) if paths else () if quiet else (RAISE,):
            socket.write(message)
        while socket.bytesToWrite() and socket.waitForBytesWritten(TAKING_MS):
            pass
        # A window that is just going away takes nothing: then this one is the next first.
        taken = not paths or (socket.waitForReadyRead(TAKING_MS) and b"ok" in _read(socket))
        socket.disconnectFromServer()
        return taken

    # ------------------------------------------------------------------ the first window's part

    def _greet(self) -> None:
        while (connection := self._server.nextPendingConnection()) is not None:
            self._heard[connection] = bytearray()
            connection.readyRead.connect(self._listen)
            connection.disconnected.connect(self._part)
            self._hear(connection)

    def _listen(self) -> None:
        for connection in list(self._heard):
            self._hear(connection)

    def _part(self) -> None:
        for connection in list(self._heard):
            if connection.state() == QLocalSocket.LocalSocketState.UnconnectedState:
                del self._heard[connection]
                connection.deleteLater()

    def _hear(self, connection: QLocalSocket) -> None:
        heard = self._heard.get(connection)
        if heard is None:
            return  # it went away while others were listened to
        heard += _read(connection)
        *lines, rest = bytes(heard).split(b"\n")
        heard[:] = rest
        if len(heard) > LONGEST or not all(self._take(connection, line) for line in lines):
            connection.abort()

    def _take(self, connection: QLocalSocket, line: bytes) -> bool:
        """Do what one line says; False for a line that none of our windows would send."""
        if line + b"\n" == RAISE:
            self.wanted.emit()
            return True
        try:
            asked = msgspec.json.decode(line, type=HandOver)
        except msgspec.DecodeError:
            return False
        self.teach_wanted.emit([path for path in asked.teach if Path(path).is_absolute()])
        connection.write(TAKEN)
        connection.flush()
        return True


def _read(socket: QLocalSocket) -> bytes:
    return bytes(socket.readAll().data()) if socket.bytesAvailable() else b""
