"""Prose view: a read-only text that is as tall as what it says, loads nothing and opens nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from typing import Any

from markdown_it.token import Token
from PySide6.QtCore import QRectF, QSizeF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser

from ui.prose import QUOTED, ProseWriter
from ui.theme import Theme

SOURCE = "source"
"""The scheme of links that lead to a passage; they never leave the window."""

_NO_BRUSH = Qt.BrushStyle.NoBrush
MARKER = re.compile(r"\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]")


def open_link(url: QUrl) -> None:
    """Open a clicked link in the person's browser, and only when it is a web address."""
    if url.scheme() in ("http", "https") and url.host():
        QDesktopServices.openUrl(url)


class ProseView(QTextBrowser):
    """Finished or unfinished prose of one answer; `cited` carries the number of a marker."""

    cited = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "bare")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # the transcript's
        self.anchorClicked.connect(self._follow)
        self._writer = ProseWriter(self.document(), theme)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.setFixedHeight(0)

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return self._writer.empty

    def write(self, tokens: Sequence[Token]) -> None:
        """Append finished blocks."""
        self._writer.write(tokens)
        self._fit(self.document().size())

    def replace(self, tokens: Sequence[Token]) -> None:
        """Show these blocks and nothing else."""
        if not tokens and self.empty:
            return
        self._writer.clear()
        if tokens:
            self.write(tokens)
        else:
            self.setFixedHeight(0)

    def cite(self, numbers: Collection[int]) -> None:
        """Make markers of these numbers links, and those of others the text they are."""
        block = self.document().firstBlock()
        while block.isValid():
            for marker in MARKER.finditer(block.text()):
                for digits in re.finditer(r"\d+", marker.group()):
                    at = marker.start() + digits.start()
                    self._link(block, at, digits.group(), int(digits.group()) in numbers)
            block = block.next()

    def _link(self, block: QTextBlock, at: int, digits: str, on: bool) -> None:
        """Python and Qt count letters beyond the first 65,536 differently."""
        wide = sum(letter > "\uffff" for letter in block.text()[:at])
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + at + wide)
        cursor.movePosition(
            QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, len(digits)
        )
        now = cursor.charFormat()
        ours = now.anchorHref() == f"{SOURCE}:{digits}"
        if on is ours or (now.isAnchor() and not ours) or now.background().style() != _NO_BRUSH:
            return
        made = QTextCharFormat()
        made.setAnchor(on)
        made.setAnchorHref(f"{SOURCE}:{digits}" if on else "")
        made.setForeground(self._theme.colour("accent" if on else "text"))
        made.setFontWeight(600 if on else 400)
        cursor.mergeCharFormat(made)

    def _follow(self, url: QUrl) -> None:
        number = url.path()
        if url.scheme() == SOURCE and number.isdecimal():
            self.cited.emit(int(number))
        else:
            open_link(url)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Nothing is ever loaded, neither from the network nor from the disk."""
        return None

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The conversation scrolls, not the single text."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter: QPainter | None = None
        block = self.document().firstBlock()
        layout = self.document().documentLayout()
        while block.isValid():
            if block.blockFormat().hasProperty(QUOTED):
                if painter is None:
                    painter = QPainter(self.viewport())
                    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(self._theme.colour("line_strong"))
                box = layout.blockBoundingRect(block)
                rightwards = block.textDirection() == Qt.LayoutDirection.RightToLeft
                x = self.viewport().width() - 3 if rightwards else 0
                painter.drawRoundedRect(QRectF(x, box.top(), 3, box.height() - 2), 1.5, 1.5)
            block = block.next()
        if painter is not None:
            painter.end()

    def _fit(self, size: QSizeF) -> None:
        height = 0 if self.empty else math.ceil(size.height())
        if height != self.height() or self.maximumHeight() != height:
            self.setFixedHeight(height)
