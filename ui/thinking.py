"""Thinking: three quiet dots and what the model is doing, until the first word comes."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.protocol import PartReading, Reading
from ui.controls import label, row
from ui.theme import Theme
from ui.words import duration


class Dots(QWidget):
    """Three dots that breathe."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._beat = 0
        self._timer = QTimer(self, interval=110)
        self._timer.timeout.connect(self._step)
        self.setFixedSize(QSize(34, 16))

    def _step(self) -> None:
        self._beat += 1
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        colour = self._theme.colour("learn")
        for place in range(3):
            colour.setAlphaF(0.3 + 0.7 * (0.5 + 0.5 * math.sin((self._beat - place * 2) / 2.2)))
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(5 + place * 11, 8), 3.2, 3.2)


class Thinking(QWidget):
    """The dots with a line of text."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._text = label("", "caption")
        layout = row(Dots(theme), self._text, -1, gap=10)
        self.setLayout(layout)
        self.setAccessibleName("The assistant is thinking")

    def show_part(self, part: PartReading) -> None:
        """Which part of a document is being read, and for how long it will go on."""
        now = f"Reading part {part.part:,} of {part.parts:,}"
        told = f"Putting the notes on {part.parts:,} parts together" if part.combining else now
        left = "" if part.seconds_left is None else f" · about {duration(part.seconds_left)} left"
        self._text.setText(told + left)
        self.setAccessibleName(told + left)

    def show_reading(self, reading: Reading) -> None:
        """How much of the prompt was read."""
        if reading.total > 400 and reading.done < reading.total:
            self._text.setText(f"Reading… {100 * reading.done // max(1, reading.total)} %")
        else:
            self._text.setText("")
