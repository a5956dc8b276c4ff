"""Noted row: a question of a document's notes with its answer; a click shows where it stands."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame

from ui.controls import column, label
from ui.place import Place
from ui.words import breakable


class NotedRow(QFrame):
    """Emits `chosen` with its place."""

    chosen = Signal(object)

    def __init__(self, question: str, answers: tuple[str, ...], place: Place) -> None:
        super().__init__()
        self.place = place
        self.setProperty("role", "row")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        parts = [label(breakable(question), "small-strong", wrap=True)]
        parts += [label(breakable(answer), "small", wrap=True) for answer in answers]
        layout = column(*parts, gap=3)
        layout.setContentsMargins(14, 9, 14, 9)
        self.setLayout(layout)
        self.setToolTip("Show the passage")
        self.setAccessibleName(f"{question} {' '.join(answers)}")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self.chosen.emit(self.place)
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.place)
        else:
            super().keyPressEvent(event)
