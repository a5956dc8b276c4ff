"""Prose view: a read-only text that is as tall as what it says, loads nothing and opens nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from markdown_it.token import Token
from PySide6.QtCore import QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser

from ui.prose import QUOTED, ProseWriter
from ui.theme import Theme


def open_link(url: QUrl) -> None:
    """Open a clicked link in the person's browser, and only when it is a web address."""
    if url.scheme() in ("http", "https") and url.host():
        QDesktopServices.openUrl(url)


class ProseView(QTextBrowser):
    """Finished or unfinished prose of one answer."""

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
        self.anchorClicked.connect(open_link)
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
