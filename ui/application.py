"""The application: the one place where window, theme and service are put together."""

from __future__ import annotations

import argparse
import sys

from PySide6.QtWidgets import QApplication

from ui.backend import Backend
from ui.session import Session
from ui.theme import Theme
from ui.window import Window


def main() -> int:
    """Open the window on a home and run until it is closed; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ui", description=__doc__)
    parser.add_argument("--home", default=None, help="folder that holds everything")
    home = parser.parse_args().home
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Nightschool")
    theme = Theme(app)
    backend = Backend(service_command(home))
    window = Window(theme, Session(backend))
    window.show()
    backend.start()
    app.aboutToQuit.connect(backend.shut_down)
    return app.exec()


def service_command(home: str | None) -> list[str]:
    """The command that starts the service for `home`."""
    return [sys.executable, "-P", "-m", "app.service", *(["--home", home] if home else [])]
