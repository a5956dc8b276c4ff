"""Copy button: puts a text on the clipboard and says so for a moment."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from ui.controls import Button
from ui.theme import Theme

WORDS = "Copy as &text"
COPIED_MS = 1600


class CopyButton(Button):
    """`text` is asked for what to copy at each click."""

    def __init__(self, theme: Theme, text: Callable[[], str]) -> None:
        super().__init__(theme, WORDS, icon="copy")
        self._text_of = text
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._text_of())
        self.setText("Copied")
        QTimer.singleShot(COPIED_MS, self, lambda: self.setText(WORDS))
