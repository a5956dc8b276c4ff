"""Desktop row: one entry in the desktop: whether it is there, and every file written for it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.protocol import DesktopReport, PieceReport
from ui.controls import Button, Picture, clear, column, empty, label, row, set_role
from ui.document_words import short_path
from ui.theme import Theme
from ui.words import breakable

STATES = {
    "written": "Written",
    "unchanged": "As written",
    "missing": "Gone",
    "removed": "Removed",
    "changed": "Changed since, left alone",
}
HERE = ("written", "unchanged", "changed")


@dataclass(frozen=True)
class RowWords:
    """How its two states and what can be done about them are called."""

    installed: str = "Installed"
    absent: str = "Not installed"
    install: str = "Install"
    again: str = "Install again"
    remove: str = "Remove"
    picture: str = "folder"


MENU = RowWords()


class DesktopRow(QFrame):
    """Emits `change_wanted` with the desktop's name and whether to install."""

    change_wanted = Signal(str, bool)

    def __init__(self, theme: Theme, report: DesktopReport, words: RowWords = MENU) -> None:
        super().__init__()
        self._theme = theme
        self.report = report
        self._words = words
        self.setProperty("role", "card")
        self._chip = label("")
        self._told = label("", "caption", wrap=True)
        self._problem = label("", "bad", wrap=True, select=True)
        self._pieces = QVBoxLayout()
        self._pieces.setSpacing(6)
        self._pieces.setContentsMargins(0, 4, 0, 0)
        self._holder = clear(self._pieces)
        self.install = Button(theme, words.install, name=f"{words.install}: {report.title}")
        self.remove = Button(theme, words.remove, name=f"{words.remove}: {report.title}")
        self.install.clicked.connect(lambda: self._change(install=True))
        self.remove.clicked.connect(lambda: self._change(install=False))
        title = row(label(report.title, "small-strong"), self._chip, -1, gap=10)
        text = column(title, self._told, self._problem, self._holder, -1, gap=4)
        text.setContentsMargins(0, 6, 0, 0)
        line = row(gap=14)
        line.addLayout(column(5, Picture(theme, words.picture, "text_faint", 20), -1, gap=0))
        line.addLayout(text, 1)
        # One above the other: beside each other they leave no room in the smallest window.
        line.addLayout(column(self.install, self.remove, -1, gap=6))
        line.setContentsMargins(18, 12, 14, 12)
        self.setLayout(line)
        self.show_report(report)

    def show_report(self, report: DesktopReport) -> None:
        """Show how it stands now."""
        self.report = report
        left = any(piece.state in HERE for piece in report.pieces)
        words = self._words
        word, role = words.absent, "chip"
        if report.installed:
            word, role = words.installed, "chip-learned"
        if report.problem:
            word, role = "Problem", "chip-bad"
        self._chip.setText(word)
        set_role(self._chip, role)
        self._told.setText(report.note)
        self._told.setVisible(bool(report.note))
        self._problem.setText(breakable(f"{report.problem} {report.next_step}".strip()))
        self._problem.setVisible(bool(report.problem))
        self._show_pieces(report.pieces)
        self.install.setText(words.again if left or report.problem else words.install)
        self.install.setVisible(not report.installed)
        self.remove.setVisible(report.installed or left)
        self.set_usable(True)
        self.setAccessibleName(f"{report.title}. {word}. {report.problem}")

    def set_usable(self, usable: bool) -> None:
        """While one is changed nothing else can be."""
        self.install.setEnabled(usable)
        self.remove.setEnabled(usable)

    def _show_pieces(self, pieces: tuple[PieceReport, ...]) -> None:
        empty(self._pieces)
        for piece in pieces:
            where = label(breakable(short_path(piece.name)), "caption", wrap=True, select=True)
            where.setAccessibleName(piece.name)
            state = label(STATES[piece.state], "caption-strong")
            self._pieces.addLayout(column(state, where, gap=0))
        self._holder.setVisible(bool(pieces))

    def _change(self, *, install: bool) -> None:
        self.set_usable(False)
        self.change_wanted.emit(self.report.desktop, install)
