"""Source card: one passage that was shown to the model, with its quoted text, cited or not."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from app.protocol import Source
from ui.controls import Button, column, label, row
from ui.elided import Elided
from ui.flowing_text import FlowingText
from ui.theme import Theme


class SourceCard(QFrame):
    """Emits `chosen` with the number of its source."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, source: Source, name: str) -> None:
        super().__init__()
        self.source = source
        self.setProperty("role", "quiet-card")
        title = Elided(f"{source.number} · {name}", "small-strong")
        used = label("Cited", "chip-context") if source.used else label("Not cited", "chip")
        self.open = Button(theme, "Open", "link-small", name=f"Open source {source.number}: {name}")
        self.open.clicked.connect(lambda: self.chosen.emit(self.source.number))
        self.open.setVisible(bool(source.title))
        head = row(gap=8)
        head.addWidget(title, 1)
        head.addWidget(used)
        head.addWidget(self.open)
        parts = column(head, gap=4)
        if source.heading:
            parts.addWidget(Elided(" ".join(source.heading.split()), "caption"))
        if source.text:
            parts.addWidget(FlowingText(theme, source.text.strip()))
        parts.setContentsMargins(16, 10, 12, 12)
        self.setLayout(parts)
        self.setAccessibleName(f"{'Cited' if source.used else 'Not cited'}: {name}")
