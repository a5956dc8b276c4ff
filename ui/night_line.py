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
    "summaries": "now, summarising long conversations",
    "backup": "now, copying your record",
}


class NightLine(QWidget):
    """Emits `settings_wanted`, and `go_on_wanted` where a pause is to end."""

    settings_wanted = Signal()
    go_on_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "clear")
        self._told = label("", "small", wrap=True)
        self.settings = Button(
            theme, "Settings", "link-small", name="Settings of studying by itself"
        )
        self.settings.clicked.connect(self.settings_wanted)
        self.go_on = Button(theme, "Go on now", "link-small", name="Go on studying by itself now")
        self.go_on.clicked.connect(self.go_on_wanted)
        moon = Picture(theme, "moon", "text_faint", 16)
        line = row(moon, self._told, self.go_on, self.settings, gap=10)
        line.setStretch(1, 1)
        line.setAlignment(self.go_on, Qt.AlignmentFlag.AlignTop)
        line.setAlignment(self.settings, Qt.AlignmentFlag.AlignTop)
        self.setLayout(line)
        self.hide()

    def show_report(self, report: NightReport | None) -> None:
        """How it stands; hidden until that is known."""
        self.setVisible(report is not None)
        if report is not None:
            self._told.setText(said(report))
            self.go_on.setVisible(report.paused and report.wishes.on)


def said(report: NightReport) -> str:
    """The line's words."""
    if not report.wishes.on:
        state = "off"
    elif report.doing:
        state = f"{NOW[report.doing]}. {report.reason}"
    elif report.paused:
        state = report.reason[0].lower() + report.reason[1:]
    else:
        state = f"waiting. {report.reason}"
    last = f" Last {moment(report.last_studied)}." if report.last_studied else ""
    return f"Studies by itself: {state}{'.' if not report.wishes.on else ''}{last}"
