"""Morning line: says on the empty chat that something was done while nobody was there."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from app.protocol import Morning
from ui.controls import Button, Picture, label, row
from ui.morning_words import headline, is_brief, when
from ui.theme import Theme


class MorningLine(QFrame):
    """Emits `report_wanted`; hidden when there is nothing new to tell."""

    report_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "learn-card")
        self._told = label("", "small", wrap=True)
        self.read = Button(theme, "See what &changed", "link")
        self.read.clicked.connect(self.report_wanted)
        line = row(Picture(theme, "moon", "learn_text", 18), self._told, self.read, gap=12)
        line.setStretch(1, 1)
        line.setContentsMargins(16, 10, 10, 10)
        self.setLayout(line)
        self.hide()

    def show_morning(self, morning: Morning | None) -> None:
        """Tell of the last night until it was read; one that came to little waits on its page."""
        wanted = morning is not None and not morning.seen and not is_brief(morning)
        self.setVisible(wanted)
        if wanted and morning is not None:
            told = f"{when(morning.night, datetime.now())}: {headline(morning)}."
            self._told.setText(told)
            self.setAccessibleName(told)
