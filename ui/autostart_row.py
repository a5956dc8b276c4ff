"""Autostart row: whether Nightschool starts at log-in, with every file that was written for it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.protocol import ChangeAutostart, DesktopReport, ErrorInfo, GetAutostart
from ui.controls import column
from ui.desktop_row import DesktopRow, RowWords
from ui.session import Session
from ui.theme import Theme
from ui.trouble import Trouble

WORDS = RowWords("On", "Off", "Turn on", "Turn on again", "Turn off", picture="moon")


class AutostartRow(QWidget):
    """Asks each time it is read: the file may have been changed."""

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self._session = session
        self.row: DesktopRow | None = None
        self.setProperty("role", "clear")
        self.trouble = Trouble(theme)
        self.trouble.again_wanted.connect(self.read)
        self._holder = QVBoxLayout()
        self.setLayout(column(self.trouble, self._holder, gap=8))

    def read(self) -> None:
        """Look at it again."""
        call = self._session.backend.send(GetAutostart(id=""), DesktopReport)
        call.then(self._show, self._failed)

    def _show(self, report: DesktopReport) -> None:
        self.trouble.show_error(None)
        if self.row is None:
            self.row = DesktopRow(self._theme, report, WORDS)
            self.row.change_wanted.connect(self._change)
            self._holder.addWidget(self.row)
        else:
            self.row.show_report(report)

    def _change(self, _: str, on: bool) -> None:
        request = ChangeAutostart(id="", on=on)
        self._session.backend.send(request, DesktopReport).then(self._show, self._failed)

    def _failed(self, error: ErrorInfo) -> None:
        if self.row is not None:
            self.row.set_usable(True)
        self.trouble.show_error(error)
