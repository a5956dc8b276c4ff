"""Desktop menus: “Teach this” in the menus of the file managers found, put there or taken away."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.protocol import ChangeDesktop, DesktopReport, ErrorInfo, ListDesktops
from ui.controls import column, label
from ui.desktop_row import DesktopRow
from ui.session import Session
from ui.theme import Theme
from ui.trouble import Trouble

TOLD = (
    "With it you teach files and folders by a right click, without opening this window first. "
    "Every file that is written for it is listed; Remove takes away just these."
)


class DesktopMenus(QWidget):
    """Asks each time it is read: a file manager may have come, or a file been changed."""

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self._session = session
        self.rows: dict[str, DesktopRow] = {}
        self.setProperty("role", "clear")
        self.trouble = Trouble(theme)
        self.trouble.again_wanted.connect(self.read)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.others = label("", "caption", wrap=True)
        heading = label("“Teach this” in the file manager", "overline")
        told = label(TOLD, "small", wrap=True)
        layout = column(heading, told, self.trouble, self._list, self.others, gap=8)
        self.setLayout(layout)

    def read(self) -> None:
        """Look at every file manager again."""
        request = self._session.backend.send(ListDesktops(id=""), list[DesktopReport])
        request.then(self._show, self.trouble.show_error)

    def _show(self, reports: list[DesktopReport]) -> None:
        self.trouble.show_error(None)
        here = [one for one in reports if one.present or one.installed or one.pieces]
        for name in [name for name in self.rows if name not in {one.desktop for one in here}]:
            gone = self.rows.pop(name)
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for report in here:
            if report.desktop in self.rows:
                self.rows[report.desktop].show_report(report)
            else:
                self._add(report)
        others = ", ".join(one.title for one in reports if one not in here)
        self.others.setText(f"Not found on this computer: {others}." if others else "")
        self.others.setVisible(bool(others))

    def _add(self, report: DesktopReport) -> None:
        made = DesktopRow(self._theme, report)
        made.change_wanted.connect(self._change)
        self.rows[report.desktop] = made
        self._list.addWidget(made)

    def _change(self, desktop: str, install: bool) -> None:
        self.trouble.show_error(None)
        for made in self.rows.values():
            made.set_usable(False)
        request = ChangeDesktop(id="", desktop=desktop, install=install)
        self._session.backend.send(request, DesktopReport).then(self._changed, self._failed)

    def _changed(self, report: DesktopReport) -> None:
        self._usable()
        if report.desktop in self.rows:
            self.rows[report.desktop].show_report(report)

    def _failed(self, error: ErrorInfo) -> None:
        self._usable()
        self.trouble.show_error(error)

    def _usable(self) -> None:
        for made in self.rows.values():
            made.set_usable(True)
