"""Paste offer: the quiet line that offers to keep a long pasted text as a document."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.controls import Button, label, row
from ui.plain_text import size_of
from ui.theme import Theme

LONG = 2000
"""Characters from which on a pasted text may be worth keeping."""


class PasteOffer(QWidget):
    """Hidden while there is nothing to offer; `keep_wanted` carries the text."""

    keep_wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._text = ""
        self._told = label("", "caption")
        self.keep = Button(theme, "&Keep as a document", "link-small")
        self.keep.clicked.connect(self._keep)
        self._away = Button(theme, "", "quiet", icon="close", tip="Don’t keep it", size=12)
        self._away.clicked.connect(self.hide)
        self.setLayout(row(self._told, self.keep, self._away, -1, gap=6))
        self.hide()

    def offer(self, text: str) -> None:
        """Offer a text, when it is long."""
        if len(text) >= LONG:
            self._text = text
            self._told.setText(f"Pasted text, {size_of(text)}.")
            self.show()

    def _keep(self) -> None:
        self.hide()
        self.keep_wanted.emit(self._text)
