"""Running card: what happens when the window is closed, and whether notices may tell of it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QFrame

from ui.controls import column, label
from ui.habits import Chosen, Habits

KEEPS = "So that it can study by itself while nobody is there. Quit in the tray's menu ends it."
NO_TRAY = "There is no tray here, so closing the window ends Nightschool."
TELLS = "In figures alone, never with a word of what you taught or asked."


class RunningCard(QFrame):
    """Every change is kept at once."""

    def __init__(self, habits: Habits) -> None:
        super().__init__()
        self._habits = habits
        self.setProperty("role", "card")
        self.keep = QCheckBox("Keep running in the tray when the window is closed")
        self.notices = QCheckBox("Tell me when studying ended while I did not look")
        self._keeps = label("", "caption", wrap=True)
        kept = column(self.keep, self._keeps, gap=2)
        told = column(self.notices, label(TELLS, "caption", wrap=True), gap=2)
        layout = column(kept, told, gap=10)
        layout.setContentsMargins(18, 14, 14, 14)
        self.setLayout(layout)
        self.keep.toggled.connect(self._change)
        self.notices.toggled.connect(self._change)
        habits.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen."""
        chosen, tray = self._habits.chosen, self._habits.tray
        blocked = [QSignalBlocker(self.keep), QSignalBlocker(self.notices)]
        self.keep.setChecked(chosen.keep_running)
        self.keep.setEnabled(tray)
        self.notices.setChecked(chosen.notices)
        self._keeps.setText(KEEPS if tray else NO_TRAY)
        del blocked

    def _change(self) -> None:
        told = self._habits.chosen.told
        self._habits.choose(Chosen(self.keep.isChecked(), self.notices.isChecked(), told))
