"""Growing edit: a plain text field as tall as its lines, between two limits."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit

from ui.clipboard import paths_in
from ui.still_text import height_of

LONGEST = 20_000
"""Characters one field holds by pasting: laying out a line of a million takes Qt a minute."""


class GrowingEdit(QPlainTextEdit):
    """`shortest` and `tallest` are in lines of the field's own font."""

    shortened = Signal()

    def __init__(self, shortest: int, tallest: int) -> None:
        super().__init__()
        self._limits = (shortest, tallest)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self.fit)

    def fit(self) -> None:
        """Take the height of the text; scroll only when there is more than fits."""
        line = self.fontMetrics().lineSpacing()
        low, high = (lines * line for lines in self._limits)
        text = height_of(self, high + 1)
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if text > high else policy.ScrollBarAlwaysOff
        )
        self.ensurePolished()
        frame = self.contentsMargins()
        around = frame.top() + frame.bottom() + 2 * self.document().documentMargin()
        wanted = round(min(high, max(low, text)) + around)
        if wanted != self.height():
            self.setFixedHeight(wanted)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Files dropped here are the window's to take."""
        return super().canInsertFromMimeData(source) and not paths_in(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Only plain text goes in, and of an endless one only the beginning."""
        text = source.text()
        room = max(0, LONGEST - self.document().characterCount())
        self.insertPlainText(text[:room])
        if len(text) > room:
            self.shortened.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()
