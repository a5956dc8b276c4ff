"""Notices: by the tray, by a real session bus, or not at all; figures, and when they are wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from app.protocol import NIGHT, Done, ErrorInfo, Failed, Progress, StudyReport, encode
from tests.private_bus import private_bus
from tests.ui.conftest import Opener
from tests.ui.page_steps import page
from tests.ui.steps import click
from ui.application import Application
from ui.bus_notices import NAME, BusNotices
from ui.habits import Chosen
from ui.notices import FAILED, STAYED, TrayWay, result
from ui.settings_page import SettingsPage
from ui.tray import tray_icon


class Shown:
    """A way that keeps what it was given."""

    def __init__(self, *, able: bool = True) -> None:
        self.notices: list[tuple[str, str]] = []
        self.opened: Callable[[], None] = lambda: None
        self._able = able

    def show(self, title: str, text: str, opened: Callable[[], None]) -> bool:
        if self._able:
            self.notices.append((title, text))
            self.opened = opened
        return self._able


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def looked_at(open_app: Opener, shown: Shown) -> Application:
    """A window that the person looks at, and whose notices are kept."""
    application = open_app("--seed", tray=True)
    application.habits.choose(Chosen(keep_running=True, told=True))
    application.notices.ways = [Shown(able=False), shown, Shown()]
    return application


@pytest.fixture
def told(looked_at: Application) -> Application:
    """The same, closed into the tray."""
    looked_at.window.close()
    return looked_at


def night_ends(application: Application, event: Done | Failed) -> None:
    """A night's session that the service began, and its end."""
    told = Progress(id=NIGHT, phase="train", step=3, steps=12, seconds_left=None, detail="")
    application.backend._handle(encode(told))
    application.backend._handle(encode(event))


def newest(application: Application) -> StudyReport:
    assert application.session.report is not None
    return application.session.report


def test_a_night_that_ended_out_of_sight_is_told_in_figures(
    qtbot: QtBot, told: Application, shown: Shown
) -> None:
    report = newest(told)
    night_ends(told, Done(id=NIGHT, result=msgspec.to_builtins(report)))
    ((title, text),) = shown.notices
    assert title == "Studying is over"
    assert text == result(report)
    assert text.startswith("Version 2 is in use: ")
    words = " ".join(one.title for one in report.lessons).split()
    assert not [word for word in words if len(word) > 4 and word in text]
    assert isinstance(told.notices.ways[2], Shown)
    assert told.notices.ways[2].notices == [], "it is told once"
    shown.opened()
    assert told.window.isVisible()
    assert told.window.pages.current() == "study"


def test_figures(told: Application) -> None:
    report = newest(told)
    learned = sum(one.decision == "learned" for one in report.lessons)
    total = len(report.lessons)
    assert f": {learned} of {total} lessons learned. Open the report." in result(report)
    unused = msgspec.structs.replace(report, activated=False)
    assert result(unused) == "Nothing was changed. Open the report."


def test_who_looks_at_the_window_needs_no_notice(
    qtbot: QtBot, looked_at: Application, shown: Shown
) -> None:
    qtbot.waitUntil(looked_at.window.isActiveWindow)
    night_ends(looked_at, Done(id=NIGHT, result=msgspec.to_builtins(newest(looked_at))))
    assert shown.notices == []


@pytest.mark.parametrize(("code", "notices"), [("stopped", []), ("disk", [FAILED])])
def test_an_interrupted_night_is_not_told_a_failed_one_without_its_words(
    told: Application, shown: Shown, code: str, notices: list[tuple[str, str]]
) -> None:
    error = ErrorInfo(code=code, title="Secret words", message="It was.", next_step="Wait.")
    night_ends(told, Failed(id=NIGHT, error=error))
    assert shown.notices == notices


def test_they_are_turned_off_in_settings(qtbot: QtBot, told: Application, shown: Shown) -> None:
    told.window.come_forward()
    settings = page(qtbot, told.window, "settings", SettingsPage)
    assert settings.running.notices.isChecked()
    click(settings.running.notices)
    told.window.close()
    night_ends(told, Done(id=NIGHT, result=msgspec.to_builtins(newest(told))))
    assert shown.notices == []


