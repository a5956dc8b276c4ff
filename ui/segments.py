"""Segments: a short row of choices of which one is always taken."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame

from ui.controls import Button, row
from ui.theme import Theme


class Segments(QFrame):
    """Arrow keys move inside; `chosen` carries the position of what was taken."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, name: str, options: Sequence[tuple[str, str]]) -> None:
        """`options` are words and a longer explanation each; the first one is taken."""
        super().__init__()
        self.setProperty("role", "segments")
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        line = row(gap=2)
        line.setContentsMargins(3, 3, 3, 3)
        for number, (words, tip) in enumerate(options):
            button = Button(theme, words, "segment", tip=tip, name=f"{name}: {words}")
            button.setCheckable(True)
            self._group.addButton(button, number)
            line.addWidget(button)
        self.setLayout(line)
        self.button(0).setChecked(True)
        self._group.idToggled.connect(self._toggled)

    def button(self, number: int) -> Button:
        """One of the choices."""
        found = self._group.button(number)
        assert isinstance(found, Button)
        return found

    def taken(self) -> int:
        """The position of the choice that is taken."""
        return self._group.checkedId()

    def take(self, number: int) -> None:
        """Take a choice."""
        self.button(number).setChecked(True)

    def _toggled(self, number: int, on: bool) -> None:
        if on:
            self.chosen.emit(number)
