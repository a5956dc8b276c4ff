"""Passage row: a place that search found: title, heading, page, and the words that fit, marked."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame

from app.protocol import Passage
from ui.controls import Picture, column, row
from ui.document_words import at_page
from ui.elided import Elided
from ui.marked_text import MarkedText
from ui.place import Place
from ui.snippet import snippet_of
from ui.theme import Theme


class PassageRow(QFrame):
    """Emits `chosen` with its place."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, passage: Passage, words: str) -> None:
        super().__init__()
        self.passage = passage
        self._place = Place.of(passage, words)
        self.setProperty("role", "row")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        title = at_page(" ".join(passage.title.split()), passage.page)
        head = Elided(title, "small-strong")
        self.snippet = snippet_of(passage.text, words)
        parts = [head, MarkedText(theme, self.snippet)]
        if passage.heading:
            parts.insert(1, Elided(" ".join(passage.heading.split()), "caption"))
        line = row(gap=12)
        icon = Picture(theme, "quote", "text_faint", 18)
        line.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(column(*parts, gap=3), 1)
        line.setContentsMargins(14, 9, 14, 9)
        self.setLayout(line)
        self.setToolTip(passage.path)
        self.setAccessibleName(f"{title}. {passage.heading}. {self.snippet.text}")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.pos()):
            self.chosen.emit(self._place)
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._place)
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)
