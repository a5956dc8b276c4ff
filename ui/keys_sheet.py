"""Keys sheet: every keyboard shortcut on one card."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from ui.controls import clear, label, row
from ui.sheet import Sheet
from ui.theme import Theme

KEYS = (
    ("New chat", "Ctrl+N"),
    ("Go to the input", "Ctrl+L"),
    ("Search conversations", "Ctrl+K"),
    ("Send", "Enter"),
    ("New line", "Shift+Enter"),
    ("Stop the answer", "Esc"),
    ("Correct the last answer", "Ctrl+E"),
    ("Save a correction", "Ctrl+Enter"),
    ("Answer again", "Ctrl+R"),
    ("The pages, from chat to settings", "Ctrl+1 … 7"),
    ("Teach what you copied", "Ctrl+V"),
    ("Open, forget a document", "Enter, Del"),
    ("Rename, delete a conversation", "F2, Del"),
    ("This sheet", "F1"),
    ("Quit", "Ctrl+Q"),
)


class KeysSheet(Sheet):
    """Read it, press Escape."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(theme, window, "Keyboard", width=480)
        grid = QGridLayout()
        grid.setVerticalSpacing(8)
        for number, (what, keys) in enumerate(KEYS):
            grid.addWidget(label(what, "soft"), number, 0)
            parts = [label(key, "key") for key in keys.split("+")]
            grid.addWidget(clear(row(-1, *parts, gap=4)), number, 1)
        self.body.addSpacing(4)
        self.body.addLayout(grid)
        self.add_close()
