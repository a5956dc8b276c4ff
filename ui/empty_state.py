"""Empty state: what a page says when it has nothing to show yet, and how that changes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from ui.controls import Button, Picture, column, label, row
from ui.flow import Flow
from ui.theme import Theme


class EmptyState(QFrame):
    """A picture, a title, a few steps (icon, colour, words), and the buttons that lead on."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        title: str,
        *buttons: Button,
        steps: tuple[tuple[str, str, str], ...],
    ) -> None:
        super().__init__()
        self.setProperty("role", "quiet-card")
        lines: list[QWidget] = []
        for drawing, colour, words in steps:
            line = row(gap=12)
            line.addWidget(Picture(theme, drawing, colour, 18), 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(label(words, "soft", wrap=True), 1)
            holder = QWidget()
            holder.setLayout(line)
            lines.append(holder)
        choices = Flow(10)
        for button in buttons:
            choices.addWidget(button)
        layout = column(
            row(Picture(theme, icon, "learn", 44), -1),
            4,
            label(title, "title", wrap=True),
            *lines,
            8,
            choices,
            gap=10,
        )
        layout.setContentsMargins(28, 26, 28, 26)
        self.setLayout(layout)
