"""Bus notices: by the desktop's notification service, over the session bus of Linux."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    MatchRule,
    MessageType,
    message_bus,
    new_method_call,
)
from jeepney.bus import get_bus
from jeepney.io.blocking import DBusConnection, prep_socket
from jeepney.wrappers import DBusErrorResponse
from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Slot

PATIENCE_S = 0.3
"""The window stands still meanwhile; a bus of this machine answers in a thousandth."""

NAME = "org.freedesktop.Notifications"
SERVICE = DBusAddress("/org/freedesktop/Notifications", NAME, NAME)
LEFT_TO_THE_DESKTOP = -1

# jeepney: no address (KeyError), one it cannot use (RuntimeError), a refused greeting.
TROUBLE = (OSError, EOFError, KeyError, ValueError, RuntimeError, DBusErrorResponse)


class _Connection(DBusConnection):  # type: ignore[misc]
    """Waits for the greeting no longer than `PATIENCE_S`; jeepney's own waits for ever."""

    def send_and_get_reply(self, message: Any, *, timeout: float | None = None) -> Any:
        """See jeepney. Raises TimeoutError."""
        return super().send_and_get_reply(message, timeout=timeout or PATIENCE_S)


class BusNotices(QObject):
    """Desktop Notifications Specification 1.2, `Notify` and `ActionInvoked`.

    One connection, kept: its end would end the notices on some desktops. A notice takes the place
    of the one before.
    """

    def __init__(self, address: str = "SESSION", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._address = address
        self._connection: DBusConnection | None = None
        self._heard: QSocketNotifier | None = None
        self._shown = 0
        self._opened: Callable[[], None] = lambda: None

    def show(self, title: str, text: str, opened: Callable[[], None]) -> bool:
        """See `ui.notices.Way`."""
        try:
            if self._connection is None and not self._open():
                return False
            assert self._connection is not None
            self._opened = opened
            self._connection.send(_notify(self._shown, title, text))
        except TROUBLE:
            self.close()
            return False
        return True

    def close(self) -> None:
        """Let the bus go."""
        heard, self._heard = self._heard, None
        connection, self._connection = self._connection, None
        if heard is not None:
            heard.setEnabled(False)
            heard.deleteLater()
        if connection is not None:
            connection.close()

    def _open(self) -> bool:
        """Whether there is the service, running or to be started by the bus."""
        socket = prep_socket(get_bus(self._address), timeout=PATIENCE_S)
        socket.settimeout(PATIENCE_S)
        try:
            self._connection = _Connection(socket)
        except TROUBLE:
            socket.close()
            raise
        if not _is_there(self._connection):
            self.close()
            return False
        # From here on no answer is waited for: the service may be slow to start.
        self._connection.send(message_bus.AddMatch(_CLICKS))
        self._heard = QSocketNotifier(socket.fileno(), QSocketNotifier.Type.Read, self)
        self._heard.activated.connect(self._hear)
        return True

    @Slot()
    def _hear(self) -> None:
        """Take everything that has come."""
        try:
            while self._connection is not None:
                self._take(self._connection.receive(timeout=0))
        except TimeoutError:
            return
        except TROUBLE:
            # Not at once: this is called by the notifier that would be deleted.
            if self._heard is not None:
                self._heard.setEnabled(False)
            QTimer.singleShot(0, self, self.close)

    def _take(self, message: Any) -> None:
        header = message.header
        if header.message_type is MessageType.method_return and len(message.body) == 1:
            self._shown = int(message.body[0])
        elif header.message_type is MessageType.signal:
            member = header.fields.get(HeaderFields.member)
            if member == "ActionInvoked" and message.body[0] == self._shown:
                self._opened()


_CLICKS = MatchRule(type="signal", interface=NAME, member="ActionInvoked", path=SERVICE.object_path)


def _is_there(connection: DBusConnection) -> bool:
    """As the bus itself knows, which answers at once."""
    if connection.send_and_get_reply(message_bus.NameHasOwner(NAME)).body == (True,):
        return True
    (startable,) = connection.send_and_get_reply(message_bus.ListActivatableNames()).body
    return NAME in startable


def _notify(replaces: int, title: str, text: str) -> Any:
    return new_method_call(
        SERVICE,
        "Notify",
        "susssasa{sv}i",
        (
            "Nightschool",
            replaces,
            "nightschool",
            title,
            text,
            ["default", "Open"],
            {"desktop-entry": ("s", "nightschool")},
            LEFT_TO_THE_DESKTOP,
        ),
    )
