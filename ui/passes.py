"""Passes: how many unseen questions came out right before and after, drawn as two rows of dots."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.controls import label, row
from ui.theme import Theme

STEP = 12
MOST = 8
"""More questions than this are told in figures only."""


class _Dots(QWidget):
    """`passed` full dots of `asked`."""

    def __init__(self, theme: Theme, passed: int, asked: int, colour: str) -> None:
        super().__init__()
        self._theme = theme
        self._passed = passed
        self._asked = asked
        self._colour = colour
        self.setFixedSize(QSize(asked * STEP, STEP))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in range(self._asked):
            full = place < self._passed
            colour = self._theme.colour(self._colour if full else "line_strong")
            painter.setPen(Qt.PenStyle.NoPen if full else QPen(colour, 1.5))
            painter.setBrush(colour if full else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(place * STEP + STEP / 2, STEP / 2), 4.0, 4.0)


class Passes(QWidget):
    """Before, an arrow, after; says the same to a screen reader."""

    def __init__(self, theme: Theme, asked: int, before: int, after: int) -> None:
        super().__init__()
        line = row(gap=6)
        for word, passed, colour in (("before", before, "text_faint"), ("after", after, "learn")):
            line.addWidget(label(word, "caption"))
            if asked <= MOST:
                line.addWidget(_Dots(theme, passed, asked, colour))
            line.addWidget(label(f"{passed} of {asked}", "small-strong"))
            line.addSpacing(4)
        self.setLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Before {before} of {asked} unseen questions, after {after}")
