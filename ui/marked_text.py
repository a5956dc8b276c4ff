"""Marked text: wrapped plain text in which some words are marked; markup is never interpreted."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.snippet import Snippet
from ui.theme import Theme


class MarkedText(QWidget):
    """A snippet as tall as its lines."""

    def __init__(self, theme: Theme, snippet: Snippet) -> None:
        super().__init__()
        self._theme = theme
        self._snippet = snippet
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(snippet.text)

    def heightForWidth(self, width: int) -> int:
        return math.ceil(self._laid_out(width).boundingRect().bottom()) + 1

    def sizeHint(self) -> QSize:
        return QSize(320, self.heightForWidth(320))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.fontMetrics().height())

    def _laid_out(self, width: int) -> QTextLayout:
        layout = QTextLayout(self._snippet.text, self._theme.font(self._theme.look.type.small))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setFormats([self._mark(at, size) for at, size in self._snippet.marks])
        layout.beginLayout()
        top = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width))
            line.setPosition(QPointF(0, top))
            top += line.height() + 2
        layout.endLayout()
        return layout

    def _mark(self, at: int, size: int) -> QTextLayout.FormatRange:
        made = QTextLayout.FormatRange()
        text = self._snippet.text
        made.start = _utf16(text[:at])
        made.length = _utf16(text[at : at + size])
        look = QTextCharFormat()
        look.setBackground(self._theme.colour("learn_line"))
        look.setForeground(self._theme.colour("text"))
        look.setFontWeight(QFont.Weight.DemiBold)
        made.format = look
        return made

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._theme.colour("text_soft"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._laid_out(self.width()).draw(painter, QPointF(0, 0))


def _utf16(text: str) -> int:
    """Qt counts in UTF-16: an emoji is two."""
    return len(text) + sum(letter > "\uffff" for letter in text)
