"""Page text: a document's plain text with its pages marked at the edge and one passage marked."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from ui.laid_text import LaidText
from ui.theme import Theme

CHUNK = 16_384
SLICE_S = 0.008
"""Characters put in at a time, and how long one stretch of that may take."""

EDGE = 54
"""Room at the left for page numbers."""

ABOVE = 3
"""Lines kept in sight above a passage."""


class _Edge(QWidget):
    """The strip at the left of a text, on which the text draws its page numbers."""

    def __init__(self, text: PageText) -> None:
        super().__init__(text)
        self._text = text

    def paintEvent(self, event: QPaintEvent) -> None:
        self._text.paint_edge(QPainter(self))


class PageText(QPlainTextEdit):
    """Read-only; nothing in it is interpreted, loaded or followed; laid out as it is seen."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._laid = LaidText("", (), (), (), ())
        self._passage: tuple[int, int] | None = None
        self._words: list[tuple[int, int]] = []
        self._wanted = False
        self._filled = 0
        self._fill_on = QTimer(self, singleShot=True, interval=0)
        self._fill_on.timeout.connect(self._fill)
        self.setProperty("role", "bare")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.setAccessibleName("Text of the document")
        self._edge = _Edge(self)
        self._edge.hide()
        self.updateRequest.connect(lambda *_: self._edge.update())
        theme.changed.connect(self._mark)

    def show_text(self, laid: LaidText) -> None:
        """Show a text from its beginning; the end of a long one follows when the window drew."""
        self._laid = laid
        self._passage = None
        self._words = []
        self._filled = 0
        self.setViewportMargins(EDGE if laid.pages else 0, 0, 0, 0)
        self._edge.setVisible(bool(laid.pages))
        self.clear()
        self._fill()

    @property
    def whole(self) -> bool:
        """Whether all of the text is there."""
        return self._filled >= len(self._laid.text)

    def _fill(self) -> None:
        """Put in more of the text for a short while."""
        until = time.perf_counter() + SLICE_S
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        while not self.whole and time.perf_counter() < until:
            cursor.insertText(self._laid.text[self._filled : self._filled + CHUNK])
            self._filled += CHUNK
        self._show_wanted()
        if not self.whole:
            self._fill_on.start()

    def show_passage(self, start: int, end: int, words: Sequence[tuple[int, int]] = ()) -> None:
        """Mark characters `start` to `end` of the document's own text, and bring them in sight.

        `words` are (start, length) within the passage, which stand out in it.
        """
        if end <= start:
            return
        place = self._laid.position
        self._passage = place(start), place(end)
        self._words = [(place(start + at), place(start + at + size)) for at, size in words]
        self._wanted = True
        self._show_wanted()

    def _show_wanted(self) -> None:
        """Mark the passage as soon as it is there."""
        if self._passage is None or not self._wanted:
            return
        if self.whole or self.document().characterCount() > self._passage[1]:
            self._wanted = False
            self._mark()
            self._reveal()
            # Once more when the text has got its place: its lines may be laid out anew.
            QTimer.singleShot(0, self, self._reveal)

    def _reveal(self) -> None:
        if self._passage is None:
            return
        cursor = self.textCursor()
        cursor.setPosition(self._words[0][0] if self._words else self._passage[0])
        self.setTextCursor(cursor)
        self.centerCursor()
        bar = self.verticalScrollBar()
        # Centred it would begin in the middle: the passage itself is what should be in sight.
        bar.setValue(bar.value() + self.cursorRect().top() // self._line() - ABOVE)

    def passage(self) -> str:
        """The text that is marked."""
        if self._passage is None or self._wanted:
            return ""
        return self._cursor(*self._passage).selectedText().replace("\u2029", "\n")

    def selection(self) -> str:
        """The text that is selected."""
        return self.textCursor().selectedText().replace("\u2029", "\n")

    def _line(self) -> int:
        return max(1, self.fontMetrics().lineSpacing())

    def _cursor(self, start: int, end: int) -> QTextCursor:
        last = max(0, self.document().characterCount() - 1)
        made = QTextCursor(self.document())
        made.setPosition(min(start, last))
        made.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
        return made

    def _mark(self) -> None:
        if self._passage is None:
            self.setExtraSelections([])
            return
        marks = [self._marked(self._passage, "learn_line", "text")]
        marks += [self._marked(word, "learn", "on_learn") for word in self._words]
        self.setExtraSelections(marks)

    def _marked(
        self, place: tuple[int, int], ground: str, letters: str
    ) -> QTextEdit.ExtraSelection:
        made = QTextEdit.ExtraSelection()
        made.cursor = self._cursor(*place)
        made.format.setBackground(self._theme.colour(ground))
        made.format.setForeground(self._theme.colour(letters))
        return made

    # ------------------------------------------------------------------ pages

    def pages_in_sight(self) -> list[tuple[int, int]]:
        """Number of each page that begins in sight, with the y of its first line."""
        found: list[tuple[int, int]] = []
        block = self.firstVisibleBlock()
        pages = self._laid.pages
        while block.isValid():
            top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
            if top > self.viewport().height():
                break
            at = bisect_left(pages, block.position())
            while at < len(pages) and pages[at] < block.position() + block.length():
                found.append((at + 1, round(top)))
                at += 1
            block = block.next()
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._laid.pages:
            return
        painter = QPainter(self.viewport())
        painter.setPen(QPen(self._theme.colour("line_strong"), 1, Qt.PenStyle.DashLine))
        for number, top in self.pages_in_sight():
            if number > 1:
                painter.drawLine(0, top, self.viewport().width(), top)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._edge.setGeometry(inside.left(), inside.top(), EDGE, inside.height())

    def paint_edge(self, painter: QPainter) -> None:
        """Draw page numbers into the room at the left of the text."""
        painter.setPen(self._theme.colour("text_faint"))
        painter.setFont(self._theme.font(self._theme.look.type.caption))
        for number, top in self.pages_in_sight():
            box = QRectF(0, top + 2, EDGE - 14, self._line())
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft, f"p. {number:,}")
