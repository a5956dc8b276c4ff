"""What every test of the window stands on: a real window over the fake service, closed cleanly."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from PySide6.QtCore import QtMsgType
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.application import Application
from ui.backend import Limits
from ui.window import MainWindow

ROOT = Path(__file__).resolve().parents[2]
QUICK = Limits(delay_s=0.05)
PATIENCE_MS = 30_000
TRIVIAL = (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)


class Opener(Protocol):
    """Opens a window on a fake service with these flags; `ready` waits until it has read all."""

    def __call__(
        self,
        *flags: str,
        limits: Limits = QUICK,
        home: Path | None = None,
        ready: bool = True,
        tray: bool = False,
        hidden: bool = False,
    ) -> Application: ...


class PatientBot(QtBot):
    """Waits longer than pytest-qt's five seconds: the machine may be busy with other things."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **rest: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **rest)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """pytest-qt's own fixture, with more patience."""
    del qapp
    return PatientBot(request)


@pytest.fixture(autouse=True)
def unexpected(
    caplog: pytest.LogCaptureFixture, qtlog: object, capfd: pytest.CaptureFixture[str]
) -> Iterator[list[str]]:
    """A warning in a log, or a child's traceback, fails the test unless its words are named here.

    An exception in a Qt slot fails the test by pytest-qt itself.
    """
    # Both of the offscreen platform, which has no tray.
    expected = ["This plugin does not support", "QPlatformNativeInterface::systemTrayWindowChanged"]
    yield expected
    found = [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.WARNING]
    records = getattr(qtlog, "records", [])
    found += [record.message for record in records if record.type not in TRIVIAL]
    stderr = capfd.readouterr().err
    found += [stderr] if "Traceback" in stderr or "Warning" in stderr else []
    strange = [text for text in found if not any(words in text for words in expected)]
    assert not strange, f"unexpected warnings: {strange}"


@pytest.fixture
def open_app(
    qtbot: QtBot, qapp: QApplication, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opener]:
    """Opens windows on fake services; each is closed and its child gone when the test ends."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    default_home, opened = home, list[Application]()

    def opener(
        *flags: str,
        limits: Limits = QUICK,
        home: Path | None = None,
        ready: bool = True,
        tray: bool = False,
        hidden: bool = False,
    ) -> Application:
        where = home or default_home
        fake = (sys.executable, "-P", "-m", "tests.ui.fake_service", "--home", str(where))
        made = Application(qapp, where, (*fake, *flags), limits, lambda: tray)
        opened.append(made)
        made.start(hidden=hidden)
        if not hidden:
            qtbot.waitExposed(made.window)
        if ready:
            qtbot.waitUntil(lambda: made.session.status is not None and not made.backend.pending)
        return made

    yield opener
    for made in opened:
        close(made, qtbot)


def close(application: Application, qtbot: QtBot) -> None:
    """Close a window as a person does, and let go of what Qt would keep for the whole run."""
    application.window.leave()
    application.window.deleteLater()
    application.theme.deleteLater()
    qtbot.wait(0)


@pytest.fixture
def application(open_app: Opener) -> Application:
    """A shown, unlocked window with conversations, lessons and versions in it."""
    return open_app("--seed")


@pytest.fixture
def window(application: Application) -> MainWindow:
    """The main window of `application`."""
    return application.window
