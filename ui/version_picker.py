"""Version picker: a button whose menu chooses a version of what was learned, or none of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from app.protocol import AdapterRecord
from ui.controls import Button
from ui.theme import Theme
from ui.version_row import UNTOUCHED


def name_of(version: int) -> str:
    """A version as a person reads it."""
    return f"Version {version}" if version else "Nothing learned"


class VersionPicker(Button):
    """Emits `chosen`; 0 stands for the model as it came."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, place: str) -> None:
        """`place` tells two pickers apart, as “left”."""
        super().__init__(theme, "", icon="down", size=12)
        self._place = place
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setMenu(QMenu(self))
        self.version = UNTOUCHED
        self.take(UNTOUCHED)

    def show_versions(self, records: Sequence[AdapterRecord]) -> None:
        """Offer these; one that is gone is no longer chosen."""
        menu = self.menu()
        menu.clear()
        group = QActionGroup(menu)
        active = next((record.version for record in records if record.active), UNTOUCHED)
        for version in (*(record.version for record in records), UNTOUCHED):
            name = f"{name_of(version)}{' (in use)' if version == active else ''}"
            action = QAction(name, menu, checkable=True)
            action.setData(version)
            action.triggered.connect(partial(self._choose, version))
            group.addAction(action)
            menu.addAction(action)
        gone = self.version not in {record.version for record in records}
        self.take(UNTOUCHED if gone else self.version)

    def take(self, version: int) -> None:
        """Choose a version."""
        self.version = version
        self.setText(name_of(version))
        self.setAccessibleName(f"Version on the {self._place}: {name_of(version)}. Change it")
        for action in self.menu().actions():
            action.setChecked(action.data() == version)

    def _choose(self, version: int, _checked: bool = False) -> None:
        self.take(version)
        self.chosen.emit(version)
