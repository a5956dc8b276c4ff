"""Application: the only composition root: puts theme, backend, session and window together."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from ui.backend import Backend, Limits
from ui.clipboard import sendable
from ui.habits import Habits
from ui.icons import app_icon
from ui.interrupt import Interrupt
from ui.notices import Notices, TrayWay, Way
from ui.session import Session
from ui.single_instance import SingleInstance
from ui.theme import Theme
from ui.tray import Tray
from ui.window import MainWindow


def service_command(home: Path) -> tuple[str, ...]:
    """How the service is started; `-P` keeps the working directory off its import path."""
    return (sys.executable, "-P", "-m", "app.service", "--home", str(home))


def default_home() -> Path:
    """Where a person's record lives when nothing else is said."""
    if chosen := os.environ.get("NIGHTSCHOOL_HOME"):
        return Path(chosen)
    from platformdirs import user_data_dir  # only needed without --home: keeps the start quick

    return Path(user_data_dir("nightschool"))


TRAY_LOOKS = 30
LOOK_MS = 1000
"""At log-in the panel may come some seconds later than we do."""


class Application:
    """Everything one window needs, in the order it must be made."""

    def __init__(
        self,
        qt: QApplication,
        home: Path,
        command: Sequence[str] | None = None,
        limits: Limits | None = None,
        tray_available: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
    ) -> None:
        self.home = home
        self.theme = Theme(qt)
        self.backend = Backend(command or service_command(home), limits)
        self.session = Session(self.backend)
        self.habits = Habits(home)
        self.window = MainWindow(self.theme, self.session, home, self.habits)
        self.window.closing.connect(self._close)
        self.window.hidden.connect(self._stayed)
        self.notices = Notices(self.session, self.habits, self._in_sight, _bus_ways())
        self.notices.report_wanted.connect(lambda: self.window.show_in_front("study"))
        self.notices.window_wanted.connect(self.window.come_forward)
        self.tray: Tray | None = None
        self._tray_available = tray_available
        self._looks = 0
        self._look = QTimer(qt, interval=LOOK_MS)
        self._look.timeout.connect(self._look_for_tray)

    def start(self, *, hidden: bool = False) -> None:
        """Show the window, or keep it out of sight as far as it can be; then start the service."""
        if self._tray_available():
            self._add_tray()
        if not hidden:
            self.window.show()
        elif self.tray is None:
            self.window.showMinimized()
            self._look.start()
        QTimer.singleShot(0, self.backend.start)

    def _add_tray(self) -> None:
        self.tray = tray = Tray(self.session)
        tray.show_wanted.connect(self.window.come_forward)
        tray.ask_wanted.connect(self.window.ask)
        tray.settings_wanted.connect(lambda: self.window.show_in_front("settings"))
        tray.quit_wanted.connect(self.window.leave)
        # Behind the bus: on Linux, Qt's own notices offer nothing to click on.
        self.notices.ways.append(TrayWay(tray.icon))
        self.habits.tray = True

    def _look_for_tray(self) -> None:
        self._looks += 1
        if self._tray_available():
            self._look.stop()
            self._add_tray()
            if self.window.isMinimized():
                self.window.hide()
        elif self._looks >= TRAY_LOOKS:
            self._look.stop()

    def _in_sight(self) -> bool:
        return self.window.isVisible() and self.window.isActiveWindow()

    def _stayed(self) -> None:
        chosen = self.habits.chosen
        if not chosen.told:
            self.habits.choose(msgspec.structs.replace(chosen, told=True))
            self.notices.tell_it_stays()

    def _close(self) -> None:
        self._look.stop()
        if self.tray is not None:
            self.tray.close()
        self.backend.shut_down()


def _bus_ways() -> list[Way]:
    """D-Bus is on Linux."""
    if sys.platform != "linux":
        return []
    from ui.bus_notices import BusNotices  # jeepney is only there

    return [BusNotices()]


class _Qt(QApplication):
    """Tells when the system's own menu (as on macOS) wants to quit, before windows are closed."""

    quitting = Signal()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit:
            self.quitting.emit()
        return super().event(event)


def main(arguments: Sequence[str]) -> int:
    """Run the window until it is closed; 0 also when another window took over what to do."""
    parser = argparse.ArgumentParser(prog="nightschool", description="The Nightschool window.")
    parser.add_argument("--home", type=Path, default=None, help="where your record lives")
    parser.add_argument(
        "--teach", nargs="+", default=[], metavar="PATH", help="files and folders to take in"
    )
    parser.add_argument(
        "--hidden", action="store_true", help="in the tray; minimised where there is none"
    )
    options = parser.parse_args(arguments)
    # Another process works in another folder: what is handed over says where it really is.
    paths = [sendable(str(Path(path).absolute())) for path in options.teach]
    home = (options.home or default_home()).expanduser().absolute()
    os.umask(0o077)
    qt = _Qt(["nightschool"])
    qt.setApplicationName("Nightschool")
    qt.setDesktopFileName("nightschool")
    qt.setWindowIcon(app_icon())
    first = SingleInstance(home, qt)
    if not first.is_first(paths, quiet=options.hidden):
        return 0
    application = Application(qt, home)
    first.wanted.connect(application.window.come_forward)
    first.teach_wanted.connect(application.window.teach)
    application.window.teaching.teach(paths)
    _end_in_good_order(qt, application.window)
    application.start(hidden=options.hidden)
    return qt.exec()


def _end_in_good_order(qt: _Qt, window: MainWindow) -> None:
    """A hidden window keeps it running; closed for good it ends, as by Ctrl+C and at log-out."""
    qt.setQuitOnLastWindowClosed(False)
    window.closing.connect(lambda: QTimer.singleShot(0, qt.quit))
    qt.quitting.connect(window.leave_with_the_session)
    qt.commitDataRequest.connect(lambda _: window.leave_with_the_session())
    interrupt = Interrupt(qt)
    interrupt.came.connect(window.leave)
