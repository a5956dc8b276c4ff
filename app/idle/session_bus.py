"""Session bus: the idle time from the desktop's own service over D-Bus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageFlag, MessageType, new_method_call
from jeepney.bus import get_bus
from jeepney.io.blocking import DBusConnection, prep_socket
from jeepney.wrappers import DBusErrorResponse

PATIENCE_S = 0.3
"""A desktop that is slower counts as one that does not answer: a person may be back meanwhile."""


@dataclass(frozen=True)
class IdleService:
    """Where to ask; every answer is read as milliseconds."""

    name: str
    path: str
    interface: str
    method: str


GNOME = IdleService(
    "org.gnome.Mutter.IdleMonitor",
    "/org/gnome/Mutter/IdleMonitor/Core",
    "org.gnome.Mutter.IdleMonitor",
    "GetIdletime",
)

FREEDESKTOP = IdleService(
    "org.freedesktop.ScreenSaver",
    "/org/freedesktop/ScreenSaver",
    "org.freedesktop.ScreenSaver",
    "GetSessionIdleTime",
)
"""KDE's answers in milliseconds where its interface says seconds, others in seconds. Read as
milliseconds the latter seem always active, which is wrong and harmless."""


class _Connection(DBusConnection):  # type: ignore[misc]
    """Waits for no answer longer than `PATIENCE_S`; jeepney's own waits for the first for ever."""

    def send_and_get_reply(self, message: Any, *, timeout: float | None = None) -> Any:
        """See jeepney. Raises TimeoutError."""
        return super().send_and_get_reply(message, timeout=timeout or PATIENCE_S)


def connect(address: str) -> DBusConnection:
    """A connection to the bus at `address`, or to “SESSION”. Raises what `BusProbe` catches."""
    socket = prep_socket(get_bus(address), timeout=PATIENCE_S)
    try:
        return _Connection(socket)
    except (OSError, EOFError, DBusErrorResponse):
        socket.close()
        raise


class BusProbe:
    """Keeps one connection to the session's bus, or to the one at `address`. For one thread."""

    def __init__(self, service: IdleService, address: str = "SESSION") -> None:
        self.name = service.name
        self._service = service
        self._address = address
        self._connection: DBusConnection | None = None

    def seconds(self) -> float | None:
        """Since the last input; None without a bus, without the service, and from a slow one."""
        try:
            if self._connection is None:
                self._connection = connect(self._address)
            return self._ask(self._connection)
        # jeepney: no address (KeyError), one it cannot use (RuntimeError), a refused greeting.
        except (OSError, EOFError, KeyError, ValueError, RuntimeError, DBusErrorResponse):
            self.close()
            return None

    def _ask(self, connection: DBusConnection) -> float | None:
        service = self._service
        where = DBusAddress(service.path, service.name, service.interface)
        call = new_method_call(where, service.method)
        # A desktop that is not there must not be started by being asked.
        call.header.flags |= MessageFlag.no_auto_start
        reply = connection.send_and_get_reply(call)
        good = reply.header.message_type is MessageType.method_return
        signature = reply.header.fields.get(HeaderFields.signature)
        if not good or signature not in ("t", "u"):
            return None
        return float(reply.body[0]) / 1000

    def close(self) -> None:
        """Let the bus go; the next question opens it again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
