"""The idle probes: X11 and a session bus for real, every other system by a fake of its own."""

from __future__ import annotations

import ctypes
import os
import select
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from jeepney import HeaderFields, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from app.idle import probes
from app.idle.macos import MacProbe
from app.idle.session_bus import FREEDESKTOP, GNOME, BusProbe, IdleService
from app.idle.windows import LastInput, WindowsProbe
from app.idle.x11 import X11Probe
from tests.private_bus import private_bus

LONG_AGO = 30.0


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG_AGO
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# ------------------------------------------------------------------ X11, for real


@pytest.fixture
def display() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """An X server of one's own, which chooses its number."""
    if shutil.which("Xvfb") is None:
        pytest.skip("there is no Xvfb")
    ours, its = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(its), "-screen", "0", "64x64x24", "-nolisten", "tcp"],
        pass_fds=(its,),
        stderr=subprocess.DEVNULL,
    )
    os.close(its)
    try:
        ready, _, _ = select.select([ours], [], [], LONG_AGO)
        assert ready
        yield f":{os.read(ours, 16).decode().strip()}", server
    finally:
        os.close(ours)
        server.kill()
        server.wait()


@contextmanager
def keyboard(display: str) -> Iterator[Callable[[], None]]:
    """Presses a key as a person would, by the XTEST extension."""
    try:
        x11: Any = ctypes.CDLL("libX11.so.6")
        xtest: Any = ctypes.CDLL("libXtst.so.6")
    except OSError:
        pytest.skip("there is no libXtst")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    opened = ctypes.c_void_p(x11.XOpenDisplay(display.encode()))
    assert opened

    def press() -> None:
        for down in (1, 0):
            xtest.XTestFakeKeyEvent(opened, 38, down, 0)
        x11.XSync(opened, 0)

    yield press
    x11.XCloseDisplay(opened)


def test_x11_counts_from_the_last_key(display: tuple[str, subprocess.Popen[bytes]]) -> None:
    name, server = display
    probe = X11Probe(name)
    with keyboard(name) as press:
        press()
        until(lambda: (probe.seconds() or 0) > 0.3)
        before = probe.seconds()
        press()
        after = probe.seconds()
    assert before is not None
    assert after is not None
    assert after < before
    server.kill()
    server.wait()
    assert probe.seconds() is None, "a server that ended takes nobody with it"


def test_without_a_server_x11_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert X11Probe(":4711").seconds() is None
    monkeypatch.delenv("DISPLAY", raising=False)
    assert X11Probe().seconds() is None


# ------------------------------------------------------------------ a session bus, for real


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[str]:
    """The address of a private bus."""
    with private_bus(tmp_path) as address:
        yield address


class Desktop:
    """Owns a name on the bus and answers the one method, as its desktop does."""

    def __init__(self, address: str, service: IdleService, signature: str) -> None:
        self.milliseconds: int | None = 0
        self.silent = False
        self.asked: list[tuple[str, str, str]] = []
        self._signature = signature
        self._connection = open_dbus_connection(address)
        asked = message_bus.RequestName(service.name)
        self._connection.send_and_get_reply(asked, timeout=LONG_AGO)
        threading.Thread(target=self._answer, args=(self._connection,), daemon=True).start()

    def _answer(self, connection: DBusConnection) -> None:
        with suppress(OSError, EOFError, ValueError):
            while True:
                message = connection.receive()
                if message.header.message_type is not MessageType.method_call:
                    continue
                fields = message.header.fields
                keys = (HeaderFields.path, HeaderFields.interface, HeaderFields.member)
                path, interface, member = (str(fields.get(key)) for key in keys)
                self.asked.append((path, interface, member))
                if self.milliseconds is None:
                    name = "org.freedesktop.DBus.Error.NotSupported"
                    connection.send(new_error(message, name))
                elif not self.silent:
                    body = (self.milliseconds,)
                    connection.send(new_method_return(message, self._signature, body))

    def close(self) -> None:
        self._connection.close()


@pytest.mark.parametrize(
    ("service", "signature", "asked"),
    [
        (
            GNOME,
            "t",
            (
                "/org/gnome/Mutter/IdleMonitor/Core",
                "org.gnome.Mutter.IdleMonitor",
                "GetIdletime",
            ),
        ),
        (
            FREEDESKTOP,
            "u",
            (
                "/org/freedesktop/ScreenSaver",
                "org.freedesktop.ScreenSaver",
                "GetSessionIdleTime",
            ),
        ),
    ],
    ids=["gnome", "freedesktop"],
)
def test_a_desktop_is_asked_over_the_bus(
    bus: str, service: IdleService, signature: str, asked: tuple[str, str, str]
) -> None:
    probe = BusProbe(service, bus)
    assert probe.seconds() is None, "no such desktop"
    desktop = Desktop(bus, service, signature)
    desktop.milliseconds = 754_321
    assert probe.seconds() == pytest.approx(754.321)
    assert set(desktop.asked) == {asked}
    desktop.milliseconds = None  # as KDE under Wayland
    assert probe.seconds() is None
    desktop.milliseconds, desktop.silent = 5, True
    assert probe.seconds() is None, "nobody waits for a desktop that hangs"
    desktop.silent = False
    assert probe.seconds() == pytest.approx(0.005)
    desktop.close()
    assert probe.seconds() is None


