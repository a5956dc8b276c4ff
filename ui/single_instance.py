"""Single instance: a second window of the same home raises the first one and goes away."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

RAISE = b"raise\n"
PATIENCE_MS = 400


def server_name(home: Path) -> str:
    """A name of its own for every home; it tells nothing about the path."""
    digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()
    return f"nightschool-{digest[:24]}"


class SingleInstance(QObject):
    """`wanted` is emitted in the first window when another one was started."""

    wanted = Signal()

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = server_name(home)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)

    def is_first(self) -> bool:
        """Become the first window, or raise it and return False."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if socket.waitForConnected(PATIENCE_MS):
            socket.write(RAISE)
            socket.waitForBytesWritten(PATIENCE_MS)
            socket.disconnectFromServer()
            return False
        # Nobody answers: a socket file left by a window that was killed may go.
        QLocalServer.removeServer(self._name)
        self._server.listen(self._name)
        return True

    def close(self) -> None:
        """Let the next window be the first."""
        self._server.close()

    def _greet(self) -> None:
        connection = self._server.nextPendingConnection()
        if connection is not None:
            connection.disconnected.connect(connection.deleteLater)
            self.wanted.emit()
