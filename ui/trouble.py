"""Trouble: an error shown in its place: what happened, what to do, and a way to try again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame

from app.protocol import ErrorInfo
from ui.controls import Button, Picture, clear, column, label, row, set_role
from ui.theme import Theme

CALM = {"stopped", "busy"}
"""Errors that are nobody's fault: told without the colour of alarm."""


class Trouble(QFrame):
    """Hidden while there is none; `again_wanted` when the person wants another try."""

    again_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._picture = Picture(theme, "alert", "bad", 20)
        self._title = label("", "small-strong", wrap=True)
        self._message = label("", "small", wrap=True, select=True)
        self._next = label("", "small-strong", wrap=True, select=True)
        self.again = Button(theme, "Try again", tip="Try again")
        self.again.clicked.connect(self.again_wanted)
        words = clear(column(self._title, self._message, self._next, gap=3))
        line = row(gap=12)
        line.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(words, 1)
        line.addWidget(self.again, 0, Qt.AlignmentFlag.AlignVCenter)
        line.setContentsMargins(16, 14, 14, 14)
        self.setLayout(line)
        set_role(self, "bad-card")
        self.hide()

    def show_error(self, error: ErrorInfo | None) -> None:
        """Show an error, or nothing."""
        if error is not None:
            calm = error.code in CALM
            set_role(self, "quiet-card" if calm else "bad-card")
            self._picture.show_icon("info" if calm else "alert", "text_soft" if calm else "bad")
            self._title.setText(error.title)
            self._message.setText(error.message)
            self._next.setText(error.next_step)
            self.setAccessibleName(f"{error.title}. {error.message} {error.next_step}")
        self.setVisible(error is not None)
