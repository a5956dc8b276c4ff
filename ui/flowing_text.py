"""Flowing text: plain text over the whole width it is given, its long end behind a button."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui.controls import Button
from ui.plain_text import OPEN_HEIGHT, fold, printable, size_of
from ui.still_text import StillText, height_of
from ui.theme import Theme


class _Lines(StillText):
    """The text itself: as tall as its lines, and beyond `OPEN_HEIGHT` it scrolls."""

    def __init__(self) -> None:
        super().__init__("bare")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def fit(self) -> None:
        """Take the height the text needs."""
        needed = height_of(self, OPEN_HEIGHT + 1)
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if needed > OPEN_HEIGHT else policy.ScrollBarAlwaysOff
        )
        self.set_height(min(OPEN_HEIGHT, needed) + 2)


class FlowingText(QWidget):
    """A person's or the model's words exactly as they are; markup is never interpreted."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__()
        self._text = text
        self._folded = fold(text)
        self._open = False
        self._lines = _Lines()
        self._lines.setPlainText(printable(text if self._folded is None else self._folded))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._lines)
        if self._folded is not None:
            self._more = Button(theme, f"Show all · {size_of(text)}", "link")
            self._more.clicked.connect(self._toggle)
            layout.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)

    def _toggle(self) -> None:
        self._open = not self._open
        self._lines.setPlainText(printable(self._text if self._open else self._folded or ""))
        self._lines.fit()
        self._more.setText("Show less" if self._open else f"Show all · {size_of(self._text)}")
