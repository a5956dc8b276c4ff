"""Beside: two texts side by side under their titles, one above the other where it is narrow."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QWidget

from ui.controls import card, column, label

NARROW = 520


def panel(title: str, view: QWidget, role: str) -> QFrame:
    """One of the two: a tinted frame with a title over the text."""
    made = card(role)
    inner = column(label(title, "small-strong"), view, -1, gap=8)
    inner.setContentsMargins(16, 12, 16, 14)
    made.setLayout(inner)
    return made


class Beside(QWidget):
    """Holds two panels."""

    def __init__(self, first: QWidget, second: QWidget) -> None:
        super().__init__()
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        self._layout.addWidget(first, 1)
        self._layout.addWidget(second, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        narrow = event.size().width() < NARROW
        wanted = direction.TopToBottom if narrow else direction.LeftToRight
        if wanted != self._layout.direction():
            self._layout.setDirection(wanted)