def test_the_first_time_it_stays_is_told_once(told: Application, shown: Shown) -> None:
    told.habits.choose(Chosen(keep_running=True, notices=False))
    for _ in range(2):
        told.window.come_forward()
        told.window.close()
    assert shown.notices == [STAYED]
    shown.opened()
    assert told.window.isVisible()


def test_the_trays_icon_shows_them_where_it_can(qtbot: QtBot) -> None:
    icon, opened = QSystemTrayIcon(tray_icon()), list[bool]()
    way = TrayWay(icon)
    if icon.supportsMessages():
        assert way.show("Title", "Text", lambda: opened.append(True))
        icon.messageClicked.emit()
        assert opened == [True]
    else:
        assert not way.show("Title", "Text", lambda: opened.append(True))


# ------------------------------------------------------------------ a session bus, for real


class Service:
    """Owns the notifications' name, gives numbers from 7 on, and clicks when it is told to."""

    def __init__(self, address: str) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._connection = open_dbus_connection(address)
        self._connection.send_and_get_reply(message_bus.RequestName(NAME))
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        with suppress(OSError, EOFError, ValueError):
            while True:
                message = self._connection.receive()
                if message.header.message_type is MessageType.method_call:
                    number = message.body[1] or 7 + len(self.asked)
                    signature = str(message.header.fields[HeaderFields.signature])
                    self._connection.send(new_method_return(message, "u", (number,)))
                    self.asked.append((signature, message.body))

    def click(self, number: int, action: str = "default") -> None:
        where = DBusAddress("/org/freedesktop/Notifications", NAME, NAME)
        self._connection.send(new_signal(where, "ActionInvoked", "us", (number, action)))

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with private_bus(tmp_path) as made:
        yield made


def test_over_the_session_bus(qtbot: QtBot, address: str) -> None:
    service, opened = Service(address), list[str]()
    way = BusNotices(address)
    assert way.show("Studying is over", "Version 3 is in use.", lambda: opened.append("first"))
    qtbot.waitUntil(lambda: len(service.asked) == 1)
    signature, body = service.asked[0]
    assert signature == "susssasa{sv}i"
    assert (body[0], body[1], body[3:5]) == (
        "Nightschool", 0, ("Studying is over", "Version 3 is in use."),
    )  # fmt: skip
    qtbot.waitUntil(lambda: way._shown == 7)
    service.click(8)
    service.click(7)
    qtbot.waitUntil(lambda: opened == ["first"])
    assert way.show("Studying is over", "Version 4 is in use.", lambda: opened.append("second"))
    qtbot.waitUntil(lambda: len(service.asked) == 2)
    assert service.asked[1][1][1] == 7, "it takes the place of the one before"
    service.click(7)
    qtbot.waitUntil(lambda: opened == ["first", "second"])
    way.close()
    service.close()


def test_a_desktop_without_the_service_shows_none(qtbot: QtBot, address: str) -> None:
    way = BusNotices(address)
    assert not way.show("Studying is over", "Version 3 is in use.", lambda: None)
    assert way._connection is None
    service = Service(address)
    assert way.show("Studying is over", "Version 3 is in use.", lambda: None), "it came later"
    qtbot.waitUntil(lambda: way._shown == 7)
    way.close()
    service.close()


def test_a_bus_that_ends_takes_nobody_with_it(qtbot: QtBot, tmp_path: Path) -> None:
    with private_bus(tmp_path) as address:
        service, way = Service(address), BusNotices(address)
        assert way.show("Studying is over", "Version 3 is in use.", lambda: None)
    qtbot.waitUntil(lambda: way._connection is None)
    service.close()
    assert not way.show("Studying is over", "Version 3 is in use.", lambda: None)


def test_without_a_bus_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not BusNotices(f"unix:path={tmp_path}/none").show("Title", "Text", lambda: None)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert not BusNotices().show("Title", "Text", lambda: None)