def test_an_answer_of_another_kind_is_none(bus: str) -> None:
    desktop = Desktop(bus, GNOME, "s")
    desktop.milliseconds = "soon"  # type: ignore[assignment]
    assert BusProbe(GNOME, bus).seconds() is None
    desktop.close()


@pytest.mark.parametrize(
    "address",
    [None, "", "nonsense", "tcp:host=localhost,port=1", "unix:path=/nowhere/bus"],
)
def test_without_a_bus_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    if address is None:
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    else:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert BusProbe(GNOME).seconds() is None


def test_a_bus_that_never_greets_holds_nobody_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "bus"))
        server.listen()

        def let_in() -> None:
            client, _ = server.accept()
            with client:
                client.recv(1024)
                client.sendall(b"OK 1234deadbeef\r\n")
                while client.recv(1024):
                    pass  # and not a word

        thread = threading.Thread(target=let_in)
        thread.start()
        assert BusProbe(GNOME, f"unix:path={tmp_path}/bus").seconds() is None
        thread.join(LONG_AGO)
        assert not thread.is_alive(), "the connection was closed"


# ------------------------------------------------------------------ Windows and macOS, by fakes


class User32:
    """GetLastInputInfo, which fills in a tick count."""

    def __init__(self, tick: int, *, works: bool = True) -> None:
        self._tick = tick
        self._works = works

    def GetLastInputInfo(self, given: Any) -> int:
        assert given._obj.size == ctypes.sizeof(LastInput) == 8
        given._obj.time = self._tick
        return int(self._works)


class Kernel32:
    def __init__(self, tick: int) -> None:
        self._tick = tick

    def GetTickCount(self) -> int:
        # ctypes gives a DWORD as a signed int unless told otherwise.
        return ctypes.c_int(self._tick).value


@pytest.mark.parametrize(
    ("last", "now", "seconds"),
    [
        (1_000, 61_500, 60.5),
        (2**32 - 500, 1_500, 2.0),
        (2**31 - 500, 2**31 + 500, 1.0),
    ],
    ids=["usual", "the count began anew", "the sign changed"],
)
def test_windows_counts_ticks(last: int, now: int, seconds: float) -> None:
    assert WindowsProbe(User32(last), Kernel32(now)).seconds() == pytest.approx(seconds)


def test_windows_may_not_know() -> None:
    assert WindowsProbe(User32(1, works=False), Kernel32(5)).seconds() is None


class Quartz:
    """ApplicationServices with one function."""

    def __init__(self, told: float) -> None:
        self.asked: list[tuple[int, int]] = []

        def ask(state: int, kind: int) -> float:
            self.asked.append((state, kind))
            return told

        self.CGEventSourceSecondsSinceLastEventType = ask


def test_macos_asks_for_any_input_of_the_devices() -> None:
    quartz = Quartz(93.25)
    assert MacProbe(quartz).seconds() == pytest.approx(93.25)
    assert quartz.asked == [(1, 0xFFFFFFFF)]
    assert MacProbe(Quartz(-1.0)).seconds() is None
    assert MacProbe(object()).seconds() is None


# ------------------------------------------------------------------ which is believed


class Fixed:
    """A probe that answers as it is told to."""

    name = "fixed"

    def __init__(self, told: float | None) -> None:
        self.told = told
        self.asked = 0

    def seconds(self) -> float | None:
        self.asked += 1
        return self.told


def test_the_first_that_answers_is_asked_from_then_on() -> None:
    first, second, third = Fixed(None), Fixed(7.0), Fixed(9.0)
    idle = probes.Idle([first, second, third])
    assert [idle.seconds(), idle.seconds()] == [7.0, 7.0]
    assert (first.asked, second.asked, third.asked) == (1, 2, 0)
    second.told = None
    assert idle.seconds() == 9.0
    third.told = None
    assert idle.seconds() is None
    assert probes.Idle([]).seconds() is None


@pytest.mark.parametrize(
    ("environment", "wayland"),
    [
        ({"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, True),
        ({"XDG_SESSION_TYPE": "x11", "DISPLAY": ":0"}, False),
        ({"DISPLAY": ":0"}, False),
    ],
)
def test_xwayland_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], wayland: bool
) -> None:
    for name in ("XDG_SESSION_TYPE", "WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert probes.under_wayland() is wayland
    names = [probe.name for probe in probes.of_this_system()._probes]
    assert names[0] == GNOME.name
    assert (X11Probe.name in names) is not wayland
