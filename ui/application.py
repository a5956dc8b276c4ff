"""Application: the only composition root: puts theme, backend, session and window together."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from ui.backend import Backend, Limits
from ui.clipboard import sendable
from ui.icons import app_icon
from ui.interrupt import Interrupt
from ui.session import Session
from ui.single_instance import SingleInstance
from ui.theme import Theme
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


class Application:
    """Everything one window needs, in the order it must be made."""

    def __init__(
        self,
        qt: QApplication,
        home: Path,
        command: Sequence[str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.home = home
        self.theme = Theme(qt)
        self.backend = Backend(command or service_command(home), limits)
        self.session = Session(self.backend)
        self.window = MainWindow(self.theme, self.session, home)
        self.window.closing.connect(self.backend.shut_down)

    def start(self) -> None:
        """Show the window, then start the service."""
        self.window.show()
        QTimer.singleShot(0, self.backend.start)


def main(arguments: Sequence[str]) -> int:
    """Run the window until it is closed; 0 also when another window took over what to do."""
    parser = argparse.ArgumentParser(prog="nightschool", description="The Nightschool window.")
    parser.add_argument("--home", type=Path, default=None, help="where your record lives")
    parser.add_argument(
        "--teach", nargs="+", default=[], metavar="PATH", help="files and folders to take in"
    )
    options = parser.parse_args(arguments)
    # Another process works in another folder: what is handed over says where it really is.
    paths = [sendable(str(Path(path).absolute())) for path in options.teach]
    home = (options.home or default_home()).expanduser().absolute()
    os.umask(0o077)
    qt = QApplication(["nightschool"])
    qt.setApplicationName("Nightschool")
    qt.setDesktopFileName("nightschool")
    qt.setWindowIcon(app_icon())
    first = SingleInstance(home, qt)
    if not first.is_first(paths):
        return 0
    application = Application(qt, home)
    first.wanted.connect(application.window.come_forward)
    first.teach_wanted.connect(application.window.teach)
    application.window.teaching.teach(paths)
    interrupt = Interrupt(qt)
    interrupt.came.connect(application.window.close)
    application.start()
    return qt.exec()
