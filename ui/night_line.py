"""Night line: one quiet line on whether Nightschool studies by itself, or why it does not."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.protocol import NightReport
from ui.controls import Button, Picture, label, row
from ui.theme import Theme
from ui.words import moment

NOW = {
    "study": "now",
    "proposals": "now, looking for lessons in your chats",
    "notes": "now, making notes of documents",
}


class NightLine(QWidget):
    """Emits `settings_wanted`."""

    settings_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "clear")
        self._told = label("", "small", wrap=True)
        self.settings = Button(
            theme, "Settings", "link-small", name="Settings of studying by itself"
        )
        self.settings.clicked.connect(self.settings_wanted)
        line = row(Picture(theme, "moon", "text_faint", 16), self._told, self.settings, gap=10)
        line.setStretch(1, 1)
        line.setAlignment(self.settings, Qt.AlignmentFlag.AlignTop)
        self.setLayout(line)
        self.hide()

    def show_report(self, report: NightReport | None) -> None:
        """How it stands; hidden until that is known."""
        self.setVisible(report is not None)
        if report is not None:
            self._told.setText(said(report))


def said(report: NightReport) -> str:
    """The line's words."""
    if not report.wishes.on:
        state = "off"
    elif report.doing:
        state = f"{NOW[report.doing]}. {report.reason}"
    else:
        state = f"waiting. {report.reason}"
    last = f" Last {moment(report.last_studied)}." if report.last_studied else ""
    return f"Studies by itself: {state}{'.' if not report.wishes.on else ''}{last}"
