"""Question view: what the person asked, in a bubble on the right, with Edit and Copy."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.controls import Button, Hoverable, card, clear, row
from ui.plain_text import FoldedText
from ui.theme import Theme
from ui.tokens import COLUMN

WIDEST = 520


class QuestionView(Hoverable):
    """One question; `message_id` is None until the service has it."""

    edit_wanted = Signal(object)

    def __init__(self, theme: Theme, text: str, message_id: int | None) -> None:
        super().__init__(self._attended)
        self.text = text
        self.message_id = message_id
        bubble = card("bubble")
        inner = QVBoxLayout(bubble)
        inner.setContentsMargins(16, 10, 16, 10)
        inner.addWidget(FoldedText(theme, text, WIDEST))
        self._edit = Button(theme, "", "quiet", icon="pencil", tip="Edit this question", size=14)
        self._edit.clicked.connect(lambda: self.edit_wanted.emit(self))
        self._copy = Button(theme, "", "quiet", icon="copy", tip="Copy this question", size=14)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text))
        self._actions = clear(row(self._edit, self._copy, gap=0))
        policy = self._actions.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._actions.setSizePolicy(policy)
        self._actions.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addStretch(1)
        layout.addWidget(self._actions, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(bubble)
        self.setMaximumWidth(COLUMN)
        self.setAccessibleName("You asked: " + text[:200])

    def first_action(self) -> QWidget:
        return self._edit

    def _attended(self, on: bool) -> None:
        self._actions.setVisible(on and self.message_id is not None)
