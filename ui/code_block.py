"""Code block: highlighted code in its own card, with its language and a Copy button."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout

from ui.controls import Button, label, row
from ui.highlight import Highlighter
from ui.still_text import StillText, height_of
from ui.theme import Theme

PAD = 12


class CodeText(StillText):
    """The code itself: never wrapped, scrolling sideways only."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("code")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFont(theme.mono(theme.look.type.small))
        self.setStyleSheet(f"font-size: {theme.look.type.small}px;")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # the transcript's
        self._odd = False

    def add(self, text: str) -> None:
        """Append text."""
        cursor = self.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)
        self._odd = self._odd or any(ord(letter) > 0x2FFF for letter in text)
        self.fit()

    def fit(self) -> None:
        """Take the height the lines need."""
        blocks = self.document().blockCount()
        if not self.document().lastBlock().text():
            blocks = max(1, blocks - 1)
        height = blocks * self.fontMetrics().lineSpacing()
        if self._odd:  # fallback fonts are taller
            height = max(height, height_of(self))
        bar = self.horizontalScrollBar()
        extra = bar.sizeHint().height() if bar.maximum() > 0 else 0
        self.set_height(height + extra + 4)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Up and down belong to the conversation; sideways to the code."""
        if abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()


class CodeBlock(QFrame):
    """One fenced block of an answer."""

    def __init__(self, theme: Theme, language: str) -> None:
        super().__init__()
        self.setProperty("role", "code-card")
        self._copy = Button(theme, "Copy", "quiet", icon="copy", tip="Copy this code", size=14)
        self._copy.clicked.connect(self._copied)
        head = QFrame()
        head.setProperty("role", "code-head")
        head.setFixedHeight(34)
        line = row(label(language or "text", "caption"), -1, self._copy)
        line.setContentsMargins(PAD, 0, 4, 0)
        head.setLayout(line)
        self._text = CodeText(theme)
        self._highlighter = Highlighter(self._text.document(), language, theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        body = row(self._text)
        body.setContentsMargins(PAD, 10, 4, 8)
        layout.addLayout(body)
        self.setAccessibleName(f"Code, {language or 'plain'}")

    def add(self, text: str) -> None:
        """Append code as it arrives."""
        self._text.add(text)

    def finish(self) -> None:
        """No more code comes."""
        self._highlighter.finish()
        self._text.fit()

    def code(self) -> str:
        """The code, without the newline that ends its fence."""
        return self._text.toPlainText().removesuffix("\n")

    def _copied(self) -> None:
        QGuiApplication.clipboard().setText(self.code())
        self._copy.setText("Copied")
        QTimer.singleShot(1200, self._copy, lambda: self._copy.setText("Copy"))
