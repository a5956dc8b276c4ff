"""Still text: read-only, selectable plain text without a frame that is as tall as its lines."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit


def height_of(text: QPlainTextEdit, tallest: float = math.inf) -> int:
    """Pixels the wrapped lines of a text need, asked line by line because fallback fonts differ.

    Stops asking at `tallest`: laying out the rest of a long text would stall the window.
    """
    total = 0.0
    block = text.document().firstBlock()
    while block.isValid() and total < tallest:
        total += text.blockBoundingRect(block).height()
        block = block.next()
    return math.ceil(min(total, tallest))


class StillText(QPlainTextEdit):
    """Common to a person's words and to code; `fit` takes the height the content needs."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(0)

    def fit(self) -> None:
        """Take the height the text needs."""
        raise NotImplementedError

    def set_height(self, height: int) -> None:
        """Be exactly this tall; asks for no layout when nothing changes."""
        if height != self.height() or height != self.maximumHeight():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()
